"""Looks for numbers that JSON does not have."""

from collections.abc import Sequence
from functools import lru_cache
from math import isfinite
from typing import Any, cast

from msgspec import Struct

from kumeo_runtime.shapes import fields_of, holds, shape_of


def not_finite_in(value: Any) -> float | None:
    """Return the first infinity or NaN inside of a value, or None."""
    if isinstance(value, float):
        return None if isfinite(value) else value
    if isinstance(value, Struct):
        return _not_finite_in_record(value)
    if isinstance(value, dict):
        return _first([*cast(dict[str, Any], value).values()])
    if isinstance(value, list | tuple):
        return _first(cast(Sequence[Any], value))
    return None


def _not_finite_in_record(record: Struct) -> float | None:
    for name, is_float in _float_fields(type(record)):
        value = getattr(record, name)
        if is_float and isfinite(value):
            continue
        found = not_finite_in(value)
        if found is not None:
            return found
    return None


def plain_floats(kind: type) -> tuple[str, ...] | None:
    """Return the fields of a record that are floats or null; None if floats are deeper in it."""
    if not issubclass(kind, Struct):
        return None
    found: list[str] = []
    for field in fields_of(kind):
        shape = shape_of(field.type)
        inner = shape_of(shape.inner) if shape.kind == "option" else shape
        if inner.type is float:
            found.append(field.name)
        elif holds(field.type, float) or holds(field.type, Any):
            return None
    return tuple(found)


def _first(values: Sequence[Any]) -> float | None:
    for value in values:
        found = not_finite_in(value)
        if found is not None:
            return found
    return None


@lru_cache(maxsize=4096)
def _float_fields(record: type[Struct]) -> tuple[tuple[str, bool], ...]:
    """Return the fields that may hold a float somewhere, and whether they are floats."""
    return tuple(
        (field.name, field.type is float)
        for field in fields_of(record)
        if holds(field.type, float) or holds(field.type, "json")
    )
