"""Which messages and reports are the same but for the last digits of their numbers.

Passes that compute numbers in another order or in another width say how far they may move
(`ROUNDS`). A number may differ by that, or by that part of itself, also where a text shows it;
nothing else may.
"""

import json
import math
from collections.abc import Iterable, Sequence
from typing import Any, TypeVar, cast

from kumeo.interp.answers import FLOATS
from kumeo.interp.oracle.observe import Message, Report

_LIBRARY_CODE = "model-failed"
"""Failures with this code carry the text of a library, which is no promise of anybody."""

T = TypeVar("T", Message, Report)


def without_close(lost: Sequence[T], new: Sequence[T], rounds: float) -> tuple[list[T], list[T]]:
    """Return both sides without what has a close partner on the other side."""
    left, right = list(lost), list(new)
    for item in lost:
        partner = next((other for other in right if is_close(item, other, rounds)), None)
        if partner is not None:
            left.remove(item)
            right.remove(partner)
    return left, right


def is_close(first: Message | Report, second: Message | Report, rounds: float) -> bool:
    """Say whether two messages or two reports differ at most in the last digits of numbers."""
    same = _frame(first) == _frame(second)
    return same and numbers_close(_content(first), _content(second), rounds)


def _frame(item: Message | Report) -> Message | Report:
    """Return what no rounding touches."""
    if isinstance(item, Message):
        return item._replace(payload="")
    return item._replace(payload="", message="")


def _content(item: Message | Report) -> list[Any]:
    text = item.message if isinstance(item, Report) else ""
    if isinstance(item, Report) and item.code == _LIBRARY_CODE:
        text = ""
    try:
        return [text, json.loads(item.payload)]
    except ValueError:
        return [text, item.payload]


def numbers_close(first: Any, second: Any, rounds: float) -> bool:
    """Say whether two JSON values are equal, floats up to a part of `rounds`."""
    if isinstance(first, float) and isinstance(second, float):
        both_nan = math.isnan(first) and math.isnan(second)
        return both_nan or math.isclose(first, second, rel_tol=rounds, abs_tol=rounds)
    if isinstance(first, dict) and isinstance(second, dict):
        left, right = cast(dict[str, Any], first), cast(dict[str, Any], second)
        return left.keys() == right.keys() and _all_close(
            ((left[key], right[key]) for key in left), rounds
        )
    if isinstance(first, list) and isinstance(second, list):
        items, others = cast(list[Any], first), cast(list[Any], second)
        return len(items) == len(others) and _all_close(zip(items, others, strict=True), rounds)
    if isinstance(first, str) and isinstance(second, str):
        return first == second or _texts_close(first, second, rounds)
    return _same_kind(cast(object, first), second) and bool(first == second)


def _texts_close(first: str, second: str, rounds: float) -> bool:
    """Say whether two texts are equal but for the last digits of the floats that they show."""
    if FLOATS.split(first) != FLOATS.split(second):
        return False
    left, right = ([float(text) for text in FLOATS.findall(each)] for each in (first, second))
    return numbers_close(left, right, rounds)


def _same_kind(first: object, second: object) -> bool:
    return first.__class__ is second.__class__


def _all_close(pairs: Iterable[tuple[Any, Any]], rounds: float) -> bool:
    return all(numbers_close(first, second, rounds) for first, second in pairs)
