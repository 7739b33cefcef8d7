"""Tells people that a task waits for them: by webhook and by e-mail."""
