"""Comparisons and `in`: null checks, enum values, and the type that both sides convert to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xdsl.ir import Attribute, SSAValue

from kumeo.dialects.data import (
    BOOL,
    DURATION,
    FLOAT,
    INT,
    JSON,
    STR,
    TIME,
    CompareOp,
    ContainsOp,
    EnumType,
    IsSomeOp,
    ListType,
    MapType,
    NotOp,
    OptionType,
    is_nullable,
)
from kumeo.dialects.data.casts import join_types
from kumeo.frontend import tree
from kumeo.frontend.elaborate import coercion, literals, paths
from kumeo.frontend.elaborate.context import Scope, is_poison
from kumeo.frontend.elaborate.display import display
from kumeo.frontend.errors.types import NotOptional, TypeMismatch

if TYPE_CHECKING:
    from kumeo.frontend.elaborate.expressions import Expressions

_NAMES = {"==": "eq", "!=": "ne", "<": "lt", "<=": "le", ">": "gt", ">=": "ge"}
_ORDERED = (INT, FLOAT, STR, TIME, DURATION)


def build_comparison(e: Expressions, expr: tree.Binary, scope: Scope) -> SSAValue:
    """Return the truth of a comparison."""
    for null, other in ((expr.right, expr.left), (expr.left, expr.right)):
        if isinstance(null, tree.Null) and expr.operator in ("==", "!="):
            return _build_null_check(e, expr, other, scope)
    left, right = _build_sides(e, expr.left, expr.right, scope)
    if is_poison(left) or is_poison(right):
        return left if is_poison(left) else right
    if expr.operator in ("==", "!="):
        return _build_equality(e, expr, left, right)
    return _build_order(e, expr, left, right)


def build_membership(e: Expressions, expr: tree.Binary, scope: Scope) -> SSAValue:
    """Return whether the left side is an item of a list, a key of a map or a part of a text."""
    item, container = _build_item(e, expr, scope)
    if is_poison(item) or is_poison(container):
        return item if is_poison(item) else container
    kind = container.type
    if isinstance(kind, OptionType):
        fix = f"write `{coercion.shown(expr.right)} != null and …`, or give a default with `??`"
        return e.ctx.poison(coercion.null_not_handled(e.ctx, container, expr.right, fix))
    if kind == STR or isinstance(kind, MapType):
        item = e.coerce(item, STR, expr.left)
        return item if is_poison(item) else e.ctx.add(ContainsOp(container, item), expr).result
    if kind == JSON:
        kind = ListType(JSON)
    if not isinstance(kind, ListType):
        shown = display(kind, e.ctx.types)
        problem = f"`in` looks into lists, maps and strings, not into `{shown}`"
        return e.ctx.poison(TypeMismatch(expr.right.span, problem, f"this is `{shown}`"))
    return _build_in_list(e, expr, item, container, kind)


def _build_in_list(
    e: Expressions, expr: tree.Binary, item: SSAValue, container: SSAValue, kind: ListType
) -> SSAValue:
    joined = join_types(kind.item, item.type)
    if joined is None:
        return e.ctx.poison(coercion.mismatch(e.ctx, item.type, kind.item, expr.left))
    container = e.coerce(container, ListType(joined), expr.right)
    if is_poison(container):
        return container
    item = e.coerce(item, joined, expr.left)
    return e.ctx.add(ContainsOp(container, item), expr).result


def _build_item(e: Expressions, expr: tree.Binary, scope: Scope) -> tuple[SSAValue, SSAValue]:
    """Build both sides of `in`; each may give the enum values of the other their type."""
    if paths.needs_hint(expr.left, scope) and not paths.needs_hint(expr.right, scope):
        container = e.build_hinted(expr.right, scope)
        kind = container.type
        hint = kind.item if isinstance(kind, ListType) else None
        return _build_side(e, expr.left, scope, container, hint), container
    item = e.build_hinted(expr.left, scope)
    hint = None if item.type == JSON or is_poison(item) else ListType(item.type)
    return item, _build_side(e, expr.right, scope, item, hint)


def _build_sides(
    e: Expressions, left: tree.Expr, right: tree.Expr, scope: Scope
) -> tuple[SSAValue, SSAValue]:
    """Build both sides; the one whose type is known gives literals of the other their type."""
    if paths.needs_hint(left, scope) and not paths.needs_hint(right, scope):
        second = e.build_hinted(right, scope)
        return _build_side(e, left, scope, second, second.type), second
    first = e.build_hinted(left, scope)
    return first, _build_side(e, right, scope, first, first.type)


def _build_side(
    e: Expressions, expr: tree.Expr, scope: Scope, other: SSAValue, hint: Attribute | None
) -> SSAValue:
    """Build one side; a bare name beside a faulty side may be an enum value, so it is no fault."""
    if is_poison(other) and paths.needs_hint(expr, scope):
        return other
    return e.build_hinted(expr, scope, hint)


def _build_null_check(
    e: Expressions, expr: tree.Binary, other: tree.Expr, scope: Scope
) -> SSAValue:
    value = e.build_hinted(other, scope)
    if is_poison(value):
        return value
    if not is_nullable(value.type):
        shown = display(value.type, e.ctx.types)
        e.ctx.report(NotOptional(other.span, shown, f"{expr.operator} null"))
        return literals.constant(e.ctx, expr.operator == "!=", BOOL, expr)
    found = e.ctx.add(IsSomeOp(value), expr).result
    return found if expr.operator == "!=" else e.ctx.add(NotOp(found), expr).result


def _build_equality(e: Expressions, expr: tree.Binary, left: SSAValue, right: SSAValue) -> SSAValue:
    """Compare after conversion to the common type; null equals only null."""
    joined = join_types(left.type, right.type)
    if joined is None:
        return e.ctx.poison(_unrelated(e, expr, left.type, right.type))
    return _compare(e, expr, left, right, joined)


def _build_order(e: Expressions, expr: tree.Binary, left: SSAValue, right: SSAValue) -> SSAValue:
    for value, side in ((left, expr.left), (right, expr.right)):
        if isinstance(value.type, OptionType):
            fix = coercion.default_fix(side, value.type.inner)
            return e.ctx.poison(coercion.null_not_handled(e.ctx, value, side, fix))
    joined = _ordered_type(left.type, right.type)
    if joined is None:
        return e.ctx.poison(_unrelated(e, expr, left.type, right.type))
    if joined not in _ORDERED and not isinstance(joined, EnumType):
        shown = display(joined, e.ctx.types)
        problem = f"values of `{shown}` have no order"
        return e.ctx.poison(TypeMismatch(expr.span, problem, "cannot be compared by size"))
    return _compare(e, expr, left, right, joined)


def _ordered_type(left: Attribute, right: Attribute) -> Attribute | None:
    """Return the type to compare in; `json` takes the other type, numbers are `float`."""
    if JSON not in (left, right):
        return join_types(left, right)
    other = right if left == JSON else left
    return FLOAT if other in (JSON, INT) else other


def _compare(
    e: Expressions, expr: tree.Binary, left: SSAValue, right: SSAValue, kind: Attribute
) -> SSAValue:
    left, right = e.coerce(left, kind, expr.left), e.coerce(right, kind, expr.right)
    if is_poison(left) or is_poison(right):
        return left if is_poison(left) else right
    return e.ctx.add(CompareOp(_NAMES[expr.operator], left, right), expr).result


def _unrelated(
    e: Expressions, expr: tree.Binary, left: Attribute, right: Attribute
) -> TypeMismatch:
    one, two = display(left, e.ctx.types), display(right, e.ctx.types)
    problem = f"`{one}` cannot be compared with `{two}`"
    return TypeMismatch(expr.span, problem, "different types", _advice(expr, left, right))


def _advice(expr: tree.Binary, left: Attribute, right: Attribute) -> str | None:
    for kind, side, other in ((left, expr.left, right), (right, expr.right, left)):
        text = coercion.shown(side)
        if isinstance(kind, EnumType) and other == STR:
            return f"write `to_string({text})` to compare texts"
        if kind == STR and other in (INT, FLOAT):
            is_literal, value = literals.literal(side)
            return f"write `{value}` without quotes" if is_literal else f"write `to_float({text})`"
        if kind == STR and other == TIME:
            return f"write `timestamp({text})`"
        if kind == DURATION and other in (INT, FLOAT):
            return f"write `seconds({text})`, or give the number a unit such as `20s`"
    return None
