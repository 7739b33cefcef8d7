"""`and`, `or` and `??`: operators whose right operand matters only sometimes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xdsl.ir import Attribute, SSAValue

from kumeo.dialects.data import JSON, AndOp, CoalesceOp, OptionType, OrOp, is_nullable, option_of
from kumeo.dialects.data.casts import join_types
from kumeo.frontend import tree
from kumeo.frontend.elaborate import coercion
from kumeo.frontend.elaborate.context import Scope, is_poison
from kumeo.frontend.elaborate.display import display
from kumeo.frontend.elaborate.narrowing import RefinedScope, facts
from kumeo.frontend.errors.types import NotOptional

if TYPE_CHECKING:
    from kumeo.frontend.elaborate.expressions import Expressions


def build_logic(e: Expressions, expr: tree.Binary, scope: Scope) -> SSAValue:
    """Return the truth of a chain of `and` or of `or`.

    Each operand knows what the ones before it say about null: `x != null and x > 3`.
    """
    operands: list[tree.Binary] = []
    node: tree.Expr = expr
    while isinstance(node, tree.Binary) and node.operator == expr.operator:
        operands.append(node)
        node = node.left
    make = AndOp if expr.operator == "and" else OrOp
    truth = expr.operator == "and"
    value = e.condition(node, scope)
    inside = RefinedScope(scope, e.ctx, set(), node)
    for each in reversed(operands):
        inside.learn(facts(node, truth))
        node = each.right
        right = e.condition(node, inside)
        failed = next((v for v in (value, right) if is_poison(v)), None)
        value = failed or e.ctx.add(make(value, right), each).result
    return value


def build_coalesce(
    e: Expressions, expr: tree.Binary, scope: Scope, hint: Attribute | None
) -> SSAValue:
    """Return the first operand of a chain of `??` that is not null."""
    node: tree.Expr = expr
    operands: list[tree.Expr] = []
    while isinstance(node, tree.Binary) and node.operator == "??":
        operands.append(node.left)
        node = node.right
    value = e.build_hinted(operands[0], scope, hint)
    at = operands[0]
    for right in [*operands[1:], node]:
        value = _coalesce(e, expr, value, at, right, scope, hint)
        at = right
    return value


def _coalesce(
    e: Expressions,
    expr: tree.Binary,
    left: SSAValue,
    at: tree.Expr,
    right: tree.Expr,
    scope: Scope,
    hint: Attribute | None,
) -> SSAValue:
    kind = left.type
    inner = kind.inner if isinstance(kind, OptionType) else kind
    wanted = hint if is_poison(kind) else None if inner == JSON else inner
    default = e.build_hinted(right, scope, wanted)
    if is_poison(left) or is_poison(default):
        return left if is_poison(left) else default
    if not is_nullable(kind):
        e.ctx.report(NotOptional(at.span, display(kind, e.ctx.types), "??"))
        return left
    rest = default.type.inner if isinstance(default.type, OptionType) else default.type
    joined = join_types(inner, rest)
    if joined is None:
        return e.ctx.poison(coercion.mismatch(e.ctx, default.type, inner, right, "default"))
    left = e.coerce(left, option_of(joined), at)
    stays = isinstance(default.type, OptionType) and joined != JSON
    default = e.coerce(default, option_of(joined) if stays else joined, right)
    return e.ctx.add(CoalesceOp(left, default), expr).result
