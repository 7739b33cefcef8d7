"""How types are shown in messages: as the author writes them, shortened where they are long."""

from xdsl.ir import Attribute

from kumeo.dialects.data.types import (
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
)
from kumeo.frontend.elaborate.context import Types

BUILTIN_TYPES: dict[str, Attribute] = {
    "string": STR,
    "int": INT,
    "float": FLOAT,
    "bool": BOOL,
    "timestamp": TIME,
    "duration": DURATION,
    "bytes": BYTES,
    "json": JSON,
}
"""The built-in types by the name they have in the language."""

_NAMES = {kind: name for name, kind in BUILTIN_TYPES.items()}
_SHOWN = 3


def display(kind: Attribute, types: Types | None = None) -> str:
    """Return a type as the author writes it; named types by their names, long ones shortened."""
    name = _NAMES.get(kind) or (types.name_of(kind) if types else None)
    if name is not None:
        return name
    match kind:
        case OptionType():
            inner = display(kind.inner, types)
            return f"({inner})?" if "|" in inner and inner[0] not in "[{" else f"{inner}?"
        case ListType():
            return f"[{display(kind.item, types)}]"
        case MapType():
            return f"{{string: {display(kind.value, types)}}}"
        case EnumType():
            return _shortened(list(kind.names), " | ")
        case RecordType():
            return f"{{{_shortened([f'{n}: {display(t, types)}' for n, t in kind.fields], ', ')}}}"
        case _:
            return "unknown"


def _shortened(parts: list[str], separator: str) -> str:
    return separator.join([*parts[:_SHOWN], "…"] if len(parts) > _SHOWN + 1 else parts)
