"""The REST service of tasks: a table of routes, their security, and what they answer."""
