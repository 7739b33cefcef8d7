"""Whether a payload has what a test expects, and where it differs.

A pattern is JSON data. An object matches an object that has at least its fields; a list matches a
list of the same length, item by item; numbers match when they are equal to 9 digits; everything
else matches what is equal to it. `true` is no number.
"""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from difflib import ndiff
from typing import Any, NamedTuple, cast


class _Missing:
    """What stands where an object has no such field."""

    def __repr__(self) -> str:
        return "nothing"


MISSING: Any = _Missing()


class Mismatch(NamedTuple):
    """One place where a payload is not as expected; `path` is like `.tx.items[2]`."""

    path: str
    expected: Any
    actual: Any


def mismatches(pattern: Any, actual: Any, path: str = "") -> Iterator[Mismatch]:
    """Yield each place where `actual` does not match."""
    if isinstance(pattern, Mapping) and isinstance(actual, Mapping):
        fields = cast(Mapping[str, Any], pattern)
        for name, wanted in fields.items():
            found = cast(Mapping[str, Any], actual).get(name, MISSING)
            yield from mismatches(wanted, found, f"{path}.{name}")
    elif isinstance(pattern, list) and isinstance(actual, list):
        yield from _lists(cast(list[Any], pattern), cast(list[Any], actual), path)
    elif not _equal(pattern, actual):
        yield Mismatch(path, pattern, actual)


def _lists(pattern: list[Any], actual: list[Any], path: str) -> Iterator[Mismatch]:
    if len(pattern) != len(actual):
        yield Mismatch(path, pattern, actual)
        return
    for index, (wanted, found) in enumerate(zip(pattern, actual, strict=True)):
        yield from mismatches(wanted, found, f"{path}[{index}]")


def _equal(pattern: Any, actual: Any) -> bool:
    if isinstance(pattern, bool) or isinstance(actual, bool):
        return pattern is actual
    if isinstance(pattern, int | float) and isinstance(actual, int | float):
        return math.isclose(pattern, actual, rel_tol=1e-9, abs_tol=1e-12)
    return type(pattern) is type(actual) and pattern == actual


def difference(pattern: Any, actual: Any) -> list[str]:
    """Return the lines of a diff: `- ` expected, `+ ` what came, two blanks for what agrees.

    Fields that the pattern does not name are left out, because they do not matter.
    """
    before, after = _lines(pattern), _lines(_named(pattern, actual))
    return [line.rstrip("\n") for line in ndiff(before, after) if not line.startswith("?")]


def _named(pattern: Any, actual: Any) -> object:
    """Return the part of a payload that a pattern speaks of, with its numbers if they match."""
    if isinstance(pattern, Mapping) and isinstance(actual, Mapping):
        return _named_fields(cast(Mapping[str, Any], pattern), cast(Mapping[str, Any], actual))
    if isinstance(pattern, list) and isinstance(actual, list):
        return _named_items(cast(Sequence[Any], pattern), cast(Sequence[Any], actual))
    return cast(object, pattern if _equal(pattern, actual) else actual)


def _named_fields(pattern: Mapping[str, Any], actual: Mapping[str, Any]) -> Mapping[str, Any]:
    kept = {name: _named(pattern[name], actual[name]) for name in pattern if name in actual}
    return kept if kept or not pattern else actual


def _named_items(pattern: Sequence[Any], actual: Sequence[Any]) -> list[Any]:
    named = [_named(wanted, found) for wanted, found in zip(pattern, actual, strict=False)]
    return [*named, *actual[len(named) :]]


def _lines(value: Any) -> list[str]:
    """Return JSON in lines without commas at their ends, which would differ for no reason."""
    text = json.dumps(value, indent=2, ensure_ascii=False, default=str)
    lines = ["[", "]"] if value == [] else text.splitlines()
    return [line.removesuffix(",") + "\n" for line in lines]
