"""Functions on lists, maps, records and json: their parts, equality, order."""

from collections.abc import Hashable, Mapping, Sequence
from typing import Any, Generic, TypeVar, cast

from msgspec import Struct

from kumeo_runtime.decoding import cast_json
from kumeo_runtime.functions_numbers import order_of
from kumeo_runtime.values import Failure, Json
from kumeo_runtime.writing import to_json

T = TypeVar("T")


def index(items: Sequence[T], position: int) -> T | Failure:
    """Return an item of a list."""
    if 0 <= position < len(items):
        return items[position]
    message = f"position {position} is outside of a list of {len(items)}"
    return Failure("index-out-of-range", message)


def lookup(entries: Mapping[str, T], key: str) -> T | None:
    """Return the value of a key, or None."""
    return entries.get(key)


def index_json(base: Json, position: Json) -> Json | Failure:
    """Return an item of an array, or the value of a key of an object."""
    if isinstance(base, dict):
        if isinstance(position, str):
            return cast(dict[str, Any], base).get(position)
        return Failure("wrong-type", f"an object has no key {_kind_of(position)}")
    if not isinstance(base, list | tuple):
        return Failure("wrong-type", f"{_kind_of(base)} has no items")
    if not isinstance(position, int) or isinstance(position, bool):
        return Failure("wrong-type", f"a list has no item {_kind_of(position)}")
    return index(cast(Sequence[Any], base), position)


def get_json(base: Json, field: str) -> Json | Failure:
    """Return a field of an object, or None."""
    if isinstance(base, dict):
        return cast(dict[str, Any], base).get(field)
    return Failure("wrong-type", f'{_kind_of(base)} has no field "{field}"')


def set_json(base: Json, field: str, value: Json) -> Json | Failure:
    """Return a copy of an object with one field replaced or added."""
    if isinstance(base, dict):
        return {**cast(dict[str, Any], base), field: value}
    return Failure("wrong-type", f'{_kind_of(base)} cannot have a field "{field}"')


def length_json(value: Json) -> int | Failure:
    """Return the number of code points, items or entries."""
    if isinstance(value, str | list | tuple | dict):
        return len(cast(Sequence[Any], value))
    return Failure("wrong-type", f"{_kind_of(value)} has no length")


def contains(container: Any, item: Any) -> bool:
    """Say whether a list has an equal item, a map the key, or text the part."""
    if isinstance(container, list | tuple):
        return any(equal(each, item) for each in cast(Sequence[Any], container))
    return isinstance(item, str) and item in container


def contains_json(container: Json, item: Json) -> bool | Failure:
    """Say the same of json, which may hold nothing."""
    if isinstance(container, list | tuple | str | dict):
        return contains(container, item)
    return Failure("wrong-type", f"{_kind_of(container)} holds nothing")


def unwrap(value: T | None) -> T | Failure:
    """Return a value that is not null."""
    return Failure("null-value", "the value is null") if value is None else value


def require(condition: bool, value: T, code: str, message: str) -> T | Failure:
    """Return the value where the condition holds, else the failure."""
    return value if condition else Failure(code, message)


def equal(a: Any, b: Any) -> bool:
    """Say whether two values are the same: by content, numbers by size, NaN never."""
    if isinstance(a, bool) or isinstance(b, bool):
        return a is b
    if isinstance(a, Struct) and isinstance(b, Struct):
        return all(equal(getattr(a, name), getattr(b, name)) for name in a.__struct_fields__)
    if isinstance(a, dict) and isinstance(b, dict):
        left, right = cast(dict[str, Any], a), cast(dict[str, Any], b)
        return left.keys() == right.keys() and all(equal(left[key], right[key]) for key in left)
    if isinstance(a, list | tuple) and isinstance(b, list | tuple):
        items, others = cast(Sequence[Any], a), cast(Sequence[Any], b)
        return len(items) == len(others) and all(map(equal, items, others))
    return a == b


def sort(items: Sequence[T]) -> list[T]:
    """Return the items in ascending order, NaN last."""
    return sorted(items, key=order_of)


def reverse(items: Sequence[T]) -> list[T]:
    """Return the items from the end."""
    return list(reversed(items))


def unique(items: Sequence[T]) -> list[T]:
    """Return the items without later equal ones."""
    seen: dict[Hashable, T] = {}
    for item in items:
        seen.setdefault(_identity_of(item), item)
    return list(seen.values())


def first(items: Sequence[T]) -> T | None:
    """Return the first item, or None."""
    return items[0] if items else None


def last(items: Sequence[T]) -> T | None:
    """Return the last item, or None."""
    return items[-1] if items else None


def keys(entries: Mapping[str, Any]) -> list[str]:
    """Return the keys of a map in order."""
    return sorted(entries)


def values(entries: Mapping[str, T]) -> list[T]:
    """Return the values of a map in the order of its keys."""
    return [entries[key] for key in sorted(entries)]


class FromJson(Generic[T]):
    """The cast from json to a type: `as_level: FromJson[Level] = FromJson(Level)`."""

    __slots__ = ("_type",)

    def __init__(self, type: Any) -> None:
        self._type = type

    def __call__(self, data: Json) -> T | Failure:
        """Return the data as a value, or why it is none."""
        return cast_json(data, self._type)


class ToJson:
    """The cast from a type to json. It fails only where a float inside is not finite."""

    __slots__ = ("_type",)

    def __init__(self, type: Any) -> None:
        self._type = type

    def __call__(self, value: Any) -> Json | Failure:
        """Return the data."""
        return to_json(value, self._type)


def _identity_of(value: Any) -> Hashable:
    """Return something hashable that is equal exactly for values that are `equal`."""
    if isinstance(value, bool):
        return ("truth", value)
    if isinstance(value, Struct):
        return ("record", tuple(_identity_of(getattr(value, f)) for f in value.__struct_fields__))
    if isinstance(value, dict):
        entries = cast(dict[str, Any], value)
        return ("map", frozenset((key, _identity_of(item)) for key, item in entries.items()))
    if isinstance(value, list | tuple):
        return ("list", tuple(map(_identity_of, cast(Sequence[Any], value))))
    return object() if value != value else value


def _kind_of(value: Any) -> str:
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
