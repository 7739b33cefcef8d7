"""Constants: plain Python values as attributes, and back.

| type | attribute |
|---|---|
| `str`, enum | StringAttr |
| `bytes` | StringAttr in base64 |
| `i64`, `time`, `duration` | IntegerAttr i64 |
| `f64` | FloatAttr |
| `i1` | IntegerAttr i1 |
| null of an option or of `json` | UnitAttr |
| list | ArrayAttr |
| map, record | DictionaryAttr |
| `json` | any of these, by its own kind |
"""

import base64
import binascii
import math
from collections.abc import Mapping, Sequence
from typing import Any, cast

from xdsl.dialects.builtin import (
    ArrayAttr,
    DictionaryAttr,
    FloatAttr,
    IntegerAttr,
    StringAttr,
    UnitAttr,
    f64,
    i1,
    i64,
)
from xdsl.ir import Attribute, OpResult, SSAValue
from xdsl.traits import ConstantLike

from kumeo.dialects.data.types import (
    BOOL,
    DURATION,
    FLOAT,
    INT,
    STR,
    TIME,
    BytesType,
    EnumType,
    JsonType,
    ListType,
    MapType,
    OptionType,
    RecordType,
)

INT_MIN, INT_MAX = -(2**63), 2**63 - 1
TIME_MIN, TIME_MAX = -62_135_596_800_000_000, 253_402_300_799_999_999
FOLDED_WEIGHT_MAX = 4096
"""Larger values are not folded: a chain of concatenations must not fill the module."""


def to_attribute(value: Any, type: Attribute) -> Attribute:
    """Return the constant attribute of a plain value; raise ValueError if it is not of `type`."""
    match type:
        case OptionType():
            return UnitAttr() if value is None else to_attribute(value, type.inner)
        case JsonType():
            return _json_to_attribute(value)
        case ListType():
            items = _require(list | tuple, value, type)
            return ArrayAttr([to_attribute(item, type.item) for item in items])
        case MapType():
            entries: Mapping[str, Any] = _require(dict, value, type)
            return DictionaryAttr(
                {_text(key): to_attribute(entries[key], type.value) for key in sorted(entries)}
            )
        case RecordType():
            return _record_to_attribute(_require(dict, value, type), type)
        case BytesType():
            return StringAttr(base64.b64encode(_require(bytes, value, type)).decode("ascii"))
        case _:
            return _scalar_to_attribute(value, type)


def from_attribute(attribute: Attribute, type: Attribute) -> Any:
    """Return the plain value of a constant; raise ValueError if it is no constant of `type`."""
    match type:
        case OptionType():
            is_null = isinstance(attribute, UnitAttr)
            return None if is_null else from_attribute(attribute, type.inner)
        case JsonType():
            return _json_from_attribute(attribute)
        case ListType():
            items: Sequence[Attribute] = _require(ArrayAttr, attribute, type).data
            return [from_attribute(item, type.item) for item in items]
        case MapType():
            entries: Mapping[str, Attribute] = _require(DictionaryAttr, attribute, type).data
            return {key: from_attribute(entries[key], type.value) for key in sorted(entries)}
        case RecordType():
            return _record_from_attribute(_require(DictionaryAttr, attribute, type), type)
        case BytesType():
            return _bytes_from_text(_require(StringAttr, attribute, type).data)
        case _:
            return _scalar_from_attribute(attribute, type)


def constant_value(operand: SSAValue) -> tuple[Any] | None:
    """Return the plain value of `operand` in a tuple if it is a constant, else None."""
    if not isinstance(operand, OpResult) or not operand.op.has_trait(ConstantLike):
        return None
    attribute = operand.op.properties.get("value")
    if attribute is None:
        return None
    try:
        value = from_attribute(attribute, operand.type)
    except ValueError:  # a malformed constant, which the verifier reports
        return None
    return (value,) if weight_of(value) <= FOLDED_WEIGHT_MAX else None


def folded_attribute(value: Any, type: Attribute) -> Attribute | None:
    """Return the attribute of a computed value, or None if it is too large or has none."""
    if weight_of(value) > FOLDED_WEIGHT_MAX:
        return None
    try:
        return to_attribute(value, type)
    except ValueError:  # for example a JSON integer beyond 64 bits
        return None


def weight_of(value: Any) -> int:
    """Return the number of characters, bytes and scalars in a value."""
    if isinstance(value, str | bytes):
        return len(value) + 1
    if isinstance(value, dict):
        entries = cast(dict[str, Any], value)
        return 1 + sum(len(key) + weight_of(item) for key, item in entries.items())
    if isinstance(value, list | tuple):
        return 1 + sum(map(weight_of, cast(Sequence[Any], value)))
    return 1


