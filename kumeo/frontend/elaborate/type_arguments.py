"""Types in the place of an argument: `schema: Order`, `output: lib.Answer?`, `"schemas.x"`."""

from xdsl.ir import Attribute

from kumeo.frontend import tree
from kumeo.frontend.elaborate.context import Context
from kumeo.frontend.elaborate.types import type_from_expression


def type_argument(ctx: Context, node: tree.Expr) -> Attribute | None:
    """Return the type that an argument names, `"schemas.x"` and `schemas.x` included."""
    match node:
        case tree.String(value=text):
            return type_argument(ctx, tree.Variable(node.span, text.removeprefix("schemas.")))
        case tree.Get(base=tree.Variable(name="schemas"), name=name):
            return type_argument(ctx, tree.Variable(name.span, name.text))
        case tree.Get(base=tree.Variable(name=alias), name=name) if alias in ctx.aliases:
            return type_argument(ctx, tree.Variable(name.span, name.text))
        case _:
            return type_from_expression(ctx, node)
