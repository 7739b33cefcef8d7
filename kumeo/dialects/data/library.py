"""The meaning of the library functions of `functions.py`, over plain Python values."""

import json
import math
import re
from collections.abc import Callable, Hashable, Sequence
from typing import Any

from xdsl.ir import Attribute

from kumeo.dialects.data.casting import truncated
from kumeo.dialects.data.failures import DataFailure
from kumeo.dialects.data.moments import calendar, time_from_text, time_to_text
from kumeo.dialects.data.semantics import add, checked, identity_of, rounded
from kumeo.dialects.data.types import BOOL, DURATION, FLOAT, INT, JSON, TIME, ListType

WHITE_SPACE = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)
RANGE_MAX = 1_000_000
_INTEGER = re.compile(r"[+-]?[0-9]+")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")


def call(name: str, arguments: Sequence[Any], types: Sequence[Attribute]) -> Any:
    """Return the value of a library function; raise DataFailure if it has none.

    `types` matter where values alone do not tell: an integer may be a duration, a list empty.
    """
    typed = TYPED.get(name)
    return typed(*arguments, *types) if typed else IMPLEMENTATIONS[name](*arguments)


def trim(text: str) -> str:
    """Return `text` without white space at its ends."""
    return text.strip(WHITE_SPACE)


def join(parts: Sequence[str], separator: str) -> str:
    """Return the parts with a separator between them."""
    return separator.join(parts)


def split(text: str, separator: str) -> list[str]:
    """Return the parts between separators; an empty separator gives the code points."""
    return text.split(separator) if separator else list(text)


def substring(text: str, start: int, end: int | None = None) -> str:
    """Return code points [start, end), both clamped to the text."""
    stop = len(text) if end is None else max(end, 0)
    return text[max(start, 0) : stop]


def to_string(value: Any, type: Attribute) -> str:
    """Return the text of a value of `type`."""
    if type == JSON:
        return json_text(value)
    if type == BOOL:
        return "true" if value else "false"
    if type == FLOAT:
        return repr(value)
    if type == INT:
        return str(value)
    if type == TIME:
        return time_to_text(value)
    if type == DURATION:
        return _duration_text(value)
    return value


def _duration_text(micros: int) -> str:
    whole, fraction = divmod(abs(micros), 1_000_000)
    digits = f".{fraction:06}".rstrip("0") if fraction else ""
    return f"{'-' if micros < 0 else ''}{whole}{digits}s"


