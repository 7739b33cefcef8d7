"""Agents that ask stores: `Retrieve`, `Query`."""

import re

from xdsl.ir import Attribute, SSAValue

from kumeo.diagnostics import nearest
from kumeo.dialects import agent
from kumeo.dialects.data import JSON, STR, ListType, RecordType
from kumeo.frontend import tree
from kumeo.frontend.elaborate.agents.kind import AgentCall, Kind
from kumeo.frontend.elaborate.arguments import Parameter, Role
from kumeo.frontend.elaborate.context import is_poison
from kumeo.frontend.elaborate.declarations import DeclaredContext
from kumeo.frontend.elaborate.references import path_text
from kumeo.frontend.elaborate.settings import pairs_of
from kumeo.frontend.elaborate.type_arguments import type_argument
from kumeo.frontend.errors.outside import UnknownModel
from kumeo.frontend.errors.sections import InvalidSetting

_SQL = re.compile(
    r"""'(?:[^']|'')*' | "(?:[^"]|"")*" | --[^\n]* | /\*.*?\*/ | (?P<tag>\$\w*\$).*?(?P=tag)
    | :: | :(?P<name>[A-Za-z_]\w*)""",
    re.VERBOSE | re.DOTALL | re.ASCII,
)
"""Texts, quoted names, comments and casts, in which a `:name` is no parameter; and parameters."""

_HOLE = re.compile(r"\{\{[^{}]*\}\}")
_WRITES = re.compile(
    r"\s*(insert|update|delete|replace|merge|create|drop|alter|truncate)\b", re.IGNORECASE
)
_VALUES = "write `:name` where the value goes, and `parameters: { name: value }`"

_ASKED = {
    "knowledge": "it is a knowledge base: ask it by `Retrieve`",
    "database": "it is a database: ask it by `Query`",
    "table": "it is a table: ask it by `Query` or `Retrieve`",
}


def build_retrieve(call: AgentCall) -> agent.AgentOp | SSAValue:
    """Return the `agent.retrieve` of a `Retrieve`."""
    found = _context(call, ("knowledge", "table"), "knowledge base")
    query = call.build("query")
    if query is not None:
        place = call.arguments.expression("query") or call.node
        query = call.body.expressions.coerce(query, STR, place, what="query")
    settings = call.arguments.settings("top")
    if "top" in settings and (settings["top"] or 0) < 1:
        _refuse(call, "top", "an integer above 0")
    if found is None or (query is not None and is_poison(query)):
        return call.poison()
    return agent.RetrieveOp(call.name, call.site, found.symbol, query, settings)


def build_query(call: AgentCall) -> agent.AgentOp | SSAValue:
    """Return the `agent.query` of a `Query`: rows of the type `output`, of the table, or json."""
    found = _context(call, ("database", "table"), "database or table")
    node = call.arguments.raw("parameters")
    pairs = pairs_of(call.body.ctx, node) if isinstance(node, tree.Object) else {}
    if node is not None and not isinstance(node, tree.Object):
        _refuse(call, "parameters", "`{ name: value }`")
    values = {k: call.body.expressions.build(p.value, call.scope) for k, p in pairs.items()}
    sql = _sql(call, found, values)
    row = _row(call, found)
    if (
        found is None
        or not sql
        or is_poison(row)
        or any(is_poison(value) for value in values.values())
    ):
        return call.poison()
    effects = "acts" if found.is_writable else None
    return agent.QueryOp(
        call.name,
        call.site,
        found.symbol,
        sql,
        list(values.values()),
        list(values),
        ListType(row),
        effects,
    )


def _sql(call: AgentCall, found: DeclaredContext | None, values: dict[str, SSAValue]) -> str:
    """Return the query; of `key: value` the one that finds the rows with that key."""
    key = call.build("key")
    if key is None:
        is_writable = found is not None and found.is_writable
        if not call.arguments.require("sql") or not _check_sql(call, is_writable=is_writable):
            return ""
        _check_parameters(call, values)
        return call.arguments.constant("sql", "") or ""
    if "sql" in call.arguments or "parameters" in call.arguments:
        _refuse(call, "key", "nothing beside `sql`")
    elif found is not None and found.key is None:
        _refuse(call, "key", 'the key of a table that has one: `Table("x.csv", key: "column")`')
    if found is None or found.key is None:
        return ""
    kind = found.row.field(found.key) if isinstance(found.row, RecordType) else None
    if kind is not None:
        place = call.arguments.expression("key") or call.node
        key = call.body.expressions.coerce(key, kind, place, what="key")
    values.clear()
    values["key"] = key
    table = (_path(call) or "").removeprefix("context.")
    return f"{found.select(table)} WHERE {found.cast(found.key)} = :key"


