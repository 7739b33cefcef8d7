"""Code of a user that fails, or takes its whole process along."""

import os


def check(n: int, kind: str) -> int:
    """Return a number, unless the event is bad."""
    if kind == "killer":
        os._exit(9)
    if kind == "poison":
        raise ValueError("this event is poison")
    return n * 3
