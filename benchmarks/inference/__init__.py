"""What compiled numeric agents cost."""
