"""How large types are. Types are structural, so a name that is used twice counts twice.

A type is a graph with shared parts, small in memory. Printing and hashing walk it as a tree, and
forty schemas that each name the next one twice are a tree of a million million fields.
"""

from xdsl.ir import Attribute

from kumeo.dialects.data.types import EnumType, ListType, MapType, OptionType, RecordType

MAX_SIZE = 10_000
"""Fields, items and enum values in one type."""


class TypeSizes:
    """Remembers the sizes of types by identity; a shared part is visited once."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[Attribute, int]] = {}
        """The type is kept as well, so that no other type gets its identity."""

    def of(self, kind: Attribute) -> int:
        """Return the number of nodes of a type, seen as a tree."""
        found = self._known.get(id(kind))
        if found is None:
            found = (kind, self._count(kind))
            self._known[id(kind)] = found
        return found[1]

    def _count(self, kind: Attribute) -> int:
        match kind:
            case RecordType():
                return 1 + sum(map(self.of, kind.types))
            case OptionType(inner=inner) | ListType(item=inner) | MapType(value=inner):
                return 1 + self.of(inner)
            case EnumType():
                return 1 + len(kind.names)
            case _:
                return 1
