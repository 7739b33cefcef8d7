"""Stubs: deterministic stand-ins for answers that nobody gave.

A stub is a value of the agent's result type whose digits come from a hash of a *key*. Agents that
are not deterministic use their place as key (event, site, path, attempt): two calls differ even on
equal inputs. Deterministic agents use their work (what they are and what they read): equal calls
agree wherever they stand. The value is JSON data, as an outside answer would be.
"""

import hashlib
import json
from collections.abc import Iterator
from typing import Any

from xdsl.dialects.builtin import Float64Type, IntegerType
from xdsl.ir import Attribute

from kumeo.dialects.data import (
    BytesType,
    DurationType,
    EnumType,
    ListType,
    MapType,
    OptionType,
    RecordType,
    TimeType,
)


def stub(kind: Attribute, *key: Any) -> Any:
    """Return a JSON value of type `kind` that depends on `key` alone."""
    return _value(kind, _numbers(key))


def is_one_in(count: int, *key: Any) -> bool:
    """Return true for about one in `count` keys."""
    return count > 0 and next(_numbers(("one in", *key))) % count == 0


def _numbers(key: tuple[Any, ...]) -> Iterator[int]:
    """Yield an endless row of 32-bit numbers that depends on the key."""
    seed = json.dumps(key, sort_keys=True, default=repr).encode("utf-8", "surrogatepass")
    counter = 0
    while True:
        block = hashlib.blake2b(seed, digest_size=32, salt=counter.to_bytes(16, "big")).digest()
        yield from (int.from_bytes(block[i : i + 4], "big") for i in range(0, 32, 4))
        counter += 1


def _value(kind: Attribute, numbers: Iterator[int]) -> Any:
    """Build one value. Types are finite trees, so this recursion ends."""
    match kind:
        case OptionType(inner=inner):
            return None if next(numbers) % 4 == 0 else _value(inner, numbers)
        case ListType(item=item):
            return [_value(item, numbers) for _ in range(next(numbers) % 4)]
        case MapType(value=value):
            return {f"key{i}": _value(value, numbers) for i in range(next(numbers) % 4)}
        case RecordType():
            return {name: _value(field, numbers) for name, field in kind.fields}
        case EnumType():
            return kind.names[next(numbers) % len(kind.names)]
        case _:
            return _scalar(kind, next(numbers))


def _scalar(kind: Attribute, number: int) -> Any:
    match kind:
        case IntegerType(width=width):
            return number % 2 == 0 if width.data == 1 else number % 1000
        case Float64Type():
            return number % 1001 / 1000
        case TimeType():
            return f"2026-01-01T{number // 3600 % 24:02}:{number // 60 % 60:02}:{number % 60:02}Z"
        case DurationType():
            return float(number % 3600)
        case BytesType():
            return "AAECAw=="
        case _:
            return f"text-{number:08x}"
