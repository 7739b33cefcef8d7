"""Names, fields and indices: `source`, `config.limit`, `source.items[0]?.sku`."""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING

from xdsl.ir import Attribute, SSAValue

from kumeo.diagnostics import Diagnostic, Related, nearest
from kumeo.dialects.data import (
    INT,
    JSON,
    STR,
    TIME,
    EnumType,
    GetOp,
    IndexOp,
    ListType,
    MapType,
    OptionType,
    RecordType,
)
from kumeo.frontend import tree
from kumeo.frontend.elaborate import coercion, literals
from kumeo.frontend.elaborate.context import Scope, is_poison
from kumeo.frontend.elaborate.display import display
from kumeo.frontend.errors.names import ShadowedName, UnknownField, UnknownName, UnknownValue
from kumeo.frontend.errors.types import NotOptional, TypeMismatch
from kumeo.frontend.habits import VALUES

if TYPE_CHECKING:
    from kumeo.frontend.elaborate.expressions import Expressions

Step = tree.Get | tree.Index
SECTIONS = ("config", "context")
_PARTS_OF_TIME = ("hour", "minute", "day", "month", "year", "weekday")


def build_path(
    e: Expressions, expr: tree.Variable | Step, scope: Scope, hint: Attribute | None
) -> SSAValue:
    """Return the value of a name, or of a chain of fields and indices on any expression."""
    steps: list[Step] = []
    node: tree.Expr = expr
    while isinstance(node, tree.Get | tree.Index):
        steps.append(node)
        node = node.base
    steps.reverse()
    if not isinstance(node, tree.Variable):
        value, path = e.build_hinted(node, scope), None
    elif steps and isinstance(steps[0], tree.Get) and not scope.defines(node.name):
        value, path = _build_section(e, node, steps, scope), None
    else:
        value, path = _build_name(e, node, scope, None if steps else hint), node.name
    return _build_steps(e, value, path, steps, scope)


def check_shadowing(e: Expressions, name: tree.Name, scope: Scope) -> None:
    """Report a new name that is already visible."""
    if not scope.defines(name.text):
        return
    place = scope.place_of(name.text)
    related = () if place is None else (Related(place, "the first meaning"),)
    e.ctx.report(ShadowedName(name.span, name.text, related=related))


def needs_hint(expr: tree.Expr, scope: Scope) -> bool:
    """Return whether the type of an expression depends on what it is compared with."""
    match expr:
        case tree.String() | tree.Int() | tree.Null():
            return True
        case tree.Variable():
            return not scope.defines(expr.name)
        case tree.Array():
            return all(needs_hint(item, scope) for item in expr.items)
        case tree.Unary(operator="-"):
            return isinstance(expr.operand, tree.Int)
        case _:
            return False


def _build_steps(
    e: Expressions, value: SSAValue, path: str | None, steps: list[Step], scope: Scope
) -> SSAValue:
    for step in steps:
        if is_poison(value):
            return value
        if isinstance(step, tree.Index):
            value, path = build_index(e, value, step, scope), None
            continue
        path = None if path is None else f"{path}.{step.name.text}"
        known = None if path is None else scope.refined(path)
        value = build_get(e, value, step) if known is None else known
    return value


def _build_name(
    e: Expressions, expr: tree.Variable, scope: Scope, hint: Attribute | None
) -> SSAValue:
    value = scope.refined(expr.name) or scope.find(expr.name)
    if value is not None:
        return value
    wanted = hint.inner if isinstance(hint, OptionType) else hint
    if isinstance(wanted, EnumType):
        if expr.name in wanted.names:
            return literals.constant(e.ctx, expr.name, wanted, expr)
        return e.ctx.poison(_unknown_value(e, expr, scope, wanted))
    return e.ctx.poison(unknown_name(e, expr, scope))


def _unknown_value(
    e: Expressions, expr: tree.Variable, scope: Scope, wanted: EnumType
) -> Diagnostic:
    near = nearest(expr.name, {*wanted.names, *scope.visible()})
    enum = display(wanted, e.ctx.types)
    explained = scope.missing(expr)
    return explained or UnknownValue(expr.span, expr.name, enum, wanted.names, near)


def unknown_name(e: Expressions, expr: tree.Variable, scope: Scope) -> Diagnostic:
    """Return the diagnostic that explains best why a name has no value."""
    explained = scope.missing(expr)
    if explained is not None:
        return explained
    if expr.name in SECTIONS:
        fix = f"name an entry: `{expr.name}.…`"
        return UnknownName(expr.span, expr.name, None, fix)
    if expr.name in VALUES:
        return UnknownName(expr.span, expr.name, VALUES[expr.name])
    for name, kind in e.ctx.types.by_name.items():
        if isinstance(kind, EnumType) and expr.name in kind.names:
            fix = f"a bare enum value stands only beside a `{name}`; write `{name}.{expr.name}`"
            return UnknownName(expr.span, expr.name, None, fix)
    return UnknownName(expr.span, expr.name, nearest(expr.name, scope.visible()))


