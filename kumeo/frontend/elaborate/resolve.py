"""Written types become types: `Transaction?`, `[float]`, `{string: json}`."""

from xdsl.ir import Attribute

from kumeo.diagnostics import nearest
from kumeo.dialects.data.types import ListType, MapType, option_of
from kumeo.frontend import tree
from kumeo.frontend.elaborate.context import POISON, Context, is_poison
from kumeo.frontend.elaborate.display import BUILTIN_TYPES
from kumeo.frontend.elaborate.narrowing import path_of
from kumeo.frontend.errors.names import UnknownType
from kumeo.frontend.errors.types import TypeMismatch

_FOREIGN = {
    "str": "string",
    "text": "string",
    "integer": "int",
    "long": "int",
    "number": "float",
    "double": "float",
    "decimal": "float",
    "boolean": "bool",
    "datetime": "timestamp",
    "date": "timestamp",
    "time": "timestamp",
    "object": "json",
    "any": "json",
    "dict": "json",
    "map": "{string: json}",
    "array": "[json]",
    "list": "[json]",
}


def resolve_type(ctx: Context, node: tree.TypeNode) -> Attribute:
    """Return the type that `node` writes; an unknown name is reported and gives `POISON`."""
    match node:
        case tree.NamedType():
            return named_type(ctx, node.name, node)
        case tree.OptionalType():
            inner = resolve_type(ctx, node.inner)
            return inner if is_poison(inner) else option_of(inner)
        case tree.ListType():
            item = resolve_type(ctx, node.item)
            return item if is_poison(item) else ListType(item)
        case tree.MapType():
            value = resolve_type(ctx, node.value)
            _check_key(ctx, node.key)
            return value if is_poison(value) else MapType(value)


def named_type(ctx: Context, name: str, at: tree.Node) -> Attribute:
    """Return the type called `name`; an unknown one is reported and gives `POISON`."""
    name = ctx.unqualified(name)
    found = BUILTIN_TYPES.get(name) or ctx.types.by_name.get(name)
    if found is not None:
        return found
    near = nearest(name, [*BUILTIN_TYPES, *ctx.types.by_name])
    foreign = _FOREIGN.get(name.lower())
    fix = f"write `{foreign}`" if foreign else None
    ctx.report(UnknownType(at.span, name, near, fix))
    return POISON


def type_from_expression(ctx: Context, expr: tree.Expr) -> Attribute | None:
    """Return the type that an argument writes: `Assessment?`, `[T]`, `{string: T}`.

    None means that the expression has not the form of a type. Unknown names are reported.
    """
    node = type_node(expr)
    return None if node is None else resolve_type(ctx, node)


def type_node(expr: tree.Expr) -> tree.TypeNode | None:
    """Return the type that an expression spells, or None when it has not the form of a type."""
    match expr:
        case tree.Variable():
            return tree.NamedType(expr.span, expr.name)
        case tree.Get():
            path = path_of(expr)
            return None if path is None else tree.NamedType(expr.span, path)
        case tree.Optional():
            inner = type_node(expr.inner)
            return None if inner is None else tree.OptionalType(expr.span, inner)
        case tree.Array(items=(item,)):
            inner = type_node(item)
            return None if inner is None else tree.ListType(expr.span, inner)
        case tree.Object(pairs=(pair,)) if not pair.quoted and pair.key.text == "string":
            inner = type_node(pair.value)
            return None if inner is None else tree.MapType(expr.span, pair.key, inner)
        case _:
            return None


def _check_key(ctx: Context, key: tree.Name) -> None:
    if key.text == "string":
        return
    problem = f"the keys of a map are strings, not `{key.text}`"
    ctx.report(TypeMismatch(key.span, problem, "`string` is expected", "write `{string: …}`"))
