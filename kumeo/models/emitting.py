"""Short ways to write ops of `infer`: constants from arrays, and the few patterns models share."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from xdsl.builder import Builder
from xdsl.dialects.builtin import DenseIntOrFPElementsAttr, TensorType, f32, f64, i1, i64
from xdsl.ir import Attribute, SSAValue

from kumeo.dialects import infer
from kumeo.dialects.infer.tensors import element_of, shape_of

_ELEMENTS: dict[str, Attribute] = {"float64": f64, "float32": f32, "int64": i64, "bool": i1}
_DTYPES = {element: name for name, element in _ELEMENTS.items()}


def dtype_of(element: Attribute) -> str:
    """Return the NumPy name of an element type."""
    return _DTYPES[element]


def dense(array: NDArray[Any]) -> DenseIntOrFPElementsAttr[Any]:
    """Return an array as an attribute."""
    kind: Any = TensorType(_ELEMENTS[array.dtype.name], array.shape)
    return DenseIntOrFPElementsAttr.from_list(kind, array.reshape(-1).tolist())


def array_of(attribute: Attribute) -> NDArray[Any]:
    """Return a dense attribute as an array; one number may stand for all."""
    given = cast(DenseIntOrFPElementsAttr[Any], attribute)
    shape = given.get_shape()
    flat = np.array(list(given.get_values()), dtype_of(given.get_element_type()))
    return np.full(shape, flat[0]) if flat.size == 1 else flat.reshape(shape)


@dataclass
class Emit:
    """Writes ops at the place of a builder. Values are tensors with the batch in front."""

    builder: Builder

    def add(self, op: infer.InferOpBase) -> SSAValue:
        """Insert an op and return its result."""
        return self.builder.insert(op).results[0]

    def constant(self, values: Any) -> SSAValue:
        """Return a constant; floats are float64, integers int64."""
        array = np.asarray(values)
        if array.dtype.name not in _ELEMENTS:
            array = array.astype(np.int64 if array.dtype.kind in "iu" else np.float64)
        return self.add(infer.ConstantOp(dense(array)))

    def cast(self, value: SSAValue, element: Attribute) -> SSAValue:
        """Return the value with other elements; nothing is added if it has them."""
        if element_of(value.type) == element:
            return value
        return self.add(infer.CastOp(value, element))

    def matrix(self, values: Sequence[SSAValue]) -> SSAValue:
        """Return scalars and rows side by side, as float64."""
        wide = [self._row(self.cast(value, f64)) for value in values]
        return wide[0] if len(wide) == 1 else self.add(infer.ConcatOp(wide, 1))

    def _row(self, value: SSAValue) -> SSAValue:
        is_row = len(shape_of(value.type)) == 2
        return value if is_row else self.add(infer.ExpandDimsOp(value, [1]))

    def column(self, value: SSAValue, index: int = 0) -> SSAValue:
        """Return one column of a matrix."""
        return self.add(infer.ColumnOp(value, 1, index))

    def columns(self, values: Sequence[SSAValue]) -> SSAValue:
        """Return scalars side by side."""
        return self.add(infer.ConcatOp([self._row(value) for value in values], 1))

    def compare(self, predicate: str, value: SSAValue, number: float) -> SSAValue:
        """Compare every element with a number."""
        return self.add(infer.CompareOp(predicate, value, self.constant(float(number))))

    def both(self, first: SSAValue | None, second: SSAValue) -> SSAValue:
        """Return whether both hold; nothing means yes."""
        return second if first is None else self.add(infer.AndOp(first, second))

    def where(self, condition: SSAValue, value: SSAValue) -> SSAValue:
        """Return a float or a row of floats where a condition holds, zero elsewhere."""
        if len(shape_of(value.type)) == 2:
            condition = self.add(infer.ExpandDimsOp(condition, [1]))
        zero = self.cast(self.constant(0.0), element_of(value.type))
        return self.add(infer.SelectOp(condition, value, zero))

    def only_finite(self, value: SSAValue, *, or_nan: bool) -> SSAValue:
        """Say of each row whether all of its numbers are finite.

        Infinity and NaN times zero are NaN, and so is every sum with NaN.
        """
        if or_nan:
            zero = self.cast(self.constant(0.0), element_of(value.type))
            value = self.add(infer.SelectOp(self.add(infer.IsNanOp(value)), zero, value))
        zero = self.cast(self.constant(0.0), element_of(value.type))
        total = self.add(infer.ReduceSumOp(self.add(infer.MulOp(value, zero)), [1]))
        return self.add(infer.NotOp(self.add(infer.IsNanOp(total))))
