"""Finds what stands between a matrix of features and the op that reads it: steps per column.

A step adds, subtracts, multiplies or divides by a constant for each column, bounds by one, or
rounds to float32. A chain follows such steps backwards, as long as no other op reads between them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from xdsl.dialects.builtin import f32
from xdsl.ir import Attribute, Operation, SSAValue

from kumeo.dialects import infer
from kumeo.dialects.infer.tensors import BATCH, element_of, shape_of
from kumeo.models.emitting import array_of

Floats = NDArray[np.float64]

ARITHMETIC: Mapping[type[Operation], Callable[[Any, Any], Any]] = {
    infer.AddOp: np.add,
    infer.SubOp: np.subtract,
    infer.MulOp: np.multiply,
    infer.DivOp: np.divide,
}
BOUNDS = (infer.MinOp, infer.MaxOp)
_COMMUTES = (infer.AddOp, infer.MulOp, *BOUNDS)


@dataclass(frozen=True)
class Step:
    """One op of a chain; `numbers` has one entry for each column, None for a cast."""

    op: Operation
    numbers: Floats | None
    constant: SSAValue | None


@dataclass(frozen=True)
class Chain:
    """Steps in the order in which they work on `source`.

    `is_shared` says that the chain ends at a step because something else reads its operand, too.
    """

    source: SSAValue
    steps: tuple[Step, ...]
    is_shared: bool

    @property
    def is_narrowed(self) -> bool:
        """Whether a step rounds to float32."""
        return any(step.numbers is None for step in self.steps)


def chain_to(value: SSAValue) -> Chain:
    """Return the steps whose last result is `value`."""
    steps: list[Step] = []
    while isinstance(value.owner, Operation):
        step = _step_of(value.owner)
        if step is None or value.uses.get_length() != 1:
            return Chain(value, tuple(reversed(steps)), step is not None)
        steps.append(step)
        value = operand_of(step)
    return Chain(value, tuple(reversed(steps)), False)


def operand_of(step: Step) -> SSAValue:
    """Return what a step works on."""
    return next(o for o in step.op.operands if o is not step.constant)


def _step_of(op: Operation) -> Step | None:
    if isinstance(op, infer.CastOp):
        source = op.operands[0]
        rounds = op.to.data == str(f32) and str(element_of(source.type)) == "f64"
        return Step(op, None, None) if rounds and _is_matrix(source.type) else None
    if not isinstance(op, (*ARITHMETIC, *BOUNDS)) or not _is_matrix(op.results[0].type):
        return None
    left, right = op.operands
    for constant, other in ((right, left), (left, right)):
        if constant is left and not isinstance(op, _COMMUTES):
            continue
        numbers = constant_of(constant)
        width = shape_of(other.type)[-1]
        if numbers is not None and numbers.size in (1, width) and numbers.ndim <= 1:
            return Step(op, np.broadcast_to(numbers.reshape(-1), (width,)), constant)
    return None


def _is_matrix(kind: Attribute) -> bool:
    shape = shape_of(kind)
    return len(shape) == 2 and shape[0] == BATCH


def constant_of(value: SSAValue) -> Floats | None:
    """Return the numbers of a constant, None for any other value."""
    owner = value.owner
    is_constant = isinstance(owner, infer.ConstantOp)
    return array_of(owner.value).astype(np.float64) if is_constant else None


def computed(steps: Sequence[Step], x: Any, columns: Any) -> Any:
    """Return what the steps make of numbers that stand in these columns, rounding as they do."""
    with np.errstate(all="ignore"):
        for step in steps:
            if step.numbers is None:
                x = x.astype(np.float32)
            else:
                work = ARITHMETIC[type(step.op)]
                x = work(x, step.numbers[columns].astype(x.dtype))
    return x
