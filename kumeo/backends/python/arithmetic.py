"""Arithmetic as Python expressions: checked functions of the runtime where it may fail."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from xdsl.ir import Operation, SSAValue

from kumeo.backends.python.code import (
    ADD,
    COMPARE,
    MULTIPLY,
    UNARY,
    Expr,
    binary,
    call,
    choice,
    literal,
)
from kumeo.backends.python.module import Module
from kumeo.dialects import data
from kumeo.dialects.data import FLOAT, INT
from kumeo.dialects.data.constants import constant_value


class Reader(Protocol):
    """What a rule needs of the printer."""

    @property
    def module(self) -> Module:
        """The module that is printed."""
        ...

    def expr(self, value: SSAValue) -> Expr:
        """Return the expression of an operand."""
        ...

    def proves(self, op: Operation) -> bool:
        """Say whether an operation that could fail in general cannot here."""
        ...

    def is_constant(self, value: SSAValue) -> bool:
        """Say whether an operand is a constant."""
        ...


Rule = Callable[[Any, Reader], Expr]


def _arithmetic(function: str, sign: str, level: int) -> Rule:
    def rule(op: Any, p: Reader) -> Expr:
        left, right = p.expr(op.lhs), p.expr(op.rhs)
        if op.lhs.type == FLOAT and op.rhs.type == FLOAT:
            return _of_floats(left, sign, right, level)
        return call(f"f.{function}", [left, right], fails=True)

    return rule


def _div(op: data.DivOp, p: Reader) -> Expr:
    left, right = p.expr(op.lhs), p.expr(op.rhs)
    if op.can_fail() and not p.proves(op):
        return call("f.div", [left, right], fails=True)
    if op.lhs.type == FLOAT:
        return _of_floats(left, "/", right, MULTIPLY)
    return call("sure", [call("f.div", [left, right])])


def _of_floats(left: Expr, sign: str, right: Expr, level: int) -> Expr:
    """Return an operation on two floats; Python itself makes a float of an integer."""
    if not _is_float_of(right):
        left = _unwrapped(left)
    elif not _is_float_of(left):
        right = _unwrapped(right)
    return binary(left, sign, right, level)


def _is_float_of(value: Expr) -> bool:
    return value.call is not None and value.call.head == "float("


def _unwrapped(value: Expr) -> Expr:
    parts = value.call
    is_cast = parts is not None and parts.head == "float(" and len(parts.arguments) == 1
    return parts.arguments[0].value if parts is not None and is_cast else value


def _rem(op: data.RemOp, p: Reader) -> Expr:
    left, known = p.expr(op.lhs), constant_value(op.rhs)
    if left.is_path and op.lhs.type == op.rhs.type == INT and known is not None and known[0]:
        size = literal(abs(known[0]))
        below = Expr(f"-(-{left.text} % {size.text})", UNARY)
        test = binary(left, ">=", literal(0), COMPARE)
        return choice(test, binary(left, "%", size, MULTIPLY), below)
    found = call("f.rem", [p.expr(op.lhs), p.expr(op.rhs)], fails=op.can_fail())
    return found if op.can_fail() else call("sure", [found])


def _neg(op: data.NegOp, p: Reader) -> Expr:
    value = p.expr(op.value)
    if op.value.type == FLOAT:
        return Expr(f"-{value.at(UNARY)}", UNARY).guarded(value)
    return call("f.neg", [value], fails=True)


RULES: Mapping[type[Operation], Rule] = {
    data.AddOp: _arithmetic("add", "+", ADD),
    data.SubOp: _arithmetic("sub", "-", ADD),
    data.MulOp: _arithmetic("mul", "*", MULTIPLY),
    data.DivOp: _div,
    data.RemOp: _rem,
    data.NegOp: _neg,
}
