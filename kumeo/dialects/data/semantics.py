"""The meaning of the scalar operations, over plain Python values.

Folding and the interpreter both use these functions, so there is one meaning. Values are `str`,
`int` (i64, and microseconds for times and durations), `float`, `bool`, `bytes`, enum = `str`,
option = None or the value, lists, dicts (maps and records) and plain JSON data. An operation that
has no value raises DataFailure. Casts are in `casting.py`, the library in `library.py`.
"""

import math
from collections.abc import Hashable, Mapping, Sequence
from typing import Any
from typing import cast as as_type

from xdsl.ir import Attribute

from kumeo.dialects.data.casting import cast, decode, encode
from kumeo.dialects.data.constants import INT_MAX, INT_MIN, TIME_MAX, TIME_MIN
from kumeo.dialects.data.failures import DataFailure
from kumeo.dialects.data.types import TIME, EnumType

__all__ = [
    "DataFailure",
    "add",
    "cast",
    "coalesce",
    "compare",
    "concat",
    "contains",
    "decode",
    "div",
    "encode",
    "equal",
    "get",
    "index",
    "length",
    "mul",
    "neg",
    "rem",
    "sub",
    "unwrap",
]


def add(a: Any, b: Any, type: Attribute) -> Any:
    """Return a + b as a `type`: checked for integers, IEEE 754 for floats."""
    return checked(a + b, type)


def sub(a: Any, b: Any, type: Attribute) -> Any:
    """Return a - b as a `type`."""
    return checked(a - b, type)


def mul(a: Any, b: Any, type: Attribute) -> Any:
    """Return a * b as a `type`; a duration times a float is rounded, half to even."""
    if isinstance(a, int) and isinstance(b, float):
        return checked(rounded(float(a) * b), type)
    return checked(a * b, type)


def div(a: Any, b: Any) -> float:
    """Return a / b of two floats, or of two durations as floats."""
    if b == 0:
        raise DataFailure("division-by-zero", f"{a} is divided by zero")
    return float(a) / float(b)


def rem(a: Any, b: Any) -> Any:
    """Return the remainder of a / b with the sign of a."""
    if b == 0:
        raise DataFailure("division-by-zero", f"the remainder of {a} by zero has no value")
    if isinstance(a, int):
        size = abs(a) % abs(b)
        return -size if a < 0 else size
    return math.nan if math.isinf(a) else math.fmod(a, b)


def neg(a: Any) -> Any:
    """Return -a, checked for integers."""
    return checked(-a)


def checked(value: Any, type: Attribute | None = None) -> Any:
    """Return `value` if it is a float or within the range of its type."""
    if isinstance(value, float):
        return value
    low, high = (TIME_MIN, TIME_MAX) if type == TIME else (INT_MIN, INT_MAX)
    if not low <= value <= high:
        what = "the years 1 to 9999" if type == TIME else "64 bits"
        raise DataFailure("overflow", f"{value} does not fit into {what}")
    return value


def rounded(value: float) -> int:
    """Return the nearest integer, half to even, within 64 bits."""
    if not math.isfinite(value):
        raise DataFailure("not-finite", f"{value} is no integer")
    return checked(round(value))


def compare(predicate: str, a: Any, b: Any, type: Attribute) -> bool:
    """Return whether `a PREDICATE b` holds for two values of `type`."""
    if predicate in ("eq", "ne"):
        return equal(a, b) == (predicate == "eq")
    if isinstance(type, EnumType):
        a, b = type.names.index(a), type.names.index(b)
    match predicate:
        case "lt":
            return a < b
        case "le":
            return a <= b
        case "gt":
            return a > b
        case _:
            return a >= b


def equal(a: Any, b: Any) -> bool:
    """Return whether two values are the same: by content, numbers by size, NaN never."""
    if isinstance(a, bool) or isinstance(b, bool):
        return a is b
    if isinstance(a, dict) and isinstance(b, dict):
        left, right = as_type(dict[str, Any], a), as_type(dict[str, Any], b)
        return left.keys() == right.keys() and all(equal(left[key], right[key]) for key in left)
    if isinstance(a, list | tuple) and isinstance(b, list | tuple):
        items, others = as_type(Sequence[Any], a), as_type(Sequence[Any], b)
        return len(items) == len(others) and all(map(equal, items, others))
    return a == b


def index(base: Any, position: Any) -> Any:
    """Return an item of a list, or the value of a key, or None for a missing key."""
    if isinstance(base, dict):
        return _value_at_key(as_type(dict[str, Any], base), position)
    if not isinstance(base, list | tuple):
        raise DataFailure("wrong-type", f"{kind_of(base)} has no items")
    items = as_type(Sequence[Any], base)
    if not isinstance(position, int) or isinstance(position, bool):
        raise DataFailure("wrong-type", f"a list has no item {kind_of(position)}")
    if not 0 <= position < len(items):
        message = f"position {position} is outside of a list of {len(items)}"
        raise DataFailure("index-out-of-range", message)
    return items[position]


def _value_at_key(base: Mapping[str, Any], key: Any) -> Any:
    if not isinstance(key, str):
        raise DataFailure("wrong-type", f"an object has no key {kind_of(key)}")
    return base.get(key)


def get(base: Any, field: str) -> Any:
    """Return a field of a record or object; a missing key gives None."""
    if isinstance(base, dict):
        return as_type(dict[str, Any], base).get(field)
    raise DataFailure("wrong-type", f'{kind_of(base)} has no field "{field}"')


def set_field(base: Any, field: str, value: Any) -> Any:
    """Return a copy of a record or object with one field replaced or added."""
    if isinstance(base, dict):
        return {**as_type(dict[str, Any], base), field: value}
    raise DataFailure("wrong-type", f'{kind_of(base)} cannot have a field "{field}"')


def length(value: Any) -> int:
    """Return the number of code points, items or entries."""
    if isinstance(value, str | list | tuple | dict):
        return len(as_type(Sequence[Any], value))
    raise DataFailure("wrong-type", f"{kind_of(value)} has no length")


def contains(container: Any, item: Any) -> bool:
    """Return whether a list has an equal item, a map the key, or text the part."""
    if isinstance(container, list | tuple):
        return any(equal(each, item) for each in as_type(Sequence[Any], container))
    if not isinstance(container, str | dict):
        raise DataFailure("wrong-type", f"{kind_of(container)} holds nothing")
    return isinstance(item, str) and item in as_type(Mapping[str, Any], container)


def coalesce(value: Any, default: Any) -> Any:
    """Return `value`, or `default` if it is null."""
    return default if value is None else value


def unwrap(value: Any) -> Any:
    """Return a value that is not null."""
    if value is None:
        raise DataFailure("null-value", "the value is null")
    return value


def concat(a: Any, b: Any) -> Any:
    """Return two texts or lists as one."""
    return a + b if isinstance(a, str) else [*a, *b]


def kind_of(value: Any) -> str:
    """Return the JSON name of a value's kind, for messages."""
    match value:
        case None:
            return "null"
        case bool():
            return "a truth value"
        case int() | float():
            return "a number"
        case str():
            return "text"
        case dict():
            return "an object"
        case _:
            return "a list"


def identity_of(value: Any) -> Hashable:
    """Return something hashable that is equal exactly for values that are `equal`."""
    if isinstance(value, bool):
        return ("truth", value)
    if isinstance(value, dict):
        entries = as_type(dict[str, Any], value)
        return ("map", frozenset((key, identity_of(item)) for key, item in entries.items()))
    if isinstance(value, list | tuple):
        return ("list", tuple(map(identity_of, as_type(Sequence[Any], value))))
    return object() if value != value else value
