"""`kumeo test --record`: a live run of the tests, and its answers written into the file."""