def _build_section(
    e: Expressions, root: tree.Variable, steps: list[Step], scope: Scope
) -> SSAValue:
    """Return the value of `config.x`, `context.x`, `Enum.value` or a dotted name.

    Removes the steps that it reads.
    """
    first = steps[0]
    assert isinstance(first, tree.Get), "the caller looked"
    if root.name in e.ctx.aliases and len(steps) > 1 and isinstance(steps[1], tree.Get):
        del steps[0]
        return _build_section(e, tree.Variable(first.span, first.name.text), steps, scope)
    gets = takewhile(lambda step: isinstance(step, tree.Get), steps)
    names = [step.name.text for step in gets if isinstance(step, tree.Get)]
    value, used = find_dotted(scope, (root.name, *names))
    if value is not None:
        del steps[: used - 1]
        return value
    kind = e.ctx.types.by_name.get(root.name)
    if root.name in SECTIONS:
        del steps[0]
        return _build_entry(e, root.name, first, scope)
    if isinstance(kind, EnumType):
        del steps[0]
        return literals.enum_constant(e.ctx, first.name.text, kind, first)
    return e.ctx.poison(unknown_name(e, root, scope))


def find_dotted(scope: Scope, names: tuple[str, ...]) -> tuple[SSAValue | None, int]:
    """Return what the longest known path at the start of `names` stands for, and its length."""
    for end in range(len(names), 0, -1):
        value = scope.refined(".".join(names[:end]))
        if value is not None:
            return value, end
    return None, 0


def _build_entry(e: Expressions, section: str, at: tree.Get, scope: Scope) -> SSAValue:
    name = at.name.text
    is_config = section == "config"
    value = scope.config(name) if is_config else scope.context(name, at.span)
    if value is not None:
        return value
    known = tuple(scope.config_names() if is_config else scope.context_names())
    near = nearest(name, known)
    return e.ctx.poison(UnknownField(at.name.span, f"`{section}`", name, near, known))


def build_get(e: Expressions, value: SSAValue, at: tree.Get) -> SSAValue:
    """Return a field of a value; `?.` hands a null on."""
    kind, name = value.type, at.name.text
    is_null = isinstance(kind, OptionType)
    inner = kind.inner if isinstance(kind, OptionType) else kind
    if inner != JSON and not (isinstance(inner, RecordType) and inner.field(name) is not None):
        return _missing_field(e, value, inner, at)
    if is_null and not at.optional:
        fix = f"write `{coercion.shown(at.base)}?.{name}`"
        return e.ctx.poison(coercion.null_not_handled(e.ctx, value, at.base, fix))
    if at.optional and not is_null and kind != JSON:
        e.ctx.report(NotOptional(at.base.span, display(kind, e.ctx.types), "?."))
    return e.ctx.add(GetOp(value, name), at).result


def _missing_field(e: Expressions, value: SSAValue, inner: Attribute, at: tree.Get) -> SSAValue:
    name, base = at.name.text, coercion.shown(at.base)
    if name == "output" and isinstance(at.base, tree.Variable):
        return value  # `agent.output` is how files of version 0.1 name the result of an agent.
    shown = display(inner, e.ctx.types)
    fix: str | None = None
    known: tuple[str, ...] = ()
    match inner:
        case RecordType():
            known = inner.names
        case MapType():
            fix = f'write `{base}["{name}"]`'
        case ListType():
            fix = f"write `[each.{name} for each in {base}]`"
            fix = f"write `len({base})`" if name in ("length", "size", "count") else fix
        case _ if inner == TIME and name in _PARTS_OF_TIME:
            fix = f"write `{name}({base})`"
        case _:
            pass
    place = e.ctx.types.places.get(shown)
    related = () if place is None else (Related(place, f"`{shown}` is declared here"),)
    near = nearest(name, known)
    return e.ctx.poison(
        UnknownField(at.name.span, f"`{shown}`", name, near, known, fix, related=related)
    )


def build_index(e: Expressions, value: SSAValue, at: tree.Index, scope: Scope) -> SSAValue:
    """Return the item of a list, map or json, or the field of a record by a literal name."""
    kind = value.type
    if isinstance(kind, OptionType):
        fix = coercion.default_fix(at.base, kind.inner)
        return e.ctx.poison(coercion.null_not_handled(e.ctx, value, at.base, fix))
    if isinstance(kind, RecordType) and isinstance(at.index, tree.String):
        name = tree.Name(at.index.span, at.index.value)
        return build_get(e, value, tree.Get(at.span, at.base, name))
    wanted = INT if isinstance(kind, ListType) else STR if isinstance(kind, MapType) else None
    if wanted is None and kind != JSON:
        shown = display(kind, e.ctx.types)
        fix = f"write `substring({coercion.shown(at.base)}, …, …)`" if kind == STR else None
        problem = f"`{shown}` has no items"
        return e.ctx.poison(TypeMismatch(at.base.span, problem, f"this is `{shown}`", fix))
    index = e.build(at.index, scope, wanted)
    if wanted is None and index.type not in (INT, STR, JSON):
        index = e.coerce(index, STR, at.index, what="index")
    return index if is_poison(index) else e.ctx.add(IndexOp(value, index), at).result
