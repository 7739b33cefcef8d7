"""The command line tools: the only place that reads arguments, touches files or exits."""
