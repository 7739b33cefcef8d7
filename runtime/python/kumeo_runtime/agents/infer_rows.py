"""The border of numeric agents: values of events to rows of numbers, and rows back to records.

| value | number |
|---|---|
| `float` | float64; null is NaN |
| `int` | int64 |
| `bool` | bool; where it may be null int64: 0, 1, and -1 for null |
| enum | int64: index in the order of its names; null is -1 |
| list of floats | one row of a matrix (results only) |
"""

import importlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias, cast

from kumeo_runtime.shapes import Shape, fields_of, shape_of
from kumeo_runtime.values import Failure, Fault

Encode: TypeAlias = Callable[[Any], Any]
INT_MIN, INT_MAX = -(2**63), 2**63 - 1


class Column(NamedTuple):
    """One input: its name, the type of its numbers, and how a value becomes one."""

    name: str
    dtype: str
    encode: Encode


class Block(NamedTuple):
    """Inputs of one number type, which stand side by side in a row."""

    start: int
    stop: int
    dtype: str
    names: tuple[str, ...]


class Encoder:
    """Makes rows of inputs, and the tensors of many rows."""

    def __init__(self, takes: Mapping[str, Any]) -> None:
        columns = [_column(name, kind) for name, kind in takes.items()]
        columns.sort(key=lambda column: column.dtype)
        self._columns = tuple((column.name, column.encode) for column in columns)
        self._names = tuple(column.name for column in columns)
        self._plain = (float,) * len(columns) if _all_float(columns) else None
        self._blocks = tuple(_blocks(columns))
        self._numpy: Any = importlib.import_module("numpy")

    def row(self, inputs: Mapping[str, Any]) -> tuple[Any, ...]:
        """Return the numbers of one event. Raises: Fault."""
        if self._plain is not None:
            row = tuple([inputs[name] for name in self._names])
            if tuple(map(type, row)) == self._plain:
                return row
        return tuple([encode(inputs[name]) for name, encode in self._columns])

    def blank(self) -> tuple[Any, ...]:
        """Return a row to try a model with."""
        return tuple(0 for _ in self._columns)

    def tensors(self, rows: Sequence[tuple[Any, ...]]) -> dict[str, Any]:
        """Return the inputs of a batch by name, each with one number per row."""
        numpy, blocks = self._numpy, self._blocks
        found: dict[str, Any] = {}
        for start, stop, dtype, names in blocks:
            part = rows if len(blocks) == 1 else [row[start:stop] for row in rows]
            table = numpy.ascontiguousarray(numpy.array(part, dtype).T)
            found.update(zip(names, table, strict=True))
        return found


def _all_float(columns: Sequence[Column]) -> bool:
    return all(column.dtype == "float64" for column in columns)


def _blocks(columns: Sequence[Column]) -> Iterable[Block]:
    start = 0
    for dtype in dict.fromkeys(column.dtype for column in columns):
        names = tuple(column.name for column in columns if column.dtype == dtype)
        yield Block(start, start + len(names), dtype, names)
        start += len(names)


def _column(name: str, kind: Any) -> Column:
    """Return how an input is encoded; `(T, None)` is an optional T.

    Python takes `T | None` of two enums for the same if their names are, in whatever order.
    """
    if isinstance(kind, tuple):
        inner, _ = cast(tuple[Any, None], kind)
        return column_of(name, shape_of(inner), is_optional=True)
    shape = shape_of(kind)
    is_optional = shape.kind == "option"
    return column_of(name, shape_of(shape.inner) if is_optional else shape, is_optional=is_optional)


def column_of(name: str, inner: Shape, *, is_optional: bool) -> Column:
    """Return how an input is encoded. Raises: TypeError for a type that is no number."""
    if inner.kind == "enum":
        return Column(name, "int64", _index(name, inner.names, is_optional))
    if inner.type is float:
        return Column(name, "float64", _float(name, is_optional))
    if inner.type is bool:
        return Column(name, "int64" if is_optional else "bool", _bool(name, is_optional))
    is_int = isinstance(inner.type, type) and issubclass(inner.type, int)
    if is_int and not is_optional:
        return Column(name, "int64", _int(name))
    raise TypeError(f"input `{name}`: {cast(Any, inner).type} is no number")


def _float(name: str, is_optional: bool) -> Encode:
    def encode(value: Any) -> float:
        if type(value) is float:
            return value
        if isinstance(value, float | int) and not isinstance(value, bool):
            return float(value)
        if value is None and is_optional:
            return float("nan")
        raise _wrong(name, value, "a number")

    return encode


def _int(name: str) -> Encode:
    def encode(value: Any) -> int:
        is_int = isinstance(value, int) and not isinstance(value, bool)
        if is_int and INT_MIN <= value <= INT_MAX:
            return value
        raise _wrong(name, value, "an integer of 64 bits")

    return encode


def _bool(name: str, is_optional: bool) -> Encode:
    def encode(value: Any) -> int:
        if value is None and is_optional:
            return -1
        if isinstance(value, bool):
            return value
        raise _wrong(name, value, "true or false")

    return encode


def _index(name: str, names: Sequence[str], is_optional: bool) -> Encode:
    indices: dict[Any, int] = {each: at for at, each in enumerate(names)}
    if is_optional:
        indices[None] = -1

    def encode(value: Any) -> int:
        try:
            return indices[value]
        except (KeyError, TypeError):
            raise _wrong(name, value, f"one of {', '.join(names)}") from None

    return encode


def _wrong(name: str, value: Any, wanted: str) -> Fault:
    if isinstance(value, Failure):
        return Fault(value.code, value.message)
    shown = repr(value)
    shown = shown if len(shown) <= 60 else f"{shown[:57]}..."
    return Fault("model-failed", f"input `{name}`: {shown} is not {wanted}")


class Decoder:
    """Makes records of the outputs of a batch."""

    def __init__(self, result: Any) -> None:
        fields = fields_of(result)
        self._result = result
        self._names = tuple(field.name for field in fields)
        self.fields = tuple(field.json_name for field in fields)
        """Names of the fields; there is one output for each, in their order."""
        self._enums = {
            at: shape.names
            for at, shape in enumerate(shape_of(field.type) for field in fields)
            if shape.kind == "enum"
        }

    def records(self, outputs: Sequence[Any], rows: int) -> list[Any]:
        """Return a record or Failure for each row."""
        result, names = self._result, self._names
        columns = [output.tolist() for output in outputs]
        for at, states in self._enums.items():
            columns[at] = [_state(self.fields[at], states, index) for index in columns[at]]
        if not columns:
            return [result() for _ in range(rows)]
        found = [result(**dict(zip(names, row, strict=True))) for row in zip(*columns, strict=True)]
        return self._failing(found, columns) if self._enums else found

    def _failing(self, records: list[Any], columns: Sequence[Any]) -> list[Any]:
        for at in self._enums:
            bad = ((row, cell) for row, cell in enumerate(columns[at]) if type(cell) is Failure)
            for row, failure in bad:
                records[row] = failure
        return records


def _state(name: str, states: Sequence[str], index: Any) -> str | Failure:
    number = cast(int, index)
    if 0 <= number < len(states):
        return states[number]
    return Failure("model-failed", f"output `{name}`: there is no state {number}")