def json_text(value: Any) -> str:
    """Return compact JSON text with sorted keys."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def to_int(value: Any) -> int:
    """Return the integer of decimal text, or a float cut towards zero."""
    if isinstance(value, str):
        if _INTEGER.fullmatch(value) is None:
            raise DataFailure("invalid-text", f'"{value:.40}" is no integer')
        if len(value) > 40 and len(value.lstrip("+-0")) > 19:
            raise DataFailure("overflow", "the integer does not fit into 64 bits")
        return checked(int(value.lstrip("+-0") or "0") * (-1 if value[0] == "-" else 1))
    return truncated(value) if isinstance(value, float) else value


def to_float(value: Any) -> float:
    """Return the number of decimal text or an integer; too large text gives infinity."""
    if isinstance(value, str) and _NUMBER.fullmatch(value) is None:
        raise DataFailure("invalid-text", f'"{value:.40}" is no number')
    return float(value)


def parse_json(text: str) -> Any:
    """Return the value of JSON text; integers beyond 64 bits and fractions are floats."""
    try:
        value = json.loads(
            text, parse_constant=_no_constant, parse_int=_json_int, parse_float=_json_float
        )
        json_text(value).encode("utf-8")
    except (ValueError, RecursionError) as fault:
        raise DataFailure("invalid-text", f"the text is no JSON: {fault}") from None
    return value


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


def _json_int(digits: str) -> int | float:
    if len(digits) > 20:
        return _json_float(digits)
    number = int(digits)
    return number if -(2**63) <= number < 2**63 else _json_float(digits)


def _json_float(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise ValueError(f"{digits:.40} is too large")
    return number


def absolute(value: Any) -> Any:
    """Return the distance from zero, checked for integers."""
    return checked(abs(value))


def smallest(first: Any, *second: Any) -> Any:
    """Return the smaller of two, or the smallest of a list; NaN only if nothing else is there."""
    items = [first, *second] if second else first
    return min(items, key=order_of) if items else None


def largest(first: Any, *second: Any) -> Any:
    """Return the larger of two, or the largest of a list; NaN only if nothing else is there."""
    items = [item for item in ([first, *second] if second else first)]
    numbers = [item for item in items if item == item]
    return max(numbers or items) if items else None


def order_of(value: Any) -> tuple[bool, Any]:
    """Return the sort key of an ordered value: NaN comes last."""
    return (value != value, value)


def to_whole(rounding: Callable[[float], int]) -> Callable[[float], int]:
    """Return `rounding`, checked for 64 bits and finite numbers."""

    def whole(value: float) -> int:
        if not math.isfinite(value):
            raise DataFailure("not-finite", f"{value} is no integer")
        return checked(rounding(value))

    return whole


def square_root(value: float) -> float:
    """Return the square root of a number that is not negative."""
    if value < 0:
        raise DataFailure("invalid-argument", f"{value} has no square root")
    return math.sqrt(value)


def logarithm(value: float) -> float:
    """Return the natural logarithm of a positive number."""
    if value <= 0:
        raise DataFailure("invalid-argument", f"{value} has no logarithm")
    return math.log(value)


def exponential(value: float) -> float:
    """Return e to the power of `value`, infinity if that is too large."""
    try:
        return math.exp(value)
    except OverflowError:
        return math.inf


def power(base: float, exponent: float) -> float:
    """Return base ** exponent by IEEE 754, infinity if too large."""
    if base == 0 and exponent < 0:
        raise DataFailure("division-by-zero", "zero has no negative power")
    try:
        return math.pow(base, exponent)
    except OverflowError:
        is_odd = exponent % 2 == 1
        return -math.inf if base < 0 and is_odd else math.inf
    except ValueError:
        raise DataFailure("invalid-argument", f"{base} has no power {exponent}") from None


def clamp(value: Any, low: Any, high: Any) -> Any:
    """Return `value` moved into [low, high]; NaN stays NaN."""
    if not low <= high:
        raise DataFailure("invalid-argument", f"{low} to {high} is no range")
    return low if value < low else high if value > high else value


def total(items: Sequence[Any], type: Attribute) -> Any:
    """Return the sum from left to right, from zero; a partial sum that overflows fails."""
    item_type = type.item if isinstance(type, ListType) else INT
    result: Any = 0.0 if item_type == FLOAT else 0
    for item in items:
        result = add(result, item, item_type)
    return result


def mean(items: Sequence[Any]) -> float | None:
    """Return the mean as a float, or None for an empty list."""
    result = 0.0
    for item in items:
        result += float(item)
    return result / len(items) if items else None


def unique(items: Sequence[Any]) -> list[Any]:
    """Return the items without later equal ones."""
    seen: dict[Hashable, Any] = {}
    for item in items:
        seen.setdefault(identity_of(item), item)
    return list(seen.values())


def count(start: int, end: int | None = None) -> list[int]:
    """Return the integers [0, start) or [start, end), at most a million."""
    numbers = range(start) if end is None else range(start, end)
    if numbers and (numbers[-1] - numbers[0]) >= RANGE_MAX:
        raise DataFailure("overflow", f"a range has at most {RANGE_MAX} items")
    return list(numbers)


def sorted_values(entries: dict[str, Any]) -> list[Any]:
    """Return the values in the order of their keys."""
    return [entries[key] for key in sorted(entries)]


def sorted_items(items: Sequence[Any]) -> list[Any]:
    """Return the items in ascending order."""
    return sorted(items, key=order_of)


def backwards(items: Sequence[Any]) -> list[Any]:
    """Return the items from the end."""
    return list(reversed(items))


def part_of_time(part: str) -> Callable[[int], int]:
    """Return a reader of one part of the UTC calendar time."""

    def read(micros: int) -> int:
        return getattr(calendar(micros), part)

    return read


def weekday(micros: int) -> int:
    """Return the day of the week, 1 for Monday."""
    return calendar(micros).isoweekday()


def in_seconds(micros: int) -> float:
    """Return microseconds as seconds."""
    return float(micros) / 1e6


def at_or_none(position: int) -> Callable[[Sequence[Any]], Any]:
    """Return a reader of one item that gives None for an empty list."""
    return lambda items: items[position] if items else None


TYPED: dict[str, Callable[..., Any]] = {"to_string": to_string, "sum": total}
"""Functions that also take the types of their arguments."""

IMPLEMENTATIONS: dict[str, Callable[..., Any]] = {
    "lower": str.lower,
    "upper": str.upper,
    "trim": trim,
    "starts_with": str.startswith,
    "ends_with": str.endswith,
    "replace": str.replace,
    "split": split,
    "join": join,
    "substring": substring,
    "to_int": to_int,
    "to_float": to_float,
    "parse_json": parse_json,
    "abs": absolute,
    "min": smallest,
    "max": largest,
    "floor": to_whole(math.floor),
    "ceil": to_whole(math.ceil),
    "round": rounded,
    "sqrt": square_root,
    "ln": logarithm,
    "exp": exponential,
    "pow": power,
    "clamp": clamp,
    "mean": mean,
    "sort": sorted_items,
    "reverse": backwards,
    "unique": unique,
    "first": at_or_none(0),
    "last": at_or_none(-1),
    "keys": sorted,
    "values": sorted_values,
    "range": count,
    "hour": part_of_time("hour"),
    "minute": part_of_time("minute"),
    "day": part_of_time("day"),
    "month": part_of_time("month"),
    "year": part_of_time("year"),
    "weekday": weekday,
    "timestamp": time_from_text,
    "seconds": in_seconds,
    "epoch": in_seconds,
}
