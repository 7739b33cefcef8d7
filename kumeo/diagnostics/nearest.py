"""The nearest known name to a misspelt one, for the help line of a diagnostic."""

from collections.abc import Iterable
from difflib import get_close_matches


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name most like `name`, or None when none is close."""
    candidates = {k.lower(): k for k in sorted(known)}
    found = get_close_matches(name.lower(), list(candidates), n=1, cutoff=0.6)
    return candidates[found[0]] if found else None
