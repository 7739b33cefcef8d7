"""Random JSON data of a type: boundary values, nulls, and what the module compares with."""

import math
import random
from collections.abc import Callable, Sequence
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
from kumeo.dialects.data.moments import time_to_text
from kumeo.interp.oracle.palette import Palette

_COMMON_INTEGERS = (0, 1, -1, 2, 3, 5, 10, 100)
_RARE_INTEGERS = (2**63 - 1, -(2**63), 2**62, 1_000_000_007)
_COMMON_FLOATS = (0.0, 1.0, -1.0, 0.5, 2.0, 10.0, 100.0, 0.1)
_RARE_FLOATS = (-0.0, 1e308, -1e308, 5e-324, 9007199254740993.0)
_TEXTS = ("", "a", "A", "b", "abc", "7", "-1", "2.5", " é ", "2026-02-28T23:59:59Z", '{"a": 1}')
_SECONDS = (0.0, 1.0, 0.000001, 60.0, 3600.0, 86400.0, -1.0)
_NEW_YEAR_US = 1_767_225_600_000_000
_RARE = 0.08


class Payloads:
    """Makes JSON data; the same seed and palette give the same data."""

    def __init__(self, palette: Palette, rng: random.Random) -> None:
        self._rng = rng
        self._integers = [*_COMMON_INTEGERS, *_near(palette.integers)]
        self._integers += [math.floor(x) for x in palette.floats if abs(x) < 2**53]
        self._floats = [*_COMMON_FLOATS, *map(float, palette.integers)]
        self._floats += [n for x in palette.floats if math.isfinite(x) for n in _around(x)]
        self._texts = [*_TEXTS, *palette.texts]
        self._keys = ["a", "b", *palette.keys]

    def value(self, kind: Attribute) -> Any:
        """Return JSON data of a type."""
        rng = self._rng
        match kind:
            case OptionType(inner=inner):
                return None if rng.random() < 0.35 else self.value(inner)
            case ListType(item=item):
                return [self.value(item) for _ in range(rng.choice((0, 1, 2, 2, 3)))]
            case MapType(value=value):
                return {key: self.value(value) for key in self._some_keys()}
            case RecordType():
                return self._record(kind)
            case EnumType():
                return rng.choice(kind.names)
            case _:
                make = self._SCALARS.get(kind, Payloads._json)
                return make(self)

    def _record(self, kind: RecordType) -> dict[str, Any]:
        made = {name: self.value(field) for name, field in kind.fields}
        # Null and "missing" are two spellings of one value.
        return {k: v for k, v in made.items() if v is not None or self._rng.random() < 0.5}

    def _some_keys(self) -> Sequence[str]:
        return [self._rng.choice(self._keys) for _ in range(self._rng.randrange(4))]

    def _flag(self) -> bool:
        return self._rng.random() < 0.5

    def _integer(self) -> int:
        return self._rng.choice(_RARE_INTEGERS if self._is_rare() else self._integers)

    def _float(self) -> float:
        return self._rng.choice(_RARE_FLOATS if self._is_rare() else self._floats)

    def _text(self) -> str:
        return self._rng.choice(self._texts)

    def _time(self) -> str:
        return time_to_text(_NEW_YEAR_US + self._rng.randrange(400) * 21_600_000_000)

    def _seconds(self) -> float:
        return self._rng.choice(_SECONDS)

    def _bytes(self) -> str:
        return self._rng.choice(("", "AAECAw==", "/w=="))

    def _json(self, depth: int = 2) -> Any:
        rng = self._rng
        choice = rng.randrange(9 if depth else 6)
        scalars = (lambda: None, self._flag, self._integer, self._float, self._text, self._text)
        if choice < len(scalars):
            return scalars[choice]()
        if choice == len(scalars):
            return [self._json(depth - 1) for _ in range(rng.randrange(3))]
        return {key: self._json(depth - 1) for key in self._some_keys()}

    def _is_rare(self) -> bool:
        return self._rng.random() < _RARE

    _SCALARS: dict[Attribute, Callable[["Payloads"], Any]] = {
        BOOL: _flag,
        INT: _integer,
        FLOAT: _float,
        STR: _text,
        TIME: _time,
        DURATION: _seconds,
        BYTES: _bytes,
    }


def _near(integers: dict[int, None]) -> list[int]:
    near = [n for number in integers for n in (number, number - 1, number + 1)]
    return [n for n in near if -(2**63) <= n < 2**63]


def _around(number: float) -> tuple[float, float, float, float]:
    return number, number + 1.0, number - 1.0, math.nextafter(number, math.inf)
