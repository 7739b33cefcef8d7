"""The rules from the tensors of a model to types of the language."""

import re
from collections.abc import Iterable, Sequence

from xdsl.ir import Attribute

from kumeo.dialects.data.types import BOOL, FLOAT, INT, JSON, STR, ListType, RecordType

_INTEGERS = {f"{sign}int{bits}" for sign in ("", "u") for bits in (4, 8, 16, 32, 64)}
_FLOATS = {"float16", "bfloat16", "float32", "float64"}

Shape = Sequence[int | str | None]


def element_type(element: str) -> Attribute | None:
    """Return the scalar type of an element type such as `float32`, None if there is none."""
    if element in _FLOATS:
        return FLOAT
    if element in _INTEGERS:
        return INT
    return {"bool": BOOL, "string": STR}.get(element)


def tensor_type(scalar: Attribute, shape: Shape | None) -> Attribute:
    """Return the type of one event's part of a tensor.

    The first dimension counts events, unless it is a fixed number above 1. What is left is a
    scalar for `[]` and `[1]`, else one list for each dimension. An unknown rank gives `json`.
    """
    if shape is None:
        return JSON
    is_batch = bool(shape) and (not isinstance(shape[0], int) or shape[0] <= 1)
    dims = list(shape[1:]) if is_batch else list(shape)
    if dims == [1]:
        return scalar
    result = scalar
    for _ in dims:
        result = ListType(result)
    return result


def result_record(fields: Iterable[tuple[str, Attribute]]) -> RecordType:
    """Return the record of named outputs; each name becomes a distinct identifier."""
    types: dict[str, Attribute] = {}
    for name, type_ in fields:
        types[_distinct(identifier(name), types)] = type_
    return RecordType.of(types)


def identifier(name: str) -> str:
    """Return `name` with everything that an identifier cannot hold replaced by `_`."""
    text = re.sub(r"[^A-Za-z0-9_]", "_", name) or "_"
    return f"_{text}" if text[0].isdigit() else text


def _distinct(name: str, taken: Iterable[str]) -> str:
    names, result, count = set(taken), name, 1
    while result in names:
        count += 1
        result = f"{name}_{count}"
    return result
