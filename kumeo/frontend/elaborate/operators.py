"""Operators: which types they take and which operations they become.

`docs/language/04-expressions.md` has the same rules as a table.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from xdsl.ir import Attribute, SSAValue

from kumeo.dialects.data import BOOL, DURATION, FLOAT, INT, JSON, NegOp, NotOp, OptionType
from kumeo.frontend import tree
from kumeo.frontend.elaborate import arithmetic, coercion, comparison, literals
from kumeo.frontend.elaborate.context import Scope, is_poison
from kumeo.frontend.elaborate.display import display
from kumeo.frontend.elaborate.logic import build_coalesce, build_logic

if TYPE_CHECKING:
    from kumeo.frontend.elaborate.expressions import Expressions


def build_binary(
    e: Expressions, expr: tree.Binary, scope: Scope, hint: Attribute | None
) -> SSAValue:
    """Return the value of a binary operation."""
    match expr.operator:
        case "and" | "or":
            return build_logic(e, expr, scope)
        case "??":
            return build_coalesce(e, expr, scope, hint)
        case "in" | "not in":
            found = comparison.build_membership(e, expr, scope)
            if expr.operator == "in" or is_poison(found):
                return found
            return e.ctx.add(NotOp(found), expr).result
        case "==" | "!=" | "<" | "<=" | ">" | ">=":
            return comparison.build_comparison(e, expr, scope)
        case _:
            return arithmetic.build_arithmetic(e, expr, scope, hint)


def build_unary(e: Expressions, expr: tree.Unary, scope: Scope, hint: Attribute | None) -> SSAValue:
    """Return the value of `-x` or `not x`."""
    if expr.operator == "not":
        value = e.condition(expr.operand, scope)
        return value if is_poison(value) else e.ctx.add(NotOp(value), expr).result
    if isinstance(expr.operand, tree.Int):
        wanted = hint.inner if isinstance(hint, OptionType) else hint
        return literals.build_int(e.ctx, -expr.operand.value, expr, wanted)
    value = e.build_hinted(expr.operand, scope, hint)
    if value.type == JSON:
        value = e.coerce(value, FLOAT, expr.operand)
    if is_poison(value):
        return value
    if isinstance(value.type, OptionType):
        fix = coercion.default_fix(expr.operand, value.type.inner)
        return e.ctx.poison(coercion.null_not_handled(e.ctx, value, expr.operand, fix))
    if value.type not in (INT, FLOAT, DURATION):
        shown = display(value.type, e.ctx.types)
        fix = f"write `not {coercion.shown(expr.operand)}`" if value.type == BOOL else None
        return e.ctx.poison(arithmetic.no_operator(expr, f"`-` does not take `{shown}`", fix))
    return e.ctx.add(NegOp(value), expr).result