def _scalar_to_attribute(value: Any, type: Attribute) -> Attribute:
    if type == BOOL:
        return IntegerAttr(int(_require(bool, value, type)), i1)
    if type == FLOAT:
        return FloatAttr(_require(float, value, type), f64)
    if type == STR:
        return StringAttr(_text(_require(str, value, type)))
    if isinstance(type, EnumType):
        return StringAttr(_enum_value(_require(str, value, type), type))
    return IntegerAttr(_integer(_require(int, value, type), type), i64)


def _scalar_from_attribute(attribute: Attribute, type: Attribute) -> Any:
    if type == BOOL:
        return bool(_typed_integer(attribute, type, i1))
    if type == FLOAT:
        return _require(FloatAttr, attribute, type).value.data
    if type == STR:
        return _require(StringAttr, attribute, type).data
    if isinstance(type, EnumType):
        return _enum_value(_require(StringAttr, attribute, type).data, type)
    return _integer(_typed_integer(attribute, type, i64), type)


def _json_to_attribute(value: Any) -> Attribute:
    match value:
        case None:
            return UnitAttr()
        case bool():
            return IntegerAttr(int(value), i1)
        case int():
            return IntegerAttr(_integer(value, INT), i64)
        case float() if math.isfinite(value):
            return FloatAttr(value, f64)
        case str():
            return StringAttr(_text(value))
        case list() | tuple():
            return ArrayAttr([_json_to_attribute(item) for item in cast(Sequence[Any], value)])
        case dict():
            entries = cast(dict[str, Any], value)
            return DictionaryAttr({_text(k): _json_to_attribute(v) for k, v in entries.items()})
        case _:
            raise ValueError(f"{value!r} is no JSON value")


def _json_from_attribute(attribute: Attribute) -> Any:
    match attribute:
        case UnitAttr():
            return None
        case IntegerAttr() if attribute.type == i1:
            return bool(attribute.value.data)
        case IntegerAttr() if attribute.type == i64:
            return attribute.value.data
        case FloatAttr() if attribute.type == f64 and math.isfinite(attribute.value.data):
            return attribute.value.data
        case StringAttr():
            return attribute.data
        case ArrayAttr():
            items = attribute.data
            return [_json_from_attribute(item) for item in items]
        case DictionaryAttr():
            return {key: _json_from_attribute(item) for key, item in attribute.data.items()}
        case _:
            raise ValueError(f"{attribute} is no constant of !data.json")


def _record_to_attribute(value: Mapping[str, Any], type: RecordType) -> DictionaryAttr:
    _require_fields(value.keys(), type)
    return DictionaryAttr({name: to_attribute(value[name], part) for name, part in type.fields})


def _record_from_attribute(attribute: DictionaryAttr, type: RecordType) -> dict[str, Any]:
    _require_fields(attribute.data.keys(), type)
    return {name: from_attribute(attribute.data[name], part) for name, part in type.fields}


def _require_fields(found: Any, type: RecordType) -> None:
    if set(found) != set(type.names):
        raise ValueError(f"fields {', '.join(sorted(found)) or '(none)'} are not those of {type}")


def _require(kind: Any, value: Any, type: Attribute) -> Any:
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        shown = value if isinstance(value, Attribute) else repr(value)
        raise ValueError(f"{shown} is no constant of {type}")
    return value


def _typed_integer(attribute: Attribute, type: Attribute, width: Attribute) -> int:
    integer: IntegerAttr = _require(IntegerAttr, attribute, type)
    if integer.type != width:
        raise ValueError(f"{attribute} is no constant of {type}")
    return integer.value.data


def _integer(value: int, type: Attribute) -> int:
    low, high = (TIME_MIN, TIME_MAX) if type == TIME else (INT_MIN, INT_MAX)
    if type not in (INT, TIME, DURATION) or not low <= value <= high:
        raise ValueError(f"{value} is no constant of {type}")
    return value


def _enum_value(value: str, type: EnumType) -> str:
    if value not in type.names:
        raise ValueError(f'"{value}" is no value of {type}')
    return value


def _text(value: str) -> str:
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        raise ValueError(f"{value!r} holds half of a surrogate pair") from None
    return value


def _bytes_from_text(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise ValueError(f'"{text}" is no base64 constant of !data.bytes') from None
