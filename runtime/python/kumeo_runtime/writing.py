"""Values as plain JSON data: what `T` to `json` means, and what templates show."""

import base64
from collections.abc import Callable
from functools import lru_cache
from math import isfinite
from typing import Any, TypeAlias

from kumeo_runtime.moments import text_of
from kumeo_runtime.shapes import fields_of, shape_of
from kumeo_runtime.values import Duration, Fault, Json, Time

Writer: TypeAlias = Callable[[Any], Json]
"""Writes a value. Raises: Fault."""


def to_json(value: Any, type: Any) -> Json:
    """Return the JSON data of a value of a type, or the failure `not-finite` or `too-deep`."""
    try:
        return write(value, type)
    except Fault as fault:
        return fault.failure()


def write(value: Any, type: Any) -> Json:
    """Return the JSON data of a value of a type. Raises: Fault."""
    try:
        return writer_of(type)(value)
    except RecursionError:
        raise Fault("too-deep", "the value is nested too deeply") from None


@lru_cache(maxsize=4096)
def writer_of(type: Any) -> Writer:
    """Return the writer of a type."""
    shape = shape_of(type)
    match shape.kind:
        case "option":
            inner = writer_of(shape.inner)
            return lambda value: None if value is None else inner(value)
        case "list":
            item = writer_of(shape.inner)
            return lambda value: [item(each) for each in value]
        case "map":
            entry = writer_of(shape.inner)
            return lambda value: {key: entry(value[key]) for key in sorted(value)}
        case "record":
            return _record_writer(shape.type)
        case _:
            return _SCALARS.get(shape.type, _same)


def _record_writer(record: Any) -> Writer:
    fields = [(f.name, f.json_name, writer_of(f.type)) for f in fields_of(record)]
    return lambda value: {json: inner(getattr(value, name)) for name, json, inner in fields}


def _same(value: Any) -> Json:
    return value


def _float(value: float) -> Json:
    if isfinite(value):
        return value
    raise Fault("not-finite", f"{value} has no JSON form")


_SCALARS: dict[Any, Writer] = {
    float: _float,
    Time: text_of,
    Duration: lambda value: value / 1e6,
    bytes: lambda value: base64.b64encode(value).decode("ascii"),
}
