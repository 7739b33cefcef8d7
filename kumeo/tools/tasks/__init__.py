"""What the commands of tasks share, and those that are more than looking."""
