"""`+ - * / %` on numbers, texts, lists, times and durations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xdsl.ir import Attribute, SSAValue

from kumeo.dialects.data import (
    DURATION,
    FLOAT,
    INT,
    JSON,
    STR,
    TIME,
    AddOp,
    ConcatOp,
    DivOp,
    ListType,
    MulOp,
    OptionType,
    RemOp,
    SubOp,
)
from kumeo.dialects.data.casts import join_types
from kumeo.frontend import tree
from kumeo.frontend.elaborate import coercion
from kumeo.frontend.elaborate.context import Scope, is_poison
from kumeo.frontend.elaborate.display import display
from kumeo.frontend.elaborate.literals import literal
from kumeo.frontend.errors.types import DivisionByZero, TypeMismatch

if TYPE_CHECKING:
    from kumeo.frontend.elaborate.expressions import Expressions

OPERATORS = ("+", "-", "*", "/", "%")
_OPS = {"+": AddOp, "-": SubOp, "*": MulOp, "/": DivOp, "%": RemOp}
_NUMBERS = (INT, FLOAT)

_TIMES: dict[tuple[str, Attribute, Attribute], tuple[Attribute, Attribute]] = {
    ("+", TIME, DURATION): (TIME, DURATION),
    ("+", DURATION, DURATION): (DURATION, DURATION),
    ("-", TIME, TIME): (TIME, TIME),
    ("-", TIME, DURATION): (TIME, DURATION),
    ("-", DURATION, DURATION): (DURATION, DURATION),
    ("*", DURATION, INT): (DURATION, INT),
    ("*", DURATION, FLOAT): (DURATION, FLOAT),
    ("/", DURATION, DURATION): (DURATION, DURATION),
}
"""What times and durations allow. `duration + time` and `number * duration` are turned round."""


def build_arithmetic(
    e: Expressions, expr: tree.Binary, scope: Scope, hint: Attribute | None
) -> SSAValue:
    """Return the value of a chain of arithmetic operations, walked from its left end."""
    chain: list[tree.Binary] = []
    node: tree.Expr = expr
    while isinstance(node, tree.Binary) and node.operator in OPERATORS:
        chain.append(node)
        node = node.left
    hint = hint if isinstance(hint, ListType) else None
    value = e.build_hinted(node, scope, hint)
    for each in reversed(chain):
        right = e.build_hinted(each.right, scope, _right_hint(value, hint))
        value = _combine(e, each, value, right)
    return value


def _right_hint(left: SSAValue, hint: Attribute | None) -> Attribute | None:
    """Let an integer literal beside a `float` be one, and `[]` a list of the same items."""
    if left.type in (FLOAT, JSON):
        return FLOAT
    return left.type if isinstance(left.type, ListType) else hint


def _combine(e: Expressions, expr: tree.Binary, left: SSAValue, right: SSAValue) -> SSAValue:
    if is_zero_division(expr):
        return e.ctx.poison(DivisionByZero(expr.right.span))
    if is_poison(left) or is_poison(right):
        return left if is_poison(left) else right
    for value, side in ((left, expr.left), (right, expr.right)):
        if isinstance(value.type, OptionType):
            fix = coercion.default_fix(side, value.type.inner)
            return e.ctx.poison(coercion.null_not_handled(e.ctx, value, side, fix))
    left, right = _from_json(e, expr, left, right)
    failed = next((value for value in (left, right) if is_poison(value)), None)
    if failed is not None:
        return failed
    if left.type in _NUMBERS and right.type in _NUMBERS:
        return _numbers(e, expr, left, right)
    if expr.operator == "+":
        joined = join_types(left.type, right.type)
        if joined is not None and (joined == STR or isinstance(joined, ListType)):
            parts = e.coerce(left, joined, expr.left), e.coerce(right, joined, expr.right)
            return e.ctx.add(ConcatOp(*parts), expr).result
    return _times(e, expr, left, right)


def is_zero_division(expr: tree.Binary) -> bool:
    """Return whether an operation divides by a literal zero."""
    if expr.operator not in ("/", "%"):
        return False
    if isinstance(expr.right, tree.Duration):
        return expr.right.value_us == 0
    is_literal, value = literal(expr.right)
    return is_literal and type(value) in (int, float) and value == 0


def _from_json(
    e: Expressions, expr: tree.Binary, left: SSAValue, right: SSAValue
) -> tuple[SSAValue, SSAValue]:
    """Check `json` operands at run time against what the other operand asks for."""
    if left.type == JSON:
        left = e.coerce(left, _partner(right.type), expr.left)
    if right.type == JSON:
        right = e.coerce(right, _partner(left.type), expr.right)
    return left, right


def _partner(other: Attribute) -> Attribute:
    """Return what a `json` operand has to be beside a value of type `other`."""
    return FLOAT if other in (INT, JSON) else DURATION if other == TIME else other


def _numbers(e: Expressions, expr: tree.Binary, left: SSAValue, right: SSAValue) -> SSAValue:
    is_int = left.type == INT and right.type == INT and expr.operator != "/"
    kind = INT if is_int else FLOAT
    left, right = e.coerce(left, kind, expr.left), e.coerce(right, kind, expr.right)
    return e.ctx.add(_OPS[expr.operator](left, right), expr).result


def _times(e: Expressions, expr: tree.Binary, left: SSAValue, right: SSAValue) -> SSAValue:
    commutes = expr.operator in ("+", "*")
    for a, b in ((left, right), (right, left))[: 2 if commutes else 1]:
        if (expr.operator, a.type, b.type) in _TIMES:
            return e.ctx.add(_OPS[expr.operator](a, b), expr).result
    one, two = display(left.type, e.ctx.types), display(right.type, e.ctx.types)
    problem = f"`{expr.operator}` does not take `{one}` and `{two}`"
    return e.ctx.poison(no_operator(expr, problem, _advice(expr, left.type, right.type)))


def no_operator(expr: tree.Expr, problem: str, fix: str | None) -> TypeMismatch:
    """Return the diagnostic for operands that an operator does not take."""
    return TypeMismatch(expr.span, problem, "no such operation", fix)


def _advice(expr: tree.Binary, left: Attribute, right: Attribute) -> str | None:
    one, two = coercion.shown(expr.left), coercion.shown(expr.right)
    if expr.operator == "+" and left == STR:
        return f"write `{one} + to_string({two})`"
    if expr.operator == "+" and right == STR:
        return f"write `to_string({one}) + {two}`"
    if expr.operator == "+" and isinstance(left, ListType):
        return f"write `{one} + [{two}]`"
    if expr.operator == "/" and left == DURATION:
        return f"multiply with a fraction: `{one} * 0.5`"
    if STR in (left, right):
        text = one if left == STR else two
        return f"write `to_float({text})` for the number in a text"
    return None
