"""Ops that rearrange, join, look up, multiply and reduce tensors. Axes count from 0.

A flat list of small classes, kept in one file because they share their readers of properties.
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, cast

from xdsl.dialects.builtin import (
    DenseArrayBase,
    DenseIntOrFPElementsAttr,
    IntegerAttr,
    UnitAttr,
    i64,
)
from xdsl.ir import Attribute
from xdsl.irdl import irdl_op_definition, opt_prop_def, prop_def
from xdsl.utils.exceptions import VerifyException

from kumeo.dialects.infer.base import InferOpBase, Value
from kumeo.dialects.infer.tensors import (
    BATCH,
    Shape,
    axes_fault,
    broadcast,
    element_of,
    is_bool,
    is_float,
    shape_of,
    shape_text,
    tensor,
    type_of,
)


def integers(values: Sequence[int]) -> DenseArrayBase[Any]:
    """Return a list of integers as an attribute."""
    return DenseArrayBase.from_list(i64, list(values))


def integers_of(value: Attribute | None) -> tuple[int, ...]:
    """Return the integers of an attribute. Raises: VerifyException."""
    if not isinstance(value, DenseArrayBase):
        raise VerifyException("a list of integers is missing")
    values = cast(Sequence[Any], value.get_values())
    if not all(isinstance(number, int) for number in values):
        raise VerifyException("a list of integers is missing")
    return tuple(values)


def _integer(value: Attribute | None) -> int:
    if not isinstance(value, IntegerAttr):
        raise VerifyException("an integer is missing")
    return value.value.data


def _checked_axes(properties: Mapping[str, Attribute], rank: int) -> tuple[int, ...]:
    axes = integers_of(properties.get("axes"))
    fault = axes_fault(axes, rank)
    if fault is not None:
        raise VerifyException(fault)
    return axes


@irdl_op_definition
class ConstantOp(InferOpBase):
    """A tensor without batch.

    %c = infer.constant () value dense<[0.5, 0.25]> : tensor<2xf64> : () -> (tensor<2xf64>)
    """

    name = "infer.constant"
    value = prop_def(DenseIntOrFPElementsAttr)
    CLAUSES: ClassVar[tuple[str, ...]] = ("value",)
    ARITY: ClassVar[int | None] = 0

    def __init__(self, value: DenseIntOrFPElementsAttr[Any]) -> None:
        self.fill([], {"value": value})

    @classmethod
    def infer_types(
        cls, inputs: Sequence[Attribute], properties: Mapping[str, Attribute]
    ) -> list[Attribute]:
        """Return the type of the value."""
        return [type_of(properties.get("value"))]


class AxesOp(InferOpBase):
    """Base of the ops on one tensor with the property `axes`."""

    axes = prop_def(DenseArrayBase)
    CLAUSES: ClassVar[tuple[str, ...]] = ("axes",)
    ARITY: ClassVar[int | None] = 1

    def __init__(self, value: Value, axes: Sequence[int]) -> None:
        self.fill([value], {"axes": integers(axes)})


@irdl_op_definition
class ExpandDimsOp(AxesOp):
    """Adds axes of length one; `axes` are their places in the result."""

    name = "infer.expand_dims"

    @classmethod
    def infer_types(
        cls, inputs: Sequence[Attribute], properties: Mapping[str, Attribute]
    ) -> list[Attribute]:
        """Return the longer shape."""
        shape = shape_of(inputs[0])
        axes = _checked_axes(properties, len(shape) + len(integers_of(properties.get("axes"))))
        old = iter(shape)
        sizes = [1 if i in axes else next(old) for i in range(len(shape) + len(axes))]
        return [tensor(element_of(inputs[0]), *sizes)]


@irdl_op_definition
class SqueezeOp(AxesOp):
    """Removes axes of length one."""

    name = "infer.squeeze"

    @classmethod
    def infer_types(
        cls, inputs: Sequence[Attribute], properties: Mapping[str, Attribute]
    ) -> list[Attribute]:
        """Return the shorter shape."""
        shape = shape_of(inputs[0])
        axes = _checked_axes(properties, len(shape))
        if any(shape[axis] != 1 for axis in axes):
            raise VerifyException(
                f"an axis of {list(axes)} in {shape_text(shape)} is longer than 1"
            )
        sizes = [size for i, size in enumerate(shape) if i not in axes]
        return [tensor(element_of(inputs[0]), *sizes)]


@irdl_op_definition
class TransposeOp(AxesOp):
    """Puts the axes into another order: axis i of the result is axis `axes[i]` of the operand."""

    name = "infer.transpose"

    @classmethod
    def infer_types(
        cls, inputs: Sequence[Attribute], properties: Mapping[str, Attribute]
    ) -> list[Attribute]:
        """Return the reordered shape."""
        shape = shape_of(inputs[0])
        axes = _checked_axes(properties, len(shape))
        if len(axes) != len(shape):
            raise VerifyException(f"names {len(axes)} of {len(shape)} axes")
        return [tensor(element_of(inputs[0]), *(shape[axis] for axis in axes))]


@irdl_op_definition
class ReshapeOp(InferOpBase):
    """The same elements in another shape, in row-major order; the batch stays one of its axes."""

    name = "infer.reshape"
    shape = prop_def(DenseArrayBase)
    CLAUSES: ClassVar[tuple[str, ...]] = ("shape",)
    ARITY: ClassVar[int | None] = 1

    def __init__(self, value: Value, shape: Sequence[int]) -> None:
        """Give the new shape, with `BATCH` where the batch is."""
        self.fill([value], {"shape": integers([-1 if s == BATCH else s for s in shape])})

    @classmethod
    def infer_types(
        cls, inputs: Sequence[Attribute], properties: Mapping[str, Attribute]
    ) -> list[Attribute]:
        """Return the new shape."""
        old = shape_of(inputs[0])
        new = tuple(BATCH if s == -1 else s for s in integers_of(properties.get("shape")))
        if _elements(old) != _elements(new) or old.count(BATCH) != new.count(BATCH):
            raise VerifyException(f"{shape_text(old)} does not fit into {shape_text(new)}")
        if BATCH in old and _before_batch(old) != _before_batch(new):
            raise VerifyException("the rows of the batch would be mixed")
        return [tensor(element_of(inputs[0]), *new)]


def _elements(shape: Shape) -> int:
    count = 1
    for size in shape:
        count *= 1 if size == BATCH else size
    return count


def _before_batch(shape: Shape) -> int:
    return _elements(shape[: shape.index(BATCH)])


class AxisOp(InferOpBase):
    """Base of the ops with the property `axis`."""

    axis = prop_def(IntegerAttr)
    CLAUSES: ClassVar[tuple[str, ...]] = ("axis",)

    @classmethod
    def axis_of(cls, properties: Mapping[str, Attribute], rank: int) -> int:
        """Return the axis. Raises: VerifyException."""
        axis = _integer(properties.get("axis"))
        if not 0 <= axis < rank:
            raise VerifyException(f"the axis {axis} is outside of rank {rank}")
        return axis


@irdl_op_definition
class ConcatOp(AxisOp):
    """Joins tensors along an axis that is not the batch."""

    name = "infer.concat"

    def __init__(self, values: Sequence[Value], axis: int) -> None:
        self.fill(values, {"axis": IntegerAttr(axis, i64)})

    @classmethod
    def infer_types(
        cls, inputs: Sequence[Attribute], properties: Mapping[str, Attribute]
    ) -> list[Attribute]:
        """Return the joined shape."""
        if not inputs:
            raise VerifyException("joins nothing")
        shapes = [shape_of(kind) for kind in inputs]
        axis = cls.axis_of(properties, len(shapes[0]))
        if len({len(shape) for shape in shapes}) > 1:
            raise VerifyException("the operands have different ranks")
        rests = {(*shape[:axis], *shape[axis + 1 :]) for shape in shapes}
        if len(rests) > 1 or len({element_of(kind) for kind in inputs}) > 1:
            raise VerifyException("the operands do not fit each other")
        if any(shape[axis] == BATCH for shape in shapes):
            raise VerifyException("batches cannot be joined: rows would change")
        joined = sum(shape[axis] for shape in shapes)
        first = shapes[0]
        return [tensor(element_of(inputs[0]), *first[:axis], joined, *first[axis + 1 :])]


@irdl_op_definition
class ColumnOp(AxisOp):
    """One place of an axis, which goes away.

    %a = infer.column (%x) axis 1 index 0 : (tensor<?x3xf64>) -> (tensor<?xf64>)
    """

    name = "infer.column"
    index = prop_def(IntegerAttr)
    CLAUSES: ClassVar[tuple[str, ...]] = ("axis", "index")
    ARITY: ClassVar[int | None] = 1

    def __init__(self, value: Value, axis: int, index: int) -> None:
        self.fill([value], {"axis": IntegerAttr(axis, i64), "index": IntegerAttr(index, i64)})

    @classmethod
    def infer_types(
        cls, inputs: Sequence[Attribute], properties: Mapping[str, Attribute]
    ) -> list[Attribute]:
        """Return the shape without the axis."""
        shape = shape_of(inputs[0])
        axis, index = cls.axis_of(properties, len(shape)), _integer(properties.get("index"))
        if shape[axis] == BATCH or not 0 <= index < shape[axis]:
            raise VerifyException(f"axis {axis} of {shape_text(shape)} has no fixed place {index}")
        return [tensor(element_of(inputs[0]), *shape[:axis], *shape[axis + 1 :])]


@irdl_op_definition
class GatherOp(AxisOp):
    """Looks up places of an axis: the shape of the indices stands for the axis (`numpy.take`).

    An index outside of the axis takes its nearest end; no row disturbs another.

    %t = infer.gather (%table, %i) axis 1
      : (tensor<2x3xf64>, tensor<?xi64>) -> (tensor<2x?xf64>)
    """

    name = "infer.gather"
    ARITY: ClassVar[int | None] = 2

    def __init__(self, table: Value, indices: Value, axis: int) -> None:
        self.fill([table, indices], {"axis": IntegerAttr(axis, i64)})

    @classmethod
    def infer_types(
        cls, inputs: Sequence[Attribute], properties: Mapping[str, Attribute]
    ) -> list[Attribute]:
        """Return the shape with the indices in place of the axis."""
        table, indices = shape_of(inputs[0]), shape_of(inputs[1])
        axis = cls.axis_of(properties, len(table))
        if element_of(inputs[1]) != i64:
            raise VerifyException("the indices are no tensor of i64")
        if table[axis] == BATCH:
            raise VerifyException("rows of the batch cannot be looked up")
        if BATCH in table and BATCH in indices:
            raise VerifyException("table and indices both have a batch")
        return [tensor(element_of(inputs[0]), *table[:axis], *indices, *table[axis + 1 :])]


@irdl_op_definition
class MatmulOp(InferOpBase):
    """The matrix product on the last two axes; the axes before broadcast.

    The batch is never summed over.
    """

    name = "infer.matmul"
    ARITY: ClassVar[int | None] = 2

    def __init__(self, lhs: Value, rhs: Value) -> None:
        self.fill([lhs, rhs], {})

    @classmethod
    def infer_types(
        cls, inputs: Sequence[Attribute], properties: Mapping[str, Attribute]
    ) -> list[Attribute]:
        """Return the shape of the product."""
        left, right = shape_of(inputs[0]), shape_of(inputs[1])
        element = element_of(inputs[0])
        if not is_float(element) or element_of(inputs[1]) != element:
            raise VerifyException("multiplies tensors of one float type")
        if min(len(left), len(right)) < 2 or left[-1] != right[-2] or left[-1] == BATCH:
            raise VerifyException(f"{shape_text(left)} and {shape_text(right)} have no product")
        outer = broadcast(left[:-2], right[:-2]) if left[:-2] or right[:-2] else ()
        shape = (*outer, left[-2], right[-1])
        if shape.count(BATCH) > 1:
            raise VerifyException("both factors have a batch that does not meet")
        return [tensor(element, *shape)]


class ReduceOp(InferOpBase):
    """Base of the reductions over axes that are not the batch."""

    axes = prop_def(DenseArrayBase)
    keepdims = opt_prop_def(UnitAttr)
    CLAUSES: ClassVar[tuple[str, ...]] = ("axes", "keepdims")
    FLAGS: ClassVar[tuple[str, ...]] = ("keepdims",)
    ARITY: ClassVar[int | None] = 1

    def __init__(self, value: Value, axes: Sequence[int], *, keepdims: bool = False) -> None:
        self.fill([value], {"axes": integers(axes), "keepdims": UnitAttr() if keepdims else None})

    @classmethod
    def infer_types(
        cls, inputs: Sequence[Attribute], properties: Mapping[str, Attribute]
    ) -> list[Attribute]:
        """Return the shape without the axes, or with length one there."""
        shape = shape_of(inputs[0])
        axes = _checked_axes(properties, len(shape))
        if any(shape[axis] == BATCH for axis in axes):
            raise VerifyException("the batch cannot be reduced: rows would mix")
        if is_bool(element_of(inputs[0])):
            raise VerifyException("reduces numbers, not truth values")
        keeps = "keepdims" in properties
        sizes = [1 if i in axes else s for i, s in enumerate(shape) if keeps or i not in axes]
        return [tensor(element_of(inputs[0]), *sizes)]


@irdl_op_definition
class ReduceSumOp(ReduceOp):
    """The sum over axes."""

    name = "infer.reduce_sum"


@irdl_op_definition
class ReduceMaxOp(ReduceOp):
    """The largest element over axes; NaN if one is NaN."""

    name = "infer.reduce_max"


@irdl_op_definition
class ReduceMinOp(ReduceOp):
    """The smallest element over axes; NaN if one is NaN."""

    name = "infer.reduce_min"


@irdl_op_definition
class ArgmaxOp(AxisOp):
    """The place of the largest element of an axis; of equal ones the first."""

    name = "infer.argmax"
    ARITY: ClassVar[int | None] = 1

    def __init__(self, value: Value, axis: int) -> None:
        self.fill([value], {"axis": IntegerAttr(axis, i64)})

    @classmethod
    def infer_types(
        cls, inputs: Sequence[Attribute], properties: Mapping[str, Attribute]
    ) -> list[Attribute]:
        """Return indices without the axis."""
        shape = shape_of(inputs[0])
        axis = cls.axis_of(properties, len(shape))
        if shape[axis] == BATCH or is_bool(element_of(inputs[0])):
            raise VerifyException("looks for the largest number of an axis that is not the batch")
        return [tensor(i64, *shape[:axis], *shape[axis + 1 :])]


@irdl_op_definition
class SoftmaxOp(AxisOp):
    """exp(x) / sum of exp(x) over an axis, computed without overflow."""

    name = "infer.softmax"
    ARITY: ClassVar[int | None] = 1

    def __init__(self, value: Value, axis: int) -> None:
        self.fill([value], {"axis": IntegerAttr(axis, i64)})

    @classmethod
    def infer_types(
        cls, inputs: Sequence[Attribute], properties: Mapping[str, Attribute]
    ) -> list[Attribute]:
        """Return the same type."""
        shape = shape_of(inputs[0])
        if shape[cls.axis_of(properties, len(shape))] == BATCH or not is_float(
            element_of(inputs[0])
        ):
            raise VerifyException("needs floats, and an axis that is not the batch")
        return [inputs[0]]
