"""Which numbers a tensor may hold, as far as that is easily seen.

It saves the check of an index that comes from an enum and can only be one of its names, the look
for NaN in products and sums of probabilities, and the look for zero where they are divided.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from xdsl.dialects.builtin import DenseIntOrFPElementsAttr
from xdsl.ir import BlockArgument, Operation, SSAValue

from kumeo.dialects import infer
from kumeo.dialects.agent import InferOp
from kumeo.dialects.data import EnumType, OptionType
from kumeo.dialects.infer.shapes import integers_of
from kumeo.dialects.infer.tensors import element_of, is_bool, is_float, shape_of

Range: TypeAlias = tuple[float, float]
ANY: Range = (float("-inf"), float("inf"))
LARGE = 1e30
"""Sums and products of a few numbers up to here are finite, in float32 too."""

_SHAPES = (infer.ReshapeOp, infer.ExpandDimsOp, infer.SqueezeOp, infer.TransposeOp, infer.ColumnOp)
_KEEP_SIZE = (*_SHAPES, infer.AbsOp, infer.NegOp, infer.ReduceMaxOp, infer.ReduceMinOp)
"""Ops whose result holds no larger magnitudes than their operand."""
_JOIN = (infer.ConcatOp, infer.MaxOp, infer.MinOp)
_KEEP_SIGN = (*_SHAPES, infer.MulOp, infer.MatmulOp, infer.AddOp, infer.ReduceSumOp, infer.DivOp)
"""Ops that make no negative number of numbers that are not negative."""


@dataclass
class Ranges:
    """What is known about the values of one region; ops are learned in their order."""

    _ends: dict[SSAValue, Range] = field(default_factory=dict[SSAValue, Range])
    _sizes: dict[SSAValue, float] = field(default_factory=dict[SSAValue, float])

    _positive: set[SSAValue] = field(default_factory=set[SSAValue])
    """Floats that are never below zero."""

    def ends(self, value: SSAValue) -> Range:
        """Return the least and the greatest integer that may be in a tensor."""
        return _of_argument(value) if isinstance(value, BlockArgument) else self._ends[value]

    def is_number(self, value: SSAValue) -> bool:
        """Say whether a tensor surely holds no NaN."""
        return self._size(value) <= LARGE

    def is_share(self, value: SSAValue) -> bool:
        """Say whether a tensor surely holds numbers of 0 or more, and no NaN."""
        return value in self._positive and self.is_number(value)

    def learn(self, op: Operation) -> None:
        """Work out what the results of an op may hold."""
        for result in op.results:
            is_floats = is_float(element_of(result.type))
            self._ends[result] = ANY if is_floats else self._ends_of(op)
            self._sizes[result] = self._size_of(op) if is_floats else ANY[1]
            if is_floats and self._is_positive(op):
                self._positive.add(result)

    def _is_positive(self, op: Operation) -> bool:
        match op:
            case infer.ConstantOp():
                return _of_constant(op.value)[0] >= 0.0
            case infer.GatherOp():
                return op.inputs[0] in self._positive
            case infer.ExpOp():
                return True
            case infer.CastOp():
                source = op.inputs[0]
                return source in self._positive or is_bool(element_of(source.type))
            case _:
                return isinstance(op, _KEEP_SIGN) and all(v in self._positive for v in op.operands)

    # -- integers
    def _ends_of(self, op: Operation) -> Range:
        match op:
            case infer.ConstantOp():
                return _of_constant(op.value)
            case infer.CastOp() if is_bool(element_of(op.inputs[0].type)):
                return (0, 1)
            case infer.ArgmaxOp():
                return (0, shape_of(op.inputs[0].type)[op.axis.value.data] - 1)
            case infer.SelectOp():
                return _around([self.ends(each) for each in op.inputs[1:]])
            case infer.AddOp() | infer.MulOp():
                left, right = (self.ends(each) for each in op.inputs)
                return _combined(op, left, right)
            case infer.MaxOp():
                ends = [self.ends(each) for each in op.inputs]
                return (max(low for low, _ in ends), max(high for _, high in ends))
            case infer.MinOp():
                ends = [self.ends(each) for each in op.inputs]
                return (min(low for low, _ in ends), min(high for _, high in ends))
            case _ if isinstance(op, (*_SHAPES, infer.ConcatOp)):
                return _around([self.ends(each) for each in op.operands])
            case _:
                return ANY

    # -- magnitudes of floats
    def _size(self, value: SSAValue) -> float:
        return ANY[1] if isinstance(value, BlockArgument) else self._sizes[value]

    def _size_of(self, op: Operation) -> float:
        """Return a bound; infinite where NaN is possible."""
        match op:
            case infer.ConstantOp():
                low, high = _of_constant(op.value)
                return max(abs(low), abs(high)) if low <= high else ANY[1]
            case infer.CastOp() if not is_float(element_of(op.inputs[0].type)):
                return 1.0 if is_bool(element_of(op.inputs[0].type)) else 2.0**63
            case infer.MulOp() | infer.MatmulOp():
                terms = 1 if isinstance(op, infer.MulOp) else shape_of(op.inputs[0].type)[-1]
                left, right = (max(self._size(each), 1.0) for each in op.inputs)
                return left * right * terms
            case infer.AddOp() | infer.SubOp():
                return sum(self._size(each) for each in op.inputs)
            case infer.ReduceSumOp():
                shape = shape_of(op.inputs[0].type)
                terms = math.prod(shape[axis] for axis in integers_of(op.axes))
                return self._size(op.inputs[0]) * terms
            case infer.GatherOp() | infer.CastOp():
                return self._size(op.inputs[0])
            case infer.SelectOp():
                return max(self._size(each) for each in op.inputs[1:])
            case _ if isinstance(op, (*_KEEP_SIZE, *_JOIN)):
                return max(self._size(each) for each in op.operands)
            case _:
                return ANY[1]


def _combined(op: Operation, left: Range, right: Range) -> Range:
    if isinstance(op, infer.AddOp):
        return (left[0] + right[0], left[1] + right[1])
    if left[0] >= 0 and right[0] >= 0 and max(left[1], right[1]) < 1 << 31:
        return (left[0] * right[0], left[1] * right[1])
    return ANY


def _of_argument(value: BlockArgument) -> Range:
    op = value.owner.parent_op()
    if not isinstance(op, InferOp):
        return ANY
    kind = op.inputs[value.index].type
    inner = kind.inner if isinstance(kind, OptionType) else kind
    if isinstance(inner, EnumType):
        return (0 if inner is kind else -1, len(inner.names) - 1)
    return (-1, 1) if inner is not kind else ANY


def _of_constant(dense: "DenseIntOrFPElementsAttr[Any]") -> Range:
    """Return the ends; the first is larger than the second where there is NaN or nothing."""
    values: list[Any] = list(dense.get_values())
    if not values or any(each != each for each in values):
        return (ANY[1], ANY[0])
    return (min(values), max(values))


def _around(ranges: Sequence[Range]) -> Range:
    return (min(low for low, _ in ranges), max(high for _, high in ranges))
