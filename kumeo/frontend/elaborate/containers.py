"""Objects and arrays: records, maps and lists."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from xdsl.ir import Attribute, SSAValue

from kumeo.diagnostics import Related, nearest
from kumeo.dialects.data import (
    JSON,
    ListOp,
    ListType,
    MapOp,
    MapType,
    NoneOp,
    OptionType,
    RecordOp,
    RecordType,
    option_of,
)
from kumeo.dialects.data.casts import join_types
from kumeo.frontend import tree
from kumeo.frontend.elaborate import literals
from kumeo.frontend.elaborate.context import Scope, is_poison
from kumeo.frontend.elaborate.display import display
from kumeo.frontend.errors.names import UnknownField
from kumeo.frontend.errors.sections import DuplicateKey
from kumeo.frontend.errors.types import MissingField, TypeMismatch

if TYPE_CHECKING:
    from kumeo.frontend.elaborate.expressions import Expressions


def build_object(
    e: Expressions, expr: tree.Object, scope: Scope, hint: Attribute | None
) -> SSAValue:
    """Return the record that an object writes, or the map where one is expected."""
    pairs = _distinct_pairs(e, expr)
    wanted = hint.inner if isinstance(hint, OptionType) else hint
    if isinstance(wanted, RecordType):
        return _build_record(e, expr, pairs, scope, wanted)
    if isinstance(wanted, MapType):
        built = {k: e.build(p.value, scope, wanted.value) for k, p in pairs.items()}
        if any(map(is_poison, built.values())):
            return e.ctx.poison()
        return e.ctx.add(MapOp(list(built), list(built.values()), wanted.value), expr).result
    values = {k: _build_free(e, p.value, scope, wanted) for k, p in pairs.items()}
    if any(map(is_poison, values.values())):
        return e.ctx.poison()
    record = RecordType({name: value.type for name, value in values.items()})
    return e.ctx.add(RecordOp(list(values.values()), record), expr).result


def build_array(
    e: Expressions, expr: tree.Array, scope: Scope, hint: Attribute | None, strict: bool
) -> SSAValue:
    """Return the list that an array writes. `strict` makes each item what `hint` asks for."""
    wanted = hint.inner if isinstance(hint, OptionType) else hint
    item = wanted.item if isinstance(wanted, ListType) else JSON if wanted == JSON else None
    if strict and item is not None:
        values = [e.build(each, scope, item) for each in expr.items]
        if any(map(is_poison, values)):
            return e.ctx.poison()
        return e.ctx.add(ListOp(values, item), expr).result
    return _build_joined(e, expr, scope, item)


def _distinct_pairs(e: Expressions, expr: tree.Object) -> Mapping[str, tree.Pair]:
    pairs: dict[str, tree.Pair] = {}
    for pair in expr.pairs:
        first = pairs.setdefault(pair.key.text, pair)
        if first is not pair:
            related = (Related(first.key.span, "first written here"),)
            e.ctx.report(DuplicateKey(pair.key.span, pair.key.text, related=related))
    return pairs


def _build_free(e: Expressions, value: tree.Expr, scope: Scope, hint: Attribute | None) -> SSAValue:
    """Build a value of no expected type; what goes into `json` may mix types in arrays."""
    is_nested = isinstance(value, tree.Array | tree.Object)
    return e.build(value, scope, JSON if hint == JSON and is_nested else None)


def _build_record(
    e: Expressions,
    expr: tree.Object,
    pairs: Mapping[str, tree.Pair],
    scope: Scope,
    wanted: RecordType,
) -> SSAValue:
    values: list[SSAValue] = []
    missing: list[str] = []
    defaults = e.ctx.types.defaults_of(wanted)
    for name, kind in wanted.fields:
        if name in pairs:
            values.append(e.build(pairs[name].value, scope, kind))
        elif name in defaults:
            values.append(e.build(defaults[name], Scope(), kind))
        elif isinstance(kind, OptionType):
            values.append(e.ctx.add(NoneOp(kind), expr).result)
        elif kind == JSON:
            values.append(literals.constant(e.ctx, None, JSON, expr))
        else:
            missing.append(name)
    extra = [pair for name, pair in pairs.items() if name not in wanted.names]
    _report_fields(e, expr, wanted, extra, missing)
    if extra or missing or any(map(is_poison, values)):
        return e.ctx.poison()
    return e.ctx.add(RecordOp(values, wanted), expr).result


def _report_fields(
    e: Expressions,
    expr: tree.Object,
    wanted: RecordType,
    extra: list[tree.Pair],
    missing: list[str],
) -> None:
    """Report fields that the type lacks and the ones that the object lacks.

    A missing field whose near name is extra is one fault: a misspelt name.
    """
    shown = display(wanted, e.ctx.types)
    place = e.ctx.types.places.get(shown)
    related = () if place is None else (Related(place, f"`{shown}` is declared here"),)
    left = list(missing)
    for pair in extra:
        name = pair.key.text
        near = nearest(name, left) or nearest(name, wanted.names)
        if near in left:
            left.remove(near)
        known = wanted.names
        e.ctx.report(UnknownField(pair.key.span, f"`{shown}`", name, near, known, related=related))
    if left:
        names = ", ".join(f"`{name}`" for name in left)
        example = ", ".join(f"{name}: …" for name in left)
        e.ctx.report(MissingField(expr.span, names, shown, example, related=related))


def _build_joined(
    e: Expressions, expr: tree.Array, scope: Scope, hint: Attribute | None
) -> SSAValue:
    """Build items of no expected type and convert them to the type that they share."""
    built = {
        index: e.build_hinted(item, scope, hint)
        for index, item in enumerate(expr.items)
        if not isinstance(item, tree.Null)
    }
    if any(map(is_poison, built.values())):
        return e.ctx.poison()
    kind = _join_items(e, expr, built, hint)
    if kind is None:
        return e.ctx.poison()
    if len(built) < len(expr.items):
        kind = option_of(kind)
    values = [
        e.coerce(built[index], kind, item) if index in built else e.build(item, scope, kind)
        for index, item in enumerate(expr.items)
    ]
    return e.ctx.add(ListOp(values, kind), expr).result


def _join_items(
    e: Expressions, expr: tree.Array, built: Mapping[int, SSAValue], hint: Attribute | None
) -> Attribute | None:
    """Return the common type of items (`hint`, else `json`, for none); report what differs."""
    joined: Attribute | None = None
    for index, value in built.items():
        both = value.type if joined is None else join_types(joined, value.type)
        if joined is not None and both is None:
            left, right = display(joined, e.ctx.types), display(value.type, e.ctx.types)
            problem = f"the items of a list have one type, but here are `{left}` and `{right}`"
            place = expr.items[next(iter(built))].span
            related = (Related(place, f"this is `{left}`"),)
            at = expr.items[index].span
            e.ctx.report(TypeMismatch(at, problem, f"this is `{right}`", related=related))
            return None
        joined = both
    return joined or hint or JSON
