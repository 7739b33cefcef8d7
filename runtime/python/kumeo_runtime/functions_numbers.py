"""Checked arithmetic and the library functions on numbers, times and durations."""

import math
from collections.abc import Callable, Sequence
from typing import Any, TypeVar, overload

from kumeo_runtime.moments import TIME_MAX, TIME_MIN
from kumeo_runtime.values import INT_MAX, INT_MIN, Duration, Failure, Time

Ordered = TypeVar("Ordered", int, float, str, Time, Duration)
Number = TypeVar("Number", int, float, Duration)
RANGE_MAX = 1_000_000


@overload
def add(a: Time, b: Duration) -> Time | Failure: ...
@overload
def add(a: Duration, b: Time) -> Time | Failure: ...
@overload
def add(a: Duration, b: Duration) -> Duration | Failure: ...
@overload
def add(a: int, b: int) -> int | Failure: ...
def add(a: Any, b: Any) -> Any:
    """Return a + b, checked. Floats need no check: `a + b` is printed for them."""
    result = a + b
    if type(result) is float:
        return result
    if type(a) is int:
        if type(b) is int:
            return result if INT_MIN <= result <= INT_MAX else _too_large(result)
        return _timed(result, type(b))
    return _timed(result, Time if type(b) is Time else type(a))


@overload
def sub(a: Time, b: Time) -> Duration | Failure: ...
@overload
def sub(a: Time, b: Duration) -> Time | Failure: ...
@overload
def sub(a: Duration, b: Duration) -> Duration | Failure: ...
@overload
def sub(a: int, b: int) -> int | Failure: ...
def sub(a: Any, b: Any) -> Any:
    """Return a - b, checked for all but floats."""
    result = a - b
    if type(result) is float:
        return result
    if type(a) is int:
        return result if INT_MIN <= result <= INT_MAX else _too_large(result)
    return _timed(result, Duration if type(b) is Time else type(a))


@overload
def mul(a: Duration, b: float) -> Duration | Failure: ...
@overload
def mul(a: float, b: Duration) -> Duration | Failure: ...
@overload
def mul(a: int, b: int) -> int | Failure: ...
def mul(a: Any, b: Any) -> Any:
    """Return a * b; a duration times a float is rounded, half to even."""
    if type(a) is Duration or type(b) is Duration:
        return _mul_duration(a, b)
    result = a * b
    if type(result) is float or INT_MIN <= result <= INT_MAX:
        return result
    return _too_large(result)


def _mul_duration(a: Any, b: Any) -> Duration | Failure:
    if not isinstance(a, float) and not isinstance(b, float):
        return _timed(a * b, Duration)
    result = round_half_even(float(a) * float(b))
    return result if isinstance(result, Failure) else Duration(result)


@overload
def div(a: Duration, b: Duration) -> float | Failure: ...
@overload
def div(a: float, b: float) -> float | Failure: ...
def div(a: Any, b: Any) -> float | Failure:
    """Return a / b of two floats, or of two durations."""
    if b == 0:
        return Failure("division-by-zero", f"{a} is divided by zero")
    return float(a) / float(b)


@overload
def rem(a: int, b: int) -> int | Failure: ...
@overload
def rem(a: float, b: float) -> float | Failure: ...
def rem(a: Any, b: Any) -> Any:
    """Return the remainder of a / b with the sign of a."""
    if b == 0:
        return Failure("division-by-zero", f"the remainder of {a} by zero has no value")
    if isinstance(a, int):
        size = abs(a) % abs(b)
        return -size if a < 0 else size
    return math.nan if math.isinf(a) else math.fmod(a, b)


@overload
def neg(a: Duration) -> Duration | Failure: ...
@overload
def neg(a: int) -> int | Failure: ...
def neg(a: Any) -> Any:
    """Return -a, checked for all but floats."""
    return _as_kind(-a, a)


@overload
def absolute(value: Duration) -> Duration | Failure: ...
@overload
def absolute(value: int) -> int | Failure: ...
@overload
def absolute(value: float) -> float | Failure: ...
def absolute(value: Any) -> Any:
    """Return the distance from zero."""
    return _as_kind(abs(value), value)


def _as_kind(result: Any, like: Any) -> Any:
    if type(result) is float:
        return result
    if type(like) is Duration:
        return _timed(result, Duration)
    return result if INT_MIN <= result <= INT_MAX else _too_large(result)


def _timed(result: int, kind: Any) -> Any:
    """Return microseconds as a time or a duration."""
    if kind is Time:
        if TIME_MIN <= result <= TIME_MAX:
            return Time(result)
        return Failure("overflow", f"{result} does not fit into the years 1 to 9999")
    return Duration(result) if INT_MIN <= result <= INT_MAX else _too_large(result)


