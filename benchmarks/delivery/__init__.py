"""What delivery on JetStream costs."""
