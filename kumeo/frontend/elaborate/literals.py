"""Literals: their constant values for settings, and the operations that hold them."""

from typing import Any, TypeGuard

from xdsl.ir import Attribute, SSAValue

from kumeo.diagnostics import nearest
from kumeo.dialects.data import (
    BOOL,
    DURATION,
    FLOAT,
    INT,
    JSON,
    STR,
    TIME,
    ConstantOp,
    EnumType,
    NoneOp,
    OptionType,
)
from kumeo.dialects.data.constants import to_attribute
from kumeo.dialects.data.failures import DataFailure
from kumeo.dialects.data.moments import time_from_text
from kumeo.frontend import tree
from kumeo.frontend.elaborate.context import Context
from kumeo.frontend.elaborate.display import display
from kumeo.frontend.errors.names import UnknownValue
from kumeo.frontend.errors.types import IntegerRange, InvalidTimestamp

_MIN, _MAX = -(2**63), 2**63 - 1
_NO_LITERAL = (False, None)

Scalar = tree.String | tree.Int | tree.Float | tree.Duration | tree.Bool | tree.Null


def literal(expr: tree.Expr) -> tuple[bool, Any]:
    """Return `(True, value)` for a literal, `(False, None)` for anything that has to be computed.

    Objects are dicts, arrays lists, durations stay `tree.Duration`. Of equal keys the last counts.
    """
    match expr:
        case tree.String() | tree.Int() | tree.Float() | tree.Bool():
            return True, expr.value
        case tree.Duration():
            return True, expr
        case tree.Null():
            return True, None
        case tree.Unary(operator="-", operand=tree.Int() | tree.Float() as number):
            return True, -number.value
        case tree.Array():
            return _all([literal(item) for item in expr.items])
        case tree.Object():
            is_literal, values = _all([literal(pair.value) for pair in expr.pairs])
            keys = [pair.key.text for pair in expr.pairs]
            return is_literal, dict(zip(keys, values, strict=True)) if is_literal else None
        case _:
            return _NO_LITERAL


def _all(parts: list[tuple[bool, Any]]) -> tuple[bool, Any]:
    if not all(is_literal for is_literal, _ in parts):
        return _NO_LITERAL
    return True, [value for _, value in parts]


def is_scalar(expr: tree.Expr) -> TypeGuard[Scalar]:
    """Return whether an expression is a literal without parts."""
    return isinstance(
        expr, tree.String | tree.Int | tree.Float | tree.Duration | tree.Bool | tree.Null
    )


def constant(ctx: Context, value: Any, kind: Attribute, at: tree.Node) -> SSAValue:
    """Insert a constant of a type that fits its Python value."""
    return ctx.add(ConstantOp(to_attribute(value, kind), kind), at).result


def build_scalar(ctx: Context, expr: Scalar, expected: Attribute | None) -> SSAValue:
    """Insert a literal; the expected type decides between `int` and `float`, text and enum."""
    wanted = expected.inner if isinstance(expected, OptionType) else expected
    match expr:
        case tree.String():
            return _build_string(ctx, expr, wanted)
        case tree.Int():
            return build_int(ctx, expr.value, expr, wanted)
        case tree.Float():
            return constant(ctx, expr.value, FLOAT, expr)
        case tree.Duration():
            return constant(ctx, expr.value_us, DURATION, expr)
        case tree.Bool():
            return constant(ctx, expr.value, BOOL, expr)
        case tree.Null():
            if isinstance(expected, OptionType):
                return ctx.add(NoneOp(expected), expr).result
            return constant(ctx, None, JSON, expr)


def build_int(ctx: Context, value: int, at: tree.Node, wanted: Attribute | None) -> SSAValue:
    """Insert an integer literal, as a `float` where one is expected."""
    if not _MIN <= value <= _MAX:
        return ctx.poison(IntegerRange(at.span, str(value)))
    if wanted == FLOAT:
        return constant(ctx, float(value), FLOAT, at)
    return constant(ctx, value, INT, at)


def enum_constant(ctx: Context, name: str, kind: EnumType, at: tree.Node) -> SSAValue:
    """Insert a value of an enum; an unknown one is reported."""
    if name in kind.names:
        return constant(ctx, name, kind, at)
    enum, near = display(kind, ctx.types), nearest(name, kind.names)
    return ctx.poison(UnknownValue(at.span, name, enum, kind.names, near))


def _build_string(ctx: Context, expr: tree.String, wanted: Attribute | None) -> SSAValue:
    if isinstance(wanted, EnumType):
        return enum_constant(ctx, expr.value, wanted, expr)
    if wanted != TIME:
        return constant(ctx, expr.value, STR, expr)
    try:
        return constant(ctx, time_from_text(expr.value), TIME, expr)
    except DataFailure as failure:
        return ctx.poison(InvalidTimestamp(expr.span, expr.value, failure.message))
