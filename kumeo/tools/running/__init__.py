"""What the commands share that build, run and look at workflows."""
