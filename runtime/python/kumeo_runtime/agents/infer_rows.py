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
from collections.abc import Callable, Mapping, Sequence
from keyword import iskeyword
from operator import itemgetter
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
    exact: type | None = None
    """The type whose values are numbers as they are."""
    indices: Mapping[Any, int] | None = None
    """The numbers of all values, where there are so few."""
    blank: Any = 0
    """A value to try a model with."""


class Encoder:
    """Makes the tensors of many rows. A row is the inputs of one event, as they come.

    Values become numbers when their batch is made: a whole column at a time costs a fraction of
    what each value costs by itself.
    """

    def __init__(self, takes: Mapping[str, Any]) -> None:
        self._columns = tuple(_column(name, kind) for name, kind in takes.items())
        self.row: Callable[[Mapping[str, Any]], tuple[Any, ...]] = _picker(tuple(takes))
        """Returns the row of one event."""
        self._numpy: Any = importlib.import_module("numpy")

    def blank(self) -> tuple[Any, ...]:
        """Return a row to try a model with."""
        return tuple(column.blank for column in self._columns)

    def check(self, row: tuple[Any, ...]) -> None:
        """Return if each value has a number. Raises: Fault."""
        for column, value in zip(self._columns, row, strict=True):
            column.encode(value)

    def tensors(self, rows: Sequence[tuple[Any, ...]]) -> dict[str, Any]:
        """Return the inputs of a batch by name, each with one number per row. Raises: Fault."""
        values = zip(*rows, strict=True)
        return {
            column.name: self._numbers(column, each)
            for column, each in zip(self._columns, values, strict=True)
        }

    def _numbers(self, column: Column, values: tuple[Any, ...]) -> Any:
        """Return the numbers of one input."""
        array = self._numpy.array
        try:
            if column.indices is not None:
                return array(list(map(column.indices.__getitem__, values)), column.dtype)
            if set(map(type, values)) == {column.exact}:
                return array(values, column.dtype)
        except (KeyError, TypeError, OverflowError):
            pass  # some value has no number; which one, the slow way tells
        return array([column.encode(value) for value in values], column.dtype)


def _picker(names: tuple[str, ...]) -> Callable[[Mapping[str, Any]], tuple[Any, ...]]:
    """Return what takes values by their names, in this order."""
    if len(names) > 1:
        return itemgetter(*names)
    return lambda inputs: tuple(inputs[name] for name in names)


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
        indices = _indices(inner.names, is_optional)
        encode = _index(name, inner.names, indices)
        return Column(name, "int64", encode, indices=indices, blank=inner.names[0])
    if inner.type is float:
        return Column(name, "float64", _float(name, is_optional), float)
    if inner.type is bool:
        dtype = "int64" if is_optional else "bool"
        return Column(name, dtype, _bool(name, is_optional), bool, blank=False)
    is_int = isinstance(inner.type, type) and issubclass(inner.type, int)
    if is_int and not is_optional:
        return Column(name, "int64", _int(name), int)
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


def _indices(names: Sequence[str], is_optional: bool) -> dict[Any, int]:
    found: dict[Any, int] = {each: at for at, each in enumerate(names)}
    return {**found, None: -1} if is_optional else found


def _index(name: str, names: Sequence[str], indices: Mapping[Any, int]) -> Encode:
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
        self._make = maker(result, [field.name for field in fields])
        self.fields = tuple(field.json_name for field in fields)
        """Names of the fields; there is one output for each, in their order."""
        self._enums = {
            at: shape.names
            for at, shape in enumerate(shape_of(field.type) for field in fields)
            if shape.kind == "enum"
        }

    def records(self, outputs: Sequence[Any], rows: int) -> list[Any]:
        """Return a record or Failure for each row."""
        if not outputs:
            return [self._make() for _ in range(rows)]
        columns = [output.tolist() for output in outputs]
        failures: dict[int, Failure] = {}
        for at, states in self._enums.items():
            names, bad = _states(self.fields[at], states, columns[at])
            columns[at] = names
            failures = {**bad, **failures}
        found = list(map(self._make, *columns))
        for row, failure in failures.items():
            found[row] = failure
        return found


def maker(result: Any, names: Sequence[str]) -> Callable[..., Any]:
    """Return what makes a record of values in the order of its fields.

    Records take their fields by name only. A function that is written for these names makes one in
    a sixth of the time that names which are looked up take; it is made as `namedtuple` makes its
    own, of names that are checked.
    """
    assert all(name.isidentifier() and not iskeyword(name) for name in names), names
    taken = [f"v{at}" for at in range(len(names))]
    given = ", ".join(f"{name}={value}" for name, value in zip(names, taken, strict=True))
    return eval(f"lambda {', '.join(taken)}: result({given})", {"result": result})


def _states(
    name: str, states: Sequence[str], indices: Sequence[int]
) -> tuple[list[str], dict[int, Failure]]:
    """Return the names of states, and the rows that have none."""
    if min(indices) >= 0 and max(indices) < len(states):
        return [states[index] for index in indices], {}
    text = f"output `{name}`: there is no state"
    bad = {row: index for row, index in enumerate(indices) if not 0 <= index < len(states)}
    failures = {row: Failure("model-failed", f"{text} {index}") for row, index in bad.items()}
    return ["" if row in bad else states[each] for row, each in enumerate(indices)], failures
