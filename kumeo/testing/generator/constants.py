"""Random constants of a type, mostly small ones, so that computations often succeed."""

import random
from typing import Any

from xdsl.ir import Attribute

from kumeo.dialects.data import (
    BOOL,
    BYTES,
    DURATION,
    FLOAT,
    INT,
    STR,
    TIME,
    EnumType,
    ListType,
    MapType,
    OptionType,
    RecordType,
)

_INTEGERS = (0, 0, 1, 1, 2, 3, 5, -1, -7, 10, 100, 2**63 - 1, -(2**63))
_FLOATS = (0.0, 0.0, 1.0, 1.0, 0.5, 2.0, -1.0, 100.0, 0.1, 1e300)
_TEXTS = ("", "a", "A", "b", "7", "2.5", " é ", "low", "high", "2026-01-01T00:00:00Z", '{"a": 1}')
_TIMES = (0, 1_767_225_600_000_000, 1_772_323_199_000_000)
_DURATIONS = (0, 1, 1_000_000, 60_000_000, 86_400_000_000, -1_000_000)
_JSON: tuple[Any, ...] = (None, True, 0, 1.5, "a", [], [1, "b"], {}, {"a": 1, "amount": 2.5})
_SCALARS: dict[Attribute, tuple[Any, ...]] = {
    BOOL: (True, False),
    INT: _INTEGERS,
    FLOAT: _FLOATS,
    STR: _TEXTS,
    TIME: _TIMES,
    DURATION: _DURATIONS,
    BYTES: (b"", b"\x00\x01", b"\xff"),
}


def random_constant(rng: random.Random, kind: Attribute) -> Any:
    """Return a plain Python value of a type."""
    match kind:
        case OptionType(inner=inner):
            return None if rng.random() < 0.4 else random_constant(rng, inner)
        case ListType(item=item):
            return [random_constant(rng, item) for _ in range(rng.randrange(3))]
        case MapType(value=value):
            return {key: random_constant(rng, value) for key in ("a", "b")[: rng.randrange(3)]}
        case RecordType():
            return {name: random_constant(rng, field) for name, field in kind.fields}
        case EnumType():
            return rng.choice(kind.names)
        case _:
            return rng.choice(_SCALARS.get(kind, _JSON))
