"""Plain JSON data as a value of a type, and back: slow, exact, and with the place of a mismatch.

`values.JsonDecoder` reads what is right with msgspec. Here is the rest: what is wrong and why, and
the little that msgspec refuses although it is right, such as `1.0` for an integer.
"""

import base64
import binascii
import json
import math
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, TypeAlias

from msgspec import Raw

from kumeo_runtime.moments import micros_of
from kumeo_runtime.parsing import is_deeper, parsed
from kumeo_runtime.shapes import fields_of, shape_of
from kumeo_runtime.values import (
    INT_MAX,
    INT_MIN,
    MAX_DEPTH,
    Duration,
    Failure,
    Fault,
    Json,
    Time,
)

Reader: TypeAlias = Callable[[Any, str], Any]
"""Reads data at a path. Raises: Fault."""


def from_json(data: Json, type: Any) -> Any:
    """Return JSON data as a value of a type, or the failure with the place of the mismatch."""
    try:
        return read(data, type)
    except Fault as fault:
        return fault.failure()


def cast_json(data: Json, type: Any) -> Any:
    """Return json of the program as a type: as `from_json`, for data of any depth."""
    try:
        return reader_of(type)(data, "")
    except Fault as fault:
        return fault.failure()
    except RecursionError:
        return Failure("too-deep", "an input is nested too deeply")


def read(data: Json, type: Any) -> Any:
    """Return JSON data from outside as a value. Raises: Fault."""
    if is_deeper(data, MAX_DEPTH):
        raise Fault("too-deep", f"the data is nested more than {MAX_DEPTH} levels deep")
    return reader_of(type)(data, "")


def read_text(text: bytes | str, type: Any) -> Any:
    """Return JSON text as a value of a type. Raises: Fault."""
    return read(parsed(text), type)


# -- readers


@lru_cache(maxsize=4096)
def reader_of(type: Any) -> Reader:
    """Return the reader of a type; a record that holds itself does not exist."""
    shape = shape_of(type)
    match shape.kind:
        case "json" if shape.type is Raw:
            return lambda data, path: Raw(json.dumps(data, ensure_ascii=False).encode())
        case "json":
            return lambda data, path: data
        case "option":
            inner = reader_of(shape.inner)
            return lambda data, path: None if data is None else inner(data, path)
        case "list":
            return _list_reader(reader_of(shape.inner))
        case "map":
            return _map_reader(reader_of(shape.inner))
        case "record":
            return _record_reader(shape.type)
        case "enum":
            return _enum_reader(shape.names)
        case _:
            return _SCALARS[shape.type]


def _list_reader(inner: Reader) -> Reader:
    def read(data: Any, path: str) -> Any:
        items = require(list | tuple, data, "an array", path)
        return [inner(item, f"{path}[{i}]") for i, item in enumerate(items)]

    return read


def _map_reader(inner: Reader) -> Reader:
    def read(data: Any, path: str) -> Any:
        entries: Mapping[str, Any] = require(dict, data, "an object", path)
        return {key: inner(entries[key], f"{path}.{key}") for key in sorted(entries)}

    return read


def _record_reader(record: Any) -> Reader:
    fields = [
        (f.name, f.json_name, shape_of(f.type).is_nullable, reader_of(f.type))
        for f in fields_of(record)
    ]

    def read(data: Any, path: str) -> Any:
        entries: Mapping[str, Any] = require(dict, data, "an object", path)
        found: dict[str, Any] = {}
        for name, json_name, is_nullable, inner in fields:
            if json_name not in entries and not is_nullable:
                raise _mismatch(f'the field "{json_name}" is missing', path)
            found[name] = inner(entries.get(json_name), f"{path}.{json_name}")
        return record(**found)

    return read


def _enum_reader(names: tuple[str, ...]) -> Reader:
    def read(data: Any, path: str) -> Any:
        text: str = require(str, data, "text", path)
        if text in names:
            return text
        raise Fault("invalid-text", f'{_at(path)}"{text}" is none of {", ".join(names)}')

    return read


def _read_bool(data: Any, path: str) -> Any:
    return require(bool, data, "true or false", path)


def _read_integer(data: Any, path: str) -> Any:
    number = require(int | float, data, "an integer", path)
    if isinstance(number, float) and not number.is_integer():
        raise _mismatch(f"expected an integer, not {number}", path)
    return ranged(int(number), path)


def _read_float(data: Any, path: str) -> Any:
    number = require(int | float, data, "a number", path)
    try:
        return float(number)
    except OverflowError:
        raise Fault("overflow", f"{_at(path)}{data} is too large") from None


def _read_duration(data: Any, path: str) -> Any:
    number = require(int | float, data, "seconds", path)
    try:
        micros = float(number) * 1e6
    except OverflowError:
        raise Fault("overflow", f"{_at(path)}{data} is too large") from None
    if not math.isfinite(micros):
        raise Fault("overflow", f"{_at(path)}{float(number)} seconds is too large")
    return Duration(ranged(round(micros), path))


def _read_text(data: Any, path: str) -> Any:
    text = require(str, data, "text", path)
    try:
        text.encode()
    except UnicodeEncodeError:
        message = f"{_at(path)}the text holds half of a surrogate pair"
        raise Fault("invalid-text", message) from None
    return text


def _read_time(data: Any, path: str) -> Any:
    text = require(str, data, "text", path)
    try:
        return Time(micros_of(text))
    except ValueError as error:
        raise Fault("invalid-text", f"{_at(path)}{error}") from None


def _read_bytes(data: Any, path: str) -> Any:
    text = require(str, data, "text", path)
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Fault("invalid-text", f"{_at(path)}expected bytes in base64") from None


_SCALARS: dict[Any, Reader] = {
    bool: _read_bool,
    int: _read_integer,
    float: _read_float,
    str: _read_text,
    bytes: _read_bytes,
    Time: _read_time,
    Duration: _read_duration,
}


def ranged(value: int, path: str = "") -> int:
    """Return an integer of 64 bits. Raises: Fault."""
    if INT_MIN <= value <= INT_MAX:
        return value
    raise Fault("overflow", f"{_at(path)}{value} does not fit into 64 bits")


def require(kind: Any, data: Any, what: str, path: str) -> Any:
    """Return data of a kind. Raises: Fault with what was found."""
    is_truth_for_number = isinstance(data, bool) and kind is not bool
    if isinstance(data, kind) and not is_truth_for_number:
        return data
    raise _mismatch(f"expected {what}, not {_shown(data)}", path)


def _shown(data: Any) -> str:
    if isinstance(data, dict):
        return "an object"
    if isinstance(data, list | tuple):
        return "an array"
    if data is None or isinstance(data, bool):
        return {None: "null", True: "true", False: "false"}[data]
    return f"{data!r:.40}"


def _mismatch(message: str, path: str) -> Fault:
    return Fault("wrong-type", _at(path) + message)


def _at(path: str) -> str:
    return f"at {path.lstrip('.')}: " if path else ""
