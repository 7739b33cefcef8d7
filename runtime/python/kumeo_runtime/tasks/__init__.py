"""Tasks for people: what may be done with them, by whom, and what was done."""
