"""The meaning of casts, and of JSON: `decode` reads it as a type, `encode` writes a value.

| type | JSON |
|---|---|
| `str`, enum | string |
| `i64` | integer; a number with a zero fraction is accepted |
| `f64` | number; NaN and infinities have none |
| `i1` | true or false |
| `time` | ISO 8601 string in UTC with `Z`; other offsets are accepted |
| `duration` | number of seconds |
| `bytes` | base64 string |
| option | null or the value |
| list, map | array, object |
| record | object; a missing nullable field is null, further fields are ignored |
"""

import base64
import binascii
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from typing import cast as as_type

from xdsl.ir import Attribute

from kumeo.dialects.data.constants import INT_MAX, INT_MIN
from kumeo.dialects.data.failures import DataFailure
from kumeo.dialects.data.moments import time_from_text, time_to_text
from kumeo.dialects.data.types import (
    BOOL,
    BYTES,
    DURATION,
    FLOAT,
    INT,
    STR,
    TIME,
    EnumType,
    JsonType,
    ListType,
    MapType,
    OptionType,
    RecordType,
    is_nullable,
)

Converter = Callable[[Any, Attribute], Any]


def cast(value: Any, source: Attribute, target: Attribute) -> Any:
    """Return `value` of type `source` as a `target`; the pair is one of `cast_between`."""
    if source == target:
        return value
    if isinstance(target, JsonType):
        return encode(value, source)
    if isinstance(source, JsonType):
        return decode(value, target)
    match source, target:
        case OptionType(), OptionType():
            return None if value is None else cast(value, source.inner, target.inner)
        case _, OptionType():
            return cast(value, source, target.inner)
        case ListType(), ListType():
            return [cast(item, source.item, target.item) for item in value]
        case MapType(), MapType():
            return {key: cast(item, source.value, target.value) for key, item in value.items()}
        case RecordType(), RecordType():
            return _cast_record(value, source, target)
        case _:
            return _cast_scalar(value, source, target)


def _cast_record(value: Mapping[str, Any], source: RecordType, target: RecordType) -> Any:
    result: dict[str, Any] = {}
    for name, wanted in target.fields:
        found = source.field(name)
        result[name] = None if found is None else cast(value[name], found, wanted)
    return result


def _cast_scalar(value: Any, source: Attribute, target: Attribute) -> Any:
    if target == FLOAT:
        return float(value)
    if target == INT:
        return truncated(value)
    if isinstance(target, EnumType):
        return _enum(value, target)
    if target == TIME:
        return time_from_text(value)
    return time_to_text(value) if source == TIME else value


def truncated(value: float) -> int:
    """Return a float cut towards zero, within 64 bits."""
    if not math.isfinite(value):
        raise DataFailure("not-finite", f"{value} is no integer")
    return _ranged(math.trunc(value))


def decode(json: Any, type: Attribute) -> Any:
    """Return JSON data as a value of `type`; raise DataFailure with the place of a mismatch."""
    return _decode(json, type, "")


def _decode(json: Any, type: Attribute, path: str) -> Any:
    match type:
        case JsonType():
            return json
        case OptionType():
            return None if json is None else _decode(json, type.inner, path)
        case ListType():
            items = as_type(Sequence[Any], _require(list | tuple, json, "an array", path))
            return [_decode(item, type.item, f"{path}[{i}]") for i, item in enumerate(items)]
        case MapType():
            entries = as_type(Mapping[str, Any], _require(dict, json, "an object", path))
            return {
                key: _decode(entries[key], type.value, f"{path}.{key}") for key in sorted(entries)
            }
        case RecordType():
            return _decode_record(json, type, path)
        case _:
            return _decode_scalar(json, type, path)


