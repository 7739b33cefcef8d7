"""How long messages are expected to be: a guess from their types, for limits and credits."""

from collections.abc import Iterable

from xdsl.dialects.builtin import f64, i1, i64
from xdsl.ir import Attribute

from kumeo.dialects.data import (
    BYTES,
    JSON,
    STR,
    TIME,
    EnumType,
    ListType,
    MapType,
    OptionType,
    RecordType,
)

_SCALARS: dict[Attribute, int] = {i1: 1, i64: 9, f64: 9, STR: 64, BYTES: 256, TIME: 28, JSON: 512}
_ITEMS = 8
_KEY = 16
HEADERS = 256
"""Subject, headers and what every message takes along."""


def size_of(type: Attribute) -> int:
    """Return the expected bytes of a value of a type."""
    match type:
        case EnumType():
            return 1 + max((len(name) for name in type.names), default=0)
        case OptionType():
            return size_of(type.inner)
        case ListType():
            return 3 + _ITEMS * size_of(type.item)
        case MapType():
            return 3 + _ITEMS * (_KEY + size_of(type.value))
        case RecordType():
            return 3 + sum(len(name) + 2 + size_of(inner) for name, inner in type.fields)
        case _:
            return _SCALARS.get(type, 9)


def message_size(types: Iterable[Attribute], event: int = 0) -> int:
    """Return the expected bytes of a message with these values and an event of a size."""
    return HEADERS + event + sum(size_of(type) for type in types)
