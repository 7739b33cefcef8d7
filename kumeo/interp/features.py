"""Between the values of an event and what a model file takes and gives.

Inputs: one record is its fields, in field order; other values have the names of the op.
"""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import Any, cast

from xdsl.ir import Attribute

from kumeo.dialects.agent import ModelOp
from kumeo.dialects.data import FLOAT, ListType, MapType, RecordType
from kumeo.dialects.data.casting import decode
from kumeo.dialects.data.failures import DataFailure
from kumeo.dialects.settings import strings_of

Named = list[tuple[str, Any]]


def named_inputs(op: ModelOp, values: Sequence[Any]) -> Named:
    """Return the inputs as names and values; a single record is taken apart."""
    kind = op.inputs[0].type
    if len(values) == 1 and isinstance(kind, RecordType):
        return [(name, values[0][name]) for name in kind.names]
    names = strings_of(op.names) or tuple(str(i) for i in range(len(values)))
    return list(zip(names, values, strict=True))


def numbers_of(value: Any) -> list[Any]:
    """Return the entries of a list, or one entry; null is "not a number"."""
    items = cast(list[Any], value) if isinstance(value, list) else [value]
    return [float("nan") if item is None else item for item in items]


def row_of(named: Named) -> list[Any]:
    """Return all inputs as one row."""
    return [number for _, value in named for number in numbers_of(value)]


@contextmanager
def library_call() -> Generator[None]:
    """Turn whatever a model library raises into a DataFailure with code `model-failed`.

    Such libraries have error classes of their own without a common base, so all are caught. Keep
    nothing but the call itself inside.
    """
    try:
        yield
    except Exception as error:
        lines = str(error).strip().splitlines() or [type(error).__name__]
        raise DataFailure("model-failed", lines[0]) from None


def output_value(output: Any, kind: Attribute) -> Any:
    """Return an output as a value of its field; a float may be infinite or not a number.

    The first axis of an array counts events and has length one. It goes, unless the field's type
    has as many list levels as the array has axes.
    """
    data = output.tolist() if hasattr(output, "tolist") else output
    while isinstance(data, list) and len(cast(list[Any], data)) == 1 and _is_deeper(data, kind):
        data = cast(list[Any], data)[0]
    return _plain(data, kind)


def _is_deeper(data: Any, kind: Attribute) -> bool:
    while isinstance(data, list) and isinstance(kind, ListType):
        items = cast(list[Any], data)
        data, kind = (items[0] if items else None), kind.item
    return isinstance(data, list)


def _plain(data: Any, kind: Attribute) -> Any:
    if isinstance(kind, ListType) and isinstance(data, list):
        return [_plain(item, kind.item) for item in cast(list[Any], data)]
    if isinstance(kind, MapType) and isinstance(data, dict):
        entries = cast(dict[Any, Any], data)
        return {str(key): _plain(item, kind.value) for key, item in entries.items()}
    if kind == FLOAT and isinstance(data, int | float):
        return float(data)
    return decode(data, kind)
