"""The types of one random module: a small pool, so that values of equal type meet."""

import random
from collections.abc import Sequence

from xdsl.ir import Attribute

from kumeo.dialects.data import (
    BOOL,
    BYTES,
    DURATION,
    FLOAT,
    INT,
    JSON,
    STR,
    TIME,
    EnumType,
    ListType,
    MapType,
    OptionType,
    RecordType,
    option_of,
)

SCALARS = (BOOL, INT, FLOAT, STR, TIME, DURATION, JSON, BYTES)
_WEIGHTS = (5, 6, 6, 5, 2, 2, 2, 1)
_FIELDS = ("amount", "count", "name", "flag", "at", "level", "note", "tags", "odd key", "raw")
_NAMES = ("low", "medium", "high", "urgent")


class Kinds:
    """The pool. It owns no values."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self.small = EnumType.of(*_NAMES[: rng.choice((2, 3))])
        self.wide = EnumType.of(*_NAMES)
        self.plain = [*SCALARS, self.small, self.wide]
        self.record = self._record(rng.randrange(3, 6))
        fewer = rng.sample(self.record.names, 2)
        self.part = RecordType.of({n: t for n, t in self.record.fields if n in fewer})
        self.wider = RecordType.of({**dict(self.part.fields), "extra": option_of(self.scalar())})
        self.records: Sequence[RecordType] = (self.record, self.part, self.wider)
        self.list = ListType(self.scalar())
        self.map = MapType(self.scalar())
        inner = rng.choice((self.record, self.small, self.list))
        self.lists = (self.list, ListType(INT), ListType(FLOAT), ListType(STR), ListType(inner))
        self.options = [OptionType(kind) for kind in (INT, FLOAT, STR, self.small, self.record)]
        self.outer = RecordType.of({"tx": self.record, "items": self.list, "by": self.map})

    def scalar(self) -> Attribute:
        """Return a scalar type or an enum."""
        if self._rng.random() < 0.15:
            return self._rng.choice((self.small, self.wide))
        return self._rng.choices(SCALARS, _WEIGHTS)[0]

    def any(self) -> Attribute:
        """Return any type of the pool."""
        choice = self._rng.random()
        if choice < 0.6:
            return self.scalar()
        others = (*self.records, *self.lists, *self.options, self.map, self.outer)
        return self._rng.choice(others)

    def answer(self) -> Attribute:
        """Return the type of what an agent answers."""
        if self._rng.random() < 0.3:
            return self.any()
        return self._rng.choice((*self.records, self.outer))

    def _record(self, count: int) -> RecordType:
        fields: dict[str, Attribute] = {}
        for name in self._rng.sample(_FIELDS, count):
            kind = self.scalar()
            fields[name] = option_of(kind) if self._rng.random() < 0.3 else kind
        return RecordType.of(fields)