def _check_sql(call: AgentCall, *, is_writable: bool) -> bool:
    """Report a query that is put together from values, or that writes where nothing may."""
    node = call.arguments.raw("sql")
    if not isinstance(node, tree.String):
        _refuse(call, "sql", "a constant string", _VALUES)
        return False
    hole = _HOLE.search(node.value)
    if hole is not None:
        _refuse(call, "sql", f"SQL, where `{hole[0]}` is never filled in,", _VALUES)
        return False
    verb = _WRITES.match(node.value)
    if verb is not None and not is_writable:
        fix = "`Database(…, read_only: false)` allows it; tables are only read"
        _refuse(call, "sql", f"a query that only reads, not `{verb[1].upper()}`,", fix)
    return True


def _check_parameters(call: AgentCall, values: dict[str, SSAValue]) -> None:
    """Report parameters that the query names and nobody gives, and the other way round."""
    sql = call.arguments.constant("sql", "")
    wanted = dict.fromkeys(each["name"] for each in _SQL.finditer(sql) if each["name"])
    missing = [name for name in wanted if name not in values]
    unused = [name for name in values if name not in wanted]
    if missing:
        place = "parameters" if "parameters" in call.arguments else "sql"
        _refuse(call, place, f"a value for `:{missing[0]}` in `parameters`")
    elif unused:
        _refuse(call, "parameters", f"only what the query names: `:{unused[0]}` is not in it,")


def _refuse(call: AgentCall, name: str, expected: str, fix: str = "") -> None:
    node = call.arguments.raw(name)
    assert node is not None, "only what is given can be wrong"
    call.body.ctx.report(InvalidSetting(node.span, name, expected, fix))


def _row(call: AgentCall, found: DeclaredContext | None) -> Attribute:
    node = call.arguments.raw("output")
    if node is None or isinstance(node, tree.String | tree.Emit):
        is_whole = found is not None and found.row is not None and "key" in call.arguments
        return found.row if is_whole and found and found.row else JSON
    kind = type_argument(call.body.ctx, node)
    if isinstance(kind, ListType):
        return kind.item
    if kind is None:
        call.body.ctx.report(InvalidSetting(node.span, "output", "the type of a row"))
        return call.poison().type
    return kind


def _path(call: AgentCall) -> str | None:
    name = call.arguments.first_of("context", "from", "database")
    node = None if name is None else call.arguments.raw(name)
    if node is None or isinstance(node, tree.Emit):
        return None
    return node.value if isinstance(node, tree.String) else path_text(node)


def _context(call: AgentCall, kinds: tuple[str, ...], what: str) -> DeclaredContext | None:
    """Return what `context.name` declares."""
    name = call.arguments.first_of("context", "from", "database")
    node = None if name is None else call.arguments.raw(name)
    if node is None or isinstance(node, tree.Emit):
        call.arguments.require("context")
        return None
    contexts = call.body.declared.contexts
    short = (_path(call) or node.span.text).removeprefix("context.")
    if short in contexts and contexts[short].kind in kinds:
        return contexts[short]
    fitting = [key for key, each in contexts.items() if each.kind in kinds]
    close = nearest(short, fitting)
    write = f"context.{close}" if close else None
    other = contexts.get(short)
    fix = "" if other is None else _ASKED[other.kind]
    call.body.ctx.report(UnknownModel(node.span, what, short, write, fix))
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
    "asks a database or table",
    {
        "context": _CONTEXT,
        "database": _CONTEXT,
        "sql": Parameter(Role.TEXT, "the query, with `:name` for parameters"),
        "parameters": Parameter(Role.RAW, "values by name"),
        "key": Parameter(Role.VALUE, "instead of `sql`: the key of the rows of a table"),
        "output": Parameter(Role.TYPE, "the type of a row"),
    },
    build_query,
    positional=("context", "sql"),
)
