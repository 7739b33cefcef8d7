"""Value domains: what values of one event can be at each place of a program."""
