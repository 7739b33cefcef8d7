"""Constants and records as Python expressions."""

from collections.abc import Mapping
from typing import Any

from xdsl.ir import Attribute

from kumeo.backends.python.code import (
    COMPARE,
    Expr,
    binary,
    call,
    listing,
    literal,
    mapping,
)
from kumeo.backends.python.module import Module
from kumeo.dialects.data import (
    FLOAT,
    TIME,
    JsonType,
    ListType,
    MapType,
    OptionType,
    RecordType,
)
from kumeo.dialects.data.types import DURATION


def constant_expr(value: Any, kind: Attribute, module: Module) -> Expr:
    """Return a constant of a type."""
    match kind:
        case OptionType():
            return literal(None) if value is None else constant_expr(value, kind.inner, module)
        case ListType():
            return listing([constant_expr(item, kind.item, module) for item in value])
        case MapType():
            entries = [(key, constant_expr(v, kind.value, module)) for key, v in value.items()]
            return mapping(entries)
        case RecordType():
            fields = {n: constant_expr(value[n], t, module) for n, t in kind.fields}
            return record_expr(kind, fields, module)
        case JsonType():
            return _json_expr(value)
        case _:
            inner = literal(float(value) if kind == FLOAT else value)
            wrapper = _WRAPPERS.get(kind)
            return inner if wrapper is None else call(wrapper, [inner])


_WRAPPERS: Mapping[Attribute, str] = {TIME: "Time", DURATION: "Duration"}


def _json_expr(value: Any) -> Expr:
    if isinstance(value, dict):
        entries: dict[str, Any] = {**value}
        return mapping([(key, _json_expr(item)) for key, item in entries.items()])
    if isinstance(value, list | tuple):
        items: list[Any] = [*value]
        return listing([_json_expr(item) for item in items])
    return literal(value)


def record_expr(kind: Attribute, fields: Mapping[str, Expr], module: Module) -> Expr:
    """Return a call of the class of a record."""
    named = [(module.types.attribute_of(kind, key), value) for key, value in fields.items()]
    return call(module.types.class_of(kind), (), named)


def is_null(value: Expr) -> Expr:
    """Return whether a value is null."""
    return binary(value, "is", literal(None), COMPARE)
