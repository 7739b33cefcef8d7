"""Emits, and which target an author means.

A target is `target.alerts`, `target["alerts.high_risk"]` by its address, `"target.alerts"` in the
draft's style, or `target` alone when there is only one.
"""

from kumeo.diagnostics import nearest
from kumeo.dialects import workflow
from kumeo.frontend import tree
from kumeo.frontend.elaborate.body import Body
from kumeo.frontend.elaborate.context import Scope, is_poison
from kumeo.frontend.elaborate.references import path_text
from kumeo.frontend.errors.flow import UnknownTarget


def elaborate_emit(body: Body, statement: tree.Emit, scope: Scope) -> None:
    """Insert the value and the emit."""
    body.has_emit = True
    value = body.expressions.build(statement.value, scope)
    symbol = target_symbol(body, statement.target)
    if symbol is None or is_poison(value):
        return
    site = body.site(f"emit:{symbol}")
    body.ctx.add(workflow.EmitOp(value, symbol, site), statement)


def target_symbol(body: Body, node: tree.Expr) -> str | None:
    """Return the symbol of a target, or None after a diagnostic."""
    declared = body.declared
    written = _written(node)
    if written == "" and len(declared.target_symbols) == 1:
        return declared.target_symbols[0]
    if written and written in declared.targets:
        return declared.targets[written]
    problem = f"there is no target `{written or node.span.text}`"
    if written == "":
        several = "`target` alone is not clear: there are several"
        problem = several if declared.target_symbols else "the workflow has no target"
    close = nearest(written, declared.targets) if written else None
    known = tuple(declared.target_symbols)
    body.ctx.report(UnknownTarget(node.span, problem, close, known))
    return None


def _written(node: tree.Expr) -> str | None:
    """Return the name below `target`, "" for `target` itself, None when it is no target."""
    match node:
        case tree.String(value=value):
            return value.removeprefix("target").removeprefix(".")
        case tree.Index(base=tree.Variable(name="target"), index=tree.String(value=value)):
            return value
        case _:
            path = path_text(node)
    if path is None or path.partition(".")[0] != "target":
        return None
    return path.removeprefix("target").removeprefix(".")
