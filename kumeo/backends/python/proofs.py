"""Operations that could fail in general but cannot here: a divisor is positive, a number is small.

1.0 / (1.0 + f.exp(x))             the divisor is never zero
f.floored(source.ts / 3600.0)      the quotient of an integer fits into 64 bits
n.shares[0]                        a numeric program gives two numbers for each event
"""

import math
from collections.abc import Callable
from typing import cast

from xdsl.ir import BlockArgument, Operation, SSAValue

from kumeo.dialects import data
from kumeo.dialects.agent import InferOp, ProcessOp
from kumeo.dialects.data import FLOAT, INT
from kumeo.dialects.data.constants import constant_value
from kumeo.dialects.infer.tensors import shape_of

Resolve = Callable[[SSAValue], SSAValue]
PLAIN = {"floor": "floored", "ceil": "ceiled", "round": "rounded", "truncate": "truncated"}
"""The functions that make integers of floats, and their forms without checks."""
SMALL = 2.0**62
"""What is below has room in 64 bits, whatever rounding has done to it."""
STEPS_MAX = 32


def cannot_fail(op: Operation, resolve: Resolve) -> bool:
    """Say whether an operation never fails. `resolve` gives the value that a value stands for."""
    match op:
        case data.DivOp() if op.lhs.type == FLOAT:
            return _Proof(resolve).is_positive(op.rhs)
        case data.CallOp() if op.function.data in PLAIN:
            return _Proof(resolve).bound(op.arguments[0]) < SMALL
        case data.IndexOp():
            place = _number(resolve(op.index))
            return 0 <= place < _length(op.base, resolve)
        case _:
            return False


def _length(value: SSAValue, resolve: Resolve) -> int:
    """Return how many items a list surely has: those of numeric programs have a fixed number."""
    op = _outside(value, resolve).owner
    if not isinstance(op, data.GetOp):
        return 0
    program = _outside(op.base, resolve).owner
    if not isinstance(program, InferOp):
        return 0
    shapes = [shape_of(each.type) for each in program.outputs.inputs]
    shape = dict(zip(program.record.names, shapes, strict=True))[op.field.data]
    return shape[1] if len(shape) > 1 else 0


def _outside(value: SSAValue, resolve: Resolve) -> SSAValue:
    """Return what a value stands for; an input of a process is what is handed in."""
    found = resolve(value)
    while isinstance(found, BlockArgument) and isinstance(found.owner.parent_op(), ProcessOp):
        found = resolve(cast(ProcessOp, found.owner.parent_op()).inputs[found.index])
    return found


class _Proof:
    """Looks at how values are computed, a limited number of steps deep."""

    def __init__(self, resolve: Resolve) -> None:
        self._resolve = resolve
        self._left = STEPS_MAX

    def _owner(self, value: SSAValue) -> object:
        self._left -= 1
        return self._resolve(value).owner if self._left > 0 else None

    def is_positive(self, value: SSAValue) -> bool:
        """Say whether a number is above zero or NaN."""
        match self._owner(value):
            case data.ConstantOp() as op:
                return _number(op.result) > 0
            case data.AddOp() as op if op.lhs.type == op.rhs.type == FLOAT:
                sides = (op.lhs, op.rhs)
                return any(map(self.is_positive, sides)) and all(map(self.is_not_negative, sides))
            case data.CallOp() as op if op.function.data == "max" and len(op.arguments) == 2:
                return any(map(self.is_positive, op.arguments))
            case data.CastOp() as op if op.value.type == INT and op.result.type == FLOAT:
                return self.is_positive(op.value)
            case _:
                return False

    def is_not_negative(self, value: SSAValue) -> bool:
        """Say whether a number is zero, above it, or NaN."""
        match self._owner(value):
            case data.CallOp() as op if op.function.data in ("exp", "sqrt"):
                return True
            case data.CallOp() as op if op.function.data == "abs":
                return op.result.type == FLOAT
            case data.ConstantOp() as op:
                return _number(op.result) >= 0
            case data.LenOp():
                return True
            case data.CastOp() as op if op.value.type == INT and op.result.type == FLOAT:
                return self.is_not_negative(op.value)
            case _:
                return self.is_positive(value)

    def bound(self, value: SSAValue) -> float:
        """Return what the size of a number does not exceed; infinity if nothing is known."""
        if value.type == INT:
            return 2.0**63
        match self._owner(value):
            case data.ConstantOp() as op:
                number = abs(_number(op.result))
                return number if number < math.inf else math.inf
            case data.CastOp() as op if op.value.type == INT and op.result.type == FLOAT:
                return 2.0**63
            case data.DivOp() as op if op.lhs.type == FLOAT and not op.can_fail():
                return self.bound(op.lhs) / abs(_number(self._resolve(op.rhs)))
            case data.MulOp() as op if op.lhs.type == op.rhs.type == FLOAT:
                return self._finite(self.bound(op.lhs) * self.bound(op.rhs))
            case data.AddOp() | data.SubOp() as op if op.lhs.type == op.rhs.type == FLOAT:
                return self.bound(op.lhs) + self.bound(op.rhs)
            case _:
                return math.inf

    @staticmethod
    def _finite(number: float) -> float:
        return number if number < math.inf else math.inf  # Zero times infinity is no bound.


def _number(value: SSAValue) -> float:
    """Return a number that is a constant, NaN for anything else."""
    known = constant_value(value)
    is_number = known is not None and isinstance(known[0], int | float)
    return float(known[0]) if known is not None and is_number else math.nan