def _decode_record(json: Any, type: RecordType, path: str) -> dict[str, Any]:
    entries = as_type(Mapping[str, Any], _require(dict, json, "an object", path))
    result: dict[str, Any] = {}
    for name, wanted in type.fields:
        if name not in entries and not is_nullable(wanted):
            raise _mismatch(f'the field "{name}" is missing', path)
        result[name] = _decode(entries.get(name), wanted, f"{path}.{name}")
    return result


def _decode_scalar(json: Any, type: Attribute, path: str) -> Any:
    try:
        if type == BOOL:
            return _require(bool, json, "true or false", path)
        if type == INT:
            return _decode_integer(json, path)
        if type == FLOAT:
            return float(_require(int | float, json, "a number", path))
        if type == DURATION:
            return _microseconds(float(_require(int | float, json, "seconds", path)))
        text = _require(str, json, "text", path)
        if type == STR:
            return _scalar_text(text)
        if type == TIME:
            return time_from_text(text)
        return _decode_bytes(text) if type == BYTES else _enum(text, type)
    except OverflowError:
        raise DataFailure("overflow", f"{_at(path)}{json} is too large") from None
    except DataFailure as failure:
        if failure.message.startswith("at "):
            raise
        raise DataFailure(failure.code, _at(path) + failure.message) from None


def _decode_integer(json: Any, path: str) -> int:
    number = _require(int | float, json, "an integer", path)
    if isinstance(number, float) and not number.is_integer():
        raise _mismatch(f"expected an integer, not {number}", path)
    return _ranged(int(number))


def _microseconds(seconds: float) -> int:
    micros = seconds * 1e6
    if not math.isfinite(micros):
        raise DataFailure("overflow", f"{seconds} seconds is too large")
    return _ranged(round(micros))


def _decode_bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise DataFailure("invalid-text", "expected bytes in base64") from None


def _scalar_text(text: str) -> str:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise DataFailure("invalid-text", "the text holds half of a surrogate pair") from None
    return text


def _enum(text: str, type: Attribute) -> str:
    assert isinstance(type, EnumType), "every other type is handled before"
    if text in type.names:
        return text
    raise DataFailure("invalid-text", f'"{text}" is none of {", ".join(type.names)}')


def _ranged(value: int) -> int:
    if INT_MIN <= value <= INT_MAX:
        return value
    raise DataFailure("overflow", f"{value} does not fit into 64 bits")


def _require(kind: Any, json: Any, what: str, path: str) -> Any:
    is_truth_for_number = isinstance(json, bool) and kind is not bool
    if isinstance(json, kind) and not is_truth_for_number:
        return json
    raise _mismatch(f"expected {what}, not {_shown(json)}", path)


def _shown(json: Any) -> str:
    if isinstance(json, dict):
        return "an object"
    if isinstance(json, list | tuple):
        return "an array"
    if json is None or isinstance(json, bool):
        return {None: "null", True: "true", False: "false"}[json]
    return f"{json!r:.40}"


def _mismatch(message: str, path: str) -> DataFailure:
    return DataFailure("wrong-type", _at(path) + message)


def _at(path: str) -> str:
    return f"at {path.lstrip('.')}: " if path else ""


def encode(value: Any, type: Attribute) -> Any:
    """Return the JSON data of a value of `type`; raise DataFailure if it has none."""
    match type:
        case OptionType():
            return None if value is None else encode(value, type.inner)
        case ListType():
            return [encode(item, type.item) for item in value]
        case MapType():
            return {key: encode(value[key], type.value) for key in sorted(value)}
        case RecordType():
            return {name: encode(value[name], wanted) for name, wanted in type.fields}
        case _:
            return _encode_scalar(value, type)


def _encode_scalar(value: Any, type: Attribute) -> Any:
    if type == FLOAT and not math.isfinite(value):
        raise DataFailure("not-finite", f"{value} has no JSON form")
    if type == TIME:
        return time_to_text(value)
    if type == DURATION:
        return value / 1e6
    return base64.b64encode(value).decode("ascii") if type == BYTES else value
