"""Which integers a tensor of indices may hold, as far as that is easily seen.

It saves the check of an index that comes from an enum and can only be one of its names.
"""

from collections.abc import Sequence
from typing import Any, TypeAlias

from xdsl.dialects.builtin import DenseIntOrFPElementsAttr
from xdsl.ir import BlockArgument, SSAValue

from kumeo.dialects import infer
from kumeo.dialects.agent import InferOp
from kumeo.dialects.data import EnumType, OptionType
from kumeo.dialects.infer.tensors import element_of, is_bool, shape_of

Range: TypeAlias = tuple[float, float]
ANY: Range = (float("-inf"), float("inf"))
DEPTH_MAX = 16
"""How many ops back are looked at."""


def index_range(value: SSAValue, depth: int = DEPTH_MAX) -> Range:
    """Return the least and the greatest integer that may be in a tensor."""
    if isinstance(value, BlockArgument):
        return _of_argument(value)
    if depth == 0:
        return ANY
    op = value.owner
    match op:
        case infer.ConstantOp():
            return _of_constant(op.value)
        case infer.CastOp() if is_bool(element_of(op.inputs[0].type)):
            return (0, 1)
        case infer.ArgmaxOp():
            return (0, shape_of(op.inputs[0].type)[op.axis.value.data] - 1)
        case infer.SelectOp():
            return _around([index_range(each, depth - 1) for each in op.inputs[1:]])
        case infer.ConcatOp():
            return _around([index_range(each, depth - 1) for each in op.inputs])
        case infer.ReshapeOp() | infer.ExpandDimsOp() | infer.SqueezeOp() | infer.TransposeOp():
            return index_range(op.inputs[0], depth - 1)
        case infer.AddOp() | infer.MulOp() | infer.MaxOp() | infer.MinOp():
            left, right = (index_range(each, depth - 1) for each in op.inputs)
            return _combined(op, left, right)
        case _:
            return ANY


def _combined(op: object, left: Range, right: Range) -> Range:
    match op:
        case infer.AddOp():
            return (left[0] + right[0], left[1] + right[1])
        case infer.MaxOp():
            return (max(left[0], right[0]), max(left[1], right[1]))
        case infer.MinOp():
            return (min(left[0], right[0]), min(left[1], right[1]))
        case _ if left[0] >= 0 and right[0] >= 0 and max(left[1], right[1]) < 1 << 31:
            return (left[0] * right[0], left[1] * right[1])
        case _:
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
    values: list[Any] = list(dense.get_values())
    return (min(values), max(values)) if values else ANY


def _around(ranges: Sequence[Range]) -> Range:
    return (min(low for low, _ in ranges), max(high for _, high in ranges))
