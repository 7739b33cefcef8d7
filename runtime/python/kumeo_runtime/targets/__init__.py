"""What takes values out of the store: files and HTTP. NATS subjects need nobody."""
