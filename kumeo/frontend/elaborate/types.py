"""The named types of a file, and the front door to everything about types.

Schemas and enums may refer to each other in any order, but not in a circle.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from xdsl.ir import Attribute, Block

from kumeo.diagnostics import Related, Span
from kumeo.dialects.data.types import EnumType, RecordType
from kumeo.frontend import tree
from kumeo.frontend.elaborate.context import POISON, Context, Scope, is_poison
from kumeo.frontend.elaborate.display import BUILTIN_TYPES, display
from kumeo.frontend.elaborate.expressions import MAX_DEPTH, Expressions
from kumeo.frontend.elaborate.resolve import resolve_type, type_from_expression
from kumeo.frontend.elaborate.sizes import MAX_SIZE
from kumeo.frontend.errors.sections import DuplicateKey, DuplicateName
from kumeo.frontend.errors.syntax import NestingTooDeep
from kumeo.frontend.errors.types import RecursiveSchema, TypeTooLarge

__all__ = ["declare_types", "display", "resolve_type", "type_from_expression"]


def declare_types(
    ctx: Context,
    schemas: Sequence[tree.Schema],
    enums: Sequence[tree.Enum],
    imported: Mapping[str, Attribute],
) -> None:
    """Fill `ctx.types` with all named types of a file and check the defaults of fields."""
    ctx.types.by_name.update(imported)
    declared = _distinct(ctx, [*enums, *schemas])
    for item in declared:
        ctx.types.places[item.name.text] = item.name.span
    pending: dict[str, tree.Schema] = {}
    for item in declared:
        if isinstance(item, tree.Enum):
            ctx.types.by_name[item.name.text] = _enum_type(ctx, item)
        else:
            pending[item.name.text] = item
    resolver = _Resolver(ctx, pending)
    for name in pending:
        resolver.resolve(name)
    for schema in pending.values():
        _check_defaults(ctx, schema)


def _distinct(
    ctx: Context, items: Sequence[tree.Schema | tree.Enum]
) -> list[tree.Schema | tree.Enum]:
    """Return the first declaration of each name in file order; report the others."""
    first: dict[str, tree.Schema | tree.Enum] = {}
    for item in sorted(items, key=lambda each: each.span.start):
        name = item.name.text
        if name in BUILTIN_TYPES:
            note = f"`{name}` is a built-in type"
            ctx.report(DuplicateName(item.name.span, name, notes=(note,)))
        elif name in first or name in ctx.types.by_name:
            place = first[name].name.span if name in first else ctx.types.places.get(name)
            ctx.report(DuplicateName(item.name.span, name, related=_first(place)))
        else:
            first[name] = item
    return list(first.values())


def _first(place: Span | None) -> tuple[Related, ...]:
    return () if place is None else (Related(place, "first declared here"),)


def _enum_type(ctx: Context, enum: tree.Enum) -> EnumType:
    return EnumType.of(*_distinct_names(ctx, enum.values))


def _distinct_names(ctx: Context, names: Sequence[tree.Name]) -> dict[str, Span]:
    seen: dict[str, Span] = {}
    for name in names:
        if name.text in seen:
            related = (Related(seen[name.text], "first written here"),)
            ctx.report(DuplicateKey(name.span, name.text, related=related))
        seen.setdefault(name.text, name.span)
    return seen


@dataclass
class _Resolver:
    """Resolves schemas depth first, so that each finds the types that it names."""

    ctx: Context
    pending: Mapping[str, tree.Schema]
    depths: dict[str, int] = field(default_factory=dict[str, int])
    """How deep records are nested in each resolved schema."""

    def resolve(self, name: str) -> None:
        """Make the type of the schema `name` and of those that it needs, without recursion."""
        path: dict[str, Iterator[tree.NamedType]] = {}
        path[name] = self._uses(name)
        while path:
            current = next(reversed(path))
            used = next(path[current], None)
            if used is None:
                self._make(current, list(path))
                del path[current]
            elif used.name not in path and used.name not in self.ctx.types.by_name:
                path[used.name] = self._uses(used.name)

    def _uses(self, name: str) -> Iterator[tree.NamedType]:
        """Yield the schemas of this file that a schema names."""
        nodes = (node for each in self.pending[name].fields for node in _named_types(each.type))
        return (node for node in nodes if node.name in self.pending)

    def _make(self, name: str, path: Sequence[str]) -> None:
        if name in self.ctx.types.by_name:
            return
        schema = self.pending[name]
        names = _distinct_names(self.ctx, [each.name for each in schema.fields])
        fields = {each.name.text: self._field_type(each, path) for each in reversed(schema.fields)}
        whole = not any(map(is_poison, fields.values()))
        depth = 1 + max([self.depths.get(used.name, 0) for used in self._uses(name)], default=0)
        if whole and depth > MAX_DEPTH:
            whole = False
            self.ctx.report(NestingTooDeep(schema.name.span, MAX_DEPTH, MAX_DEPTH + 1))
        if whole and sum(map(self.ctx.sizes.of, fields.values())) > MAX_SIZE:
            whole = False
            self.ctx.report(TypeTooLarge(schema.name.span, name, MAX_SIZE))
        record = RecordType({n: fields[n] for n in names}) if whole else POISON
        self.depths[name] = depth if whole else 0
        self.ctx.types.by_name[name] = record

    def _field_type(self, each: tree.Field, path: Sequence[str]) -> Attribute:
        for node in _named_types(each.type):
            if node.name in path:
                return self._report_circle(node, path)
        return resolve_type(self.ctx, each.type)

    def _report_circle(self, node: tree.NamedType, path: Sequence[str]) -> Attribute:
        circle = [*path[path.index(node.name) :], node.name]
        shown = " → ".join(f"`{name}`" for name in circle)
        related = (Related(self.pending[node.name].name.span, "the schema starts here"),)
        self.ctx.report(RecursiveSchema(node.span, node.name, shown, related=related))
        return POISON


def _named_types(node: tree.TypeNode) -> list[tree.NamedType]:
    match node:
        case tree.NamedType():
            return [node]
        case tree.OptionalType():
            return _named_types(node.inner)
        case tree.ListType():
            return _named_types(node.item)
        case tree.MapType():
            return _named_types(node.value)


def _check_defaults(ctx: Context, schema: tree.Schema) -> None:
    """Keep the defaults of a schema whose types fit; each is built once, to throw away."""
    record = ctx.types.by_name[schema.name.text]
    kept: dict[str, tree.Expr] = {}
    for each in schema.fields:
        wanted = record.field(each.name.text) if isinstance(record, RecordType) else None
        if each.default is None or wanted is None:
            continue
        with ctx.inside(Block()):
            value = Expressions(ctx).build(each.default, Scope(), wanted)
        if not is_poison(value):
            kept[each.name.text] = each.default
    if kept:
        ctx.types.defaults[schema.name.text] = kept
