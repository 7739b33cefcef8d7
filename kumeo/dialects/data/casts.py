"""Which type becomes which: the one table of conversions of the language.

A cast is SAME (nothing happens), TOTAL (it never fails) or CHECKED (it may fail at run time).
`is_implicit` says what the language does without being asked. The meaning of each cast is
`cast` in `semantics.py`.

| from | to | cast | implicit |
|---|---|---|---|
| `i64` | `f64` | TOTAL, nearest | yes |
| `T` | `U?` | as `T` to `U` | yes if `T` to `U` is |
| `T?` | `U?`, lists, maps | as `T` to `U` | yes if `T` to `U` is |
| record | record | the worst of the fields; missing nullable ones are null | yes if they are |
| `T` | `json` | CHECKED if `T` holds an `f64` (only finite ones exist in JSON), else TOTAL | yes |
| `json` | `T` | CHECKED | yes |
| enum | `str` | TOTAL | no |
| enum | wider enum | TOTAL; CHECKED if values are missing there | no |
| `str` | enum, `time` | CHECKED | no |
| `time` | `str` | TOTAL | no |
| `f64` | `i64` | CHECKED, towards zero | no |
"""

from enum import Enum

from xdsl.ir import Attribute

from kumeo.dialects.data.types import (
    FLOAT,
    INT,
    JSON,
    STR,
    TIME,
    EnumType,
    JsonType,
    ListType,
    MapType,
    OptionType,
    RecordType,
    is_nullable,
    option_of,
)


class Cast(Enum):
    """How a conversion behaves at run time."""

    SAME = 0
    TOTAL = 1
    CHECKED = 2


def cast_between(source: Attribute, target: Attribute) -> Cast | None:
    """Return how `source` becomes `target`, or None if it never does."""
    return _convert(source, target, explicit=True)


def is_implicit(source: Attribute, target: Attribute) -> bool:
    """Say whether the language converts `source` to `target` without being asked."""
    return _convert(source, target, explicit=False) is not None


def _convert(source: Attribute, target: Attribute, explicit: bool) -> Cast | None:
    if source == target:
        return Cast.SAME
    if isinstance(target, JsonType):
        return Cast.CHECKED if holds_float(source) else Cast.TOTAL
    if isinstance(source, JsonType):
        return Cast.CHECKED
    if isinstance(target, OptionType):
        inner = source.inner if isinstance(source, OptionType) else source
        return _at_least_total(_convert(inner, target.inner, explicit))
    if isinstance(source, ListType) and isinstance(target, ListType):
        return _convert(source.item, target.item, explicit)
    if isinstance(source, MapType) and isinstance(target, MapType):
        return _convert(source.value, target.value, explicit)
    if isinstance(source, RecordType) and isinstance(target, RecordType):
        return _convert_record(source, target, explicit)
    if (source, target) == (INT, FLOAT):
        return Cast.TOTAL
    return _convert_explicitly(source, target) if explicit else None


def _convert_record(source: RecordType, target: RecordType, explicit: bool) -> Cast | None:
    worst = Cast.TOTAL
    for name, wanted in target.fields:
        found = source.field(name)
        if found is None and not is_nullable(wanted):
            return None
        cast = Cast.TOTAL if found is None else _convert(found, wanted, explicit)
        if cast is None:
            return None
        worst = max(worst, cast, key=lambda each: each.value)
    return worst


def _convert_explicitly(source: Attribute, target: Attribute) -> Cast | None:
    if isinstance(source, EnumType) and isinstance(target, EnumType):
        return Cast.TOTAL if set(source.names) <= set(target.names) else Cast.CHECKED
    if isinstance(source, EnumType) and target == STR:
        return Cast.TOTAL
    if source == STR and (isinstance(target, EnumType) or target == TIME):
        return Cast.CHECKED
    if (source, target) == (TIME, STR):
        return Cast.TOTAL
    return Cast.CHECKED if (source, target) == (FLOAT, INT) else None


def _at_least_total(cast: Cast | None) -> Cast | None:
    return Cast.TOTAL if cast is Cast.SAME else cast


def holds_float(type: Attribute) -> bool:
    """Say whether a value of `type` has an `f64` somewhere: it may have no JSON form."""
    match type:
        case OptionType():
            return holds_float(type.inner)
        case ListType():
            return holds_float(type.item)
        case MapType():
            return holds_float(type.value)
        case RecordType():
            return any(holds_float(field) for field in type.types)
        case _:
            return type == FLOAT


def join_types(a: Attribute, b: Attribute) -> Attribute | None:
    """Return the least type that both become without failing, or None.

    Numbers join to `f64`, an option with its inner type to the option, records field by field
    (a field that one of them lacks becomes optional), `json` with anything to `json`.
    """
    if a == b:
        return a
    if isinstance(a, JsonType) or isinstance(b, JsonType):
        return JSON
    if isinstance(a, OptionType) or isinstance(b, OptionType):
        inner = join_types(_without_option(a), _without_option(b))
        return None if inner is None else option_of(inner)
    if isinstance(a, ListType) and isinstance(b, ListType):
        item = join_types(a.item, b.item)
        return None if item is None else ListType(item)
    if isinstance(a, MapType) and isinstance(b, MapType):
        value = join_types(a.value, b.value)
        return None if value is None else MapType(value)
    if isinstance(a, RecordType) and isinstance(b, RecordType):
        return _join_records(a, b)
    return FLOAT if {a, b} == {INT, FLOAT} else None


def _join_records(a: RecordType, b: RecordType) -> RecordType | None:
    joined: dict[str, Attribute] = {}
    for name in dict.fromkeys((*a.names, *b.names)):
        left, right = a.field(name), b.field(name)
        field = join_types(left, right) if left and right else option_of(_either(left, right))
        if field is None:
            return None
        joined[name] = field
    return RecordType(joined)


def _either(left: Attribute | None, right: Attribute | None) -> Attribute:
    found = left or right
    assert found is not None, "the name comes from one of the two records"
    return found


def _without_option(type: Attribute) -> Attribute:
    return type.inner if isinstance(type, OptionType) else type
