"""What brings events into the store: files, HTTP, clocks. NATS subjects need nobody."""
