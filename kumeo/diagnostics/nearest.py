"""The nearest known name to a misspelt one, for the help line of a diagnostic."""

from collections.abc import Iterable
from difflib import get_close_matches
from itertools import islice

_COMPARED_MAX = 300
"""With more names than this only those that begin alike are compared, and no more than this.

A comparison costs microseconds, but a file may hold thousands of names and of mistakes.
"""


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name most like `name`, or None when none is close."""
    candidates = {k.lower(): k for k in sorted(known)}
    word = name.lower()
    if word in candidates:
        return candidates[word]
    found = get_close_matches(word, _compared(word, candidates), n=1, cutoff=0.6)
    return candidates[found[0]] if found else None


def _compared(word: str, candidates: Iterable[str]) -> list[str]:
    names = list(candidates)
    if len(names) <= _COMPARED_MAX:
        return names
    alike = (each for each in names if each[:2] == word[:2] and abs(len(each) - len(word)) <= 2)
    return list(islice(alike, _COMPARED_MAX))
