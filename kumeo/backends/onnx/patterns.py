"""Ops that several nodes stand for, where fewer do: a node costs more than a few numbers.

- Numbers side by side: `Concat` of all, then `Reshape` and `Transpose`, instead of an `Unsqueeze`
  for each.
- Shares of a sum that may be zero: `LpNormalization`, which leaves zeros alone, instead of `Where`
  and `Div`.

What a pattern does not read any more is left out of the graph, unless something else reads it.
"""

from typing import Any

from xdsl.ir import Operation, SSAValue

from kumeo.backends.onnx.emitter import Emitter
from kumeo.dialects import infer
from kumeo.dialects.infer.shapes import integers_of
from kumeo.dialects.infer.tensors import BATCH, shape_of
from kumeo.models.emitting import array_of

FEW_COLUMNS = 3
"""Columns up to which an `Unsqueeze` for each is as fast."""


def concat(op: infer.ConcatOp, e: Emitter) -> None:
    """Add a concatenation; of one tensor it is the tensor."""
    columns = _columns(op)
    if len(columns) <= FEW_COLUMNS:
        e.node(op, "Concat", axis=op.axis.value.data)
        return
    joined, rows = e.temporary(op, "joined"), e.temporary(op, "rows")
    e.node(op, "Concat", [e.of(each) for each in columns], joined, axis=0)
    e.node(op, "Reshape", [joined, e.integers([len(columns), -1], "shape")], rows)
    e.node(op, "Transpose", [rows], perm=[1, 0])


def _columns(op: infer.ConcatOp) -> list[SSAValue]:
    """Return the numbers that stand side by side; nothing if some part is more than one number."""
    columns: list[SSAValue] = []
    for part in op.inputs:
        made = part.owner
        if not isinstance(made, infer.ExpandDimsOp) or integers_of(made.axes) != (1,):
            return []
        columns.append(made.inputs[0])
    is_row = all(shape_of(each.type) == (BATCH,) for each in columns)
    return columns if is_row and op.axis.value.data == 1 else []


def div(op: infer.DivOp, e: Emitter) -> None:
    """Add a division; of numbers by their sum, where that is not zero, it is a normalization."""
    value, divisor = op.inputs
    if _is_sum_or_one(divisor, value) and e.ranges.is_share(value):
        e.node(op, "LpNormalization", [e.of(value)], axis=0, p=1)
    else:
        e.node(op, "Div")


def _is_sum_or_one(divisor: SSAValue, value: SSAValue) -> bool:
    """Say whether a divisor is the sum of a value over its first axis, and one where that is 0."""
    choice = divisor.owner
    if not isinstance(choice, infer.SelectOp):
        return False
    condition, total, other = choice.inputs
    compared, made = condition.owner, total.owner
    return (
        isinstance(compared, infer.CompareOp)
        and compared.predicate.data == "gt"
        and compared.inputs[0] is total
        and _is_number(compared.inputs[1], 0.0)
        and _is_number(other, 1.0)
        and isinstance(made, infer.ReduceSumOp)
        and made.inputs[0] is value
        and made.keepdims is None
        and integers_of(made.axes) == (0,)
    )


def _is_number(value: SSAValue, number: float) -> bool:
    made: Operation | Any = value.owner
    return isinstance(made, infer.ConstantOp) and bool((array_of(made.value) == number).all())
