"""Plain Python data as builtin attributes, and back: the settings of sources, agents and so on.

    to_settings({"timeout_us": 5, "tags": ["a"]})  ->  {timeout_us = 5 : i64, tags = ["a"]}

Only builtin attributes are used, so other MLIR tools can read them.
"""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from xdsl.dialects.builtin import (
    ArrayAttr,
    DictionaryAttr,
    FloatAttr,
    IntegerAttr,
    StringAttr,
    SymbolRefAttr,
    UnitAttr,
    f64,
    i1,
    i64,
)
from xdsl.ir import Attribute

Setting = None | bool | int | float | str | Attribute | Sequence[Any] | Mapping[str, Any]


def to_setting(value: Setting) -> Attribute:
    """Return plain data as an attribute; attributes stay what they are, None becomes `unit`."""
    match value:
        case None:
            return UnitAttr()
        case Attribute():
            return value
        case bool():
            return IntegerAttr(int(value), i1)
        case int():
            return IntegerAttr(value, i64)
        case float():
            return FloatAttr(value, f64)
        case str():
            return StringAttr(value)
        case Mapping():
            return to_settings(cast(Mapping[str, Setting], value))
        case _:
            return ArrayAttr([to_setting(v) for v in value])


def to_settings(values: Mapping[str, Setting] | None) -> DictionaryAttr:
    """Return plain data with string keys as a dictionary attribute."""
    return DictionaryAttr({key: to_setting(v) for key, v in (values or {}).items()})


def from_setting(attr: Attribute) -> Any:
    """Return the plain data of an attribute made by `to_setting`."""
    match attr:
        case IntegerAttr(type=t, value=v):
            return bool(v.data) if t == i1 else v.data
        case FloatAttr(value=v):
            return v.data
        case StringAttr(data=text):
            return text
        case SymbolRefAttr():
            return attr.string_value()
        case ArrayAttr():
            return [from_setting(item) for item in attr.data]
        case DictionaryAttr(data=entries):
            return {key: from_setting(v) for key, v in entries.items()}
        case _:
            return None


def strings_of(attr: Attribute | None) -> tuple[str, ...]:
    """Return the texts of an array of strings; None is an empty array."""
    if not isinstance(attr, ArrayAttr):
        return ()
    items = cast(ArrayAttr[Attribute], attr).data
    return tuple(item.data for item in items if isinstance(item, StringAttr))


def string_array(values: Sequence[str]) -> ArrayAttr[StringAttr]:
    """Return texts as an array of strings."""
    return ArrayAttr([StringAttr(value) for value in values])
