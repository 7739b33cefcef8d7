"""Help for tests: a loop with virtual time, a simulation of the delivery protocol."""
