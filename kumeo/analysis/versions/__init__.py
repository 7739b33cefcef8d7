"""Two versions of a workflow: what each one is, and what has changed between them."""