def _too_large(result: int) -> Failure:
    return Failure("overflow", f"{result} does not fit into 64 bits")


SMALL = 2.0**63
floored, ceiled, rounded, truncated = math.floor, math.ceil, round, math.trunc
"""The same functions for numbers of which the compiler has proved that they fit into 64 bits."""


def truncate(value: float) -> int | Failure:
    """Return a float cut towards zero."""
    return math.trunc(value) if -SMALL <= value < SMALL else _whole(value, math.trunc)


def floor(value: float) -> int | Failure:
    """Return the next integer below."""
    return math.floor(value) if -SMALL <= value < SMALL else _whole(value, math.floor)


def ceil(value: float) -> int | Failure:
    """Return the next integer above."""
    return math.ceil(value) if -SMALL <= value < SMALL else _whole(value, math.ceil)


def round_half_even(value: float) -> int | Failure:
    """Return the nearest integer, half to even."""
    return round(value) if -SMALL <= value < SMALL else _whole(value, round)


def _whole(value: float, rounding: Callable[[float], int]) -> int | Failure:
    if not math.isfinite(value):
        return Failure("not-finite", f"{value} is no integer")
    result = rounding(value)
    return result if INT_MIN <= result <= INT_MAX else _too_large(result)


def sqrt(value: float) -> float | Failure:
    """Return the square root of a number that is not negative."""
    if value < 0:
        return Failure("invalid-argument", f"{value} has no square root")
    return math.sqrt(value)


def ln(value: float) -> float | Failure:
    """Return the natural logarithm of a positive number."""
    if value <= 0:
        return Failure("invalid-argument", f"{value} has no logarithm")
    return math.log(value)


def exp(value: float) -> float:
    """Return e to a power, infinity if that is too large."""
    try:
        return math.exp(value)
    except OverflowError:
        return math.inf


def power(base: float, exponent: float) -> float | Failure:
    """Return base ** exponent, infinity if too large."""
    if base == 0 and exponent < 0:
        return Failure("division-by-zero", "zero has no negative power")
    try:
        return math.pow(base, exponent)
    except OverflowError:
        return -math.inf if base < 0 and exponent % 2 == 1 else math.inf
    except ValueError:
        return Failure("invalid-argument", f"{base} has no power {exponent}")


def clamp(value: Number, low: Number, high: Number) -> Number | Failure:
    """Return `value` moved into [low, high]; NaN stays NaN."""
    if not low <= high:
        return Failure("invalid-argument", f"{low} to {high} is no range")
    return low if value < low else high if value > high else value


@overload
def smallest(first: list[Ordered]) -> Ordered | None: ...
@overload
def smallest(first: Ordered, second: Ordered) -> Ordered: ...
def smallest(first: Any, second: Any = None) -> Any:
    """Return the smaller of two, or of a list; NaN only if nothing else is there."""
    items = first if second is None else (first, second)
    return min(items, key=order_of) if items else None


@overload
def largest(first: list[Ordered]) -> Ordered | None: ...
@overload
def largest(first: Ordered, second: Ordered) -> Ordered: ...
def largest(first: Any, second: Any = None) -> Any:
    """Return the larger of two, or of a list; NaN only if nothing else is there."""
    items = first if second is None else (first, second)
    numbers = [item for item in items if item == item]
    return max(numbers or items) if items else None


def order_of(value: Any) -> tuple[bool, Any]:
    """Return the sort key of an ordered value: NaN comes last."""
    return (value != value, value)


@overload
def total(items: list[Duration], zero: Duration) -> Duration | Failure: ...
@overload
def total(items: list[int], zero: int) -> int | Failure: ...
@overload
def total(items: list[float], zero: float) -> float | Failure: ...
def total(items: Any, zero: Any) -> Any:
    """Return the sum from left to right, from `zero`, which tells the kind of the items."""
    result: Any = zero
    for item in items:
        result = _add(result, item)
        if isinstance(result, Failure):
            return result
    return result


def mean(items: Sequence[float]) -> float | None:
    """Return the mean, or None for an empty list."""
    result = 0.0
    for item in items:
        result += float(item)
    return result / len(items) if items else None


def count(start: int, end: int | None = None) -> list[int] | Failure:
    """Return the integers [0, start) or [start, end), at most a million."""
    numbers = range(start) if end is None else range(start, end)
    if numbers and numbers[-1] - numbers[0] >= RANGE_MAX:
        return Failure("overflow", f"a range has at most {RANGE_MAX} items")
    return list(numbers)


_add: Callable[[Any, Any], Any] = add
