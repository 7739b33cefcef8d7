"""Agents that ask stores: `Retrieve`, `Query`."""

from xdsl.ir import Attribute, SSAValue

from kumeo.diagnostics import nearest
from kumeo.dialects import agent
from kumeo.dialects.data import JSON, STR, ListType
from kumeo.frontend import tree
from kumeo.frontend.elaborate.agents.kind import AgentCall, Kind
from kumeo.frontend.elaborate.arguments import Parameter, Role
from kumeo.frontend.elaborate.context import is_poison
from kumeo.frontend.elaborate.references import path_text
from kumeo.frontend.elaborate.settings import pairs_of
from kumeo.frontend.elaborate.type_arguments import type_argument
from kumeo.frontend.errors.outside import UnknownModel
from kumeo.frontend.errors.sections import InvalidSetting


def build_retrieve(call: AgentCall) -> agent.AgentOp | SSAValue:
    """Return the `agent.retrieve` of a `Retrieve`."""
    symbol = _context(call, ("knowledge", "table"), "knowledge base")
    query = call.build("query")
    if query is not None:
        query = call.body.expressions.coerce(query, STR, call.node, what="query")
    settings = call.arguments.settings("top")
    if symbol is None or (query is not None and is_poison(query)):
        return call.poison()
    return agent.RetrieveOp(call.name, call.site, symbol, query, settings)


def build_query(call: AgentCall) -> agent.AgentOp | SSAValue:
    """Return the `agent.query` of a `Query`: rows of type `output`, else of json."""
    symbol = _context(call, ("database",), "database")
    sql = call.arguments.constant("sql", "")
    node = call.arguments.raw("parameters")
    pairs = pairs_of(call.body.ctx, node) if isinstance(node, tree.Object) else {}
    if node is not None and not isinstance(node, tree.Object):
        call.body.ctx.report(InvalidSetting(node.span, "parameters", "`{ name: value }`"))
    values = [call.body.expressions.build(p.value, call.scope) for p in pairs.values()]
    row = _row(call)
    if symbol is None or is_poison(row) or any(is_poison(value) for value in values):
        return call.poison()
    result = ListType(row)
    return agent.QueryOp(call.name, call.site, symbol, sql, values, list(pairs), result)


def _row(call: AgentCall) -> Attribute:
    node = call.arguments.raw("output")
    if node is None or isinstance(node, tree.String | tree.Emit):
        return JSON
    kind = type_argument(call.body.ctx, node)
    if isinstance(kind, ListType):
        return kind.item
    if kind is None:
        call.body.ctx.report(InvalidSetting(node.span, "output", "the type of a row"))
        return call.poison().type
    return kind


def _context(call: AgentCall, kinds: tuple[str, ...], what: str) -> str | None:
    """Return the symbol of `context.name`."""
    name = call.arguments.first_of("context", "from", "database")
    node = None if name is None else call.arguments.raw(name)
    if node is None or isinstance(node, tree.Emit):
        call.arguments.require("context")
        return None
    path = node.value if isinstance(node, tree.String) else path_text(node)
    contexts = call.body.declared.contexts
    short = (path or node.span.text).removeprefix("context.")
    if short in contexts and contexts[short][1] in kinds:
        return contexts[short][0]
    fitting = [key for key, (_, kind) in contexts.items() if kind in kinds]
    close = nearest(short, fitting)
    fix = f"context.{close}" if close else None
    call.body.ctx.report(UnknownModel(node.span, what, short, fix))
    return None


_CONTEXT = Parameter(Role.RAW, "`context.name`")

RETRIEVE = Kind(
    "reads a knowledge base",
    {
        "context": _CONTEXT,
        "from": _CONTEXT,
        "query": Parameter(Role.VALUE, "what to look for; all of the text when left out"),
        "top": Parameter(Role.INTEGER, "how many passages"),
    },
    build_retrieve,
    positional=("context",),
)
QUERY = Kind(
    "asks a database",
    {
        "context": _CONTEXT,
        "database": _CONTEXT,
        "sql": Parameter(Role.TEXT, "the query, with `:name` for parameters", is_required=True),
        "parameters": Parameter(Role.RAW, "values by name"),
        "output": Parameter(Role.TYPE, "the type of a row"),
    },
    build_query,
    positional=("context", "sql"),
)
