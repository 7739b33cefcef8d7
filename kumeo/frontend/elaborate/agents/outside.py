"""Agents that ask people and stores: `HumanReview`, `Retrieve`, `Query`."""

from xdsl.ir import Attribute, SSAValue

from kumeo.diagnostics import nearest
from kumeo.dialects import agent
from kumeo.dialects.data import JSON, STR, TIME, EnumType, ListType, RecordType, is_nullable
from kumeo.frontend import tree
from kumeo.frontend.elaborate.agents.kind import AgentCall, Kind
from kumeo.frontend.elaborate.arguments import Parameter, Role
from kumeo.frontend.elaborate.context import is_poison
from kumeo.frontend.elaborate.references import path_text
from kumeo.frontend.elaborate.settings import pairs_of
from kumeo.frontend.elaborate.type_arguments import type_argument
from kumeo.frontend.errors.outside import UnknownModel
from kumeo.frontend.errors.sections import InvalidSetting, MissingArgument

_ON_TIMEOUT = ("escalate", "fail")


def build_review(call: AgentCall) -> agent.AgentOp | SSAValue:
    """Return the `agent.review` of a `HumanReview`."""
    value = call.input("input")
    decisions = _decisions(call)
    form = _form(call)
    settings = call.arguments.settings("title", "instructions", "assignees", "group", "reminder")
    timeout = call.arguments.raw("timeout")
    on_timeout = call.arguments.constant("on_timeout")
    if isinstance(timeout, tree.Duration):
        settings["timeout_us"] = timeout.value_us
        _check_on_timeout(call, on_timeout, decisions)
    if on_timeout in decisions:
        _check_empty_form(call, form)
    if on_timeout is not None:
        settings["on_timeout"] = on_timeout
    if is_poison(value) or any(is_poison(kind) for kind in form.values()):
        return call.poison()
    fields = {"decision": EnumType.of(*decisions), "by": STR, "at": TIME, **form}
    return agent.ReviewOp(call.name, call.site, value, RecordType.of(fields), settings)


def _decisions(call: AgentCall) -> list[str]:
    name = call.arguments.first_of("decisions", "options")
    if name is None:
        return ["approve", "reject"]
    node = call.arguments.raw(name)
    items = node.items if isinstance(node, tree.Array) else ()
    texts = [_name(item) for item in items]
    names = [text for text in texts if text is not None]
    if len(names) != len(items) or not names or len(set(names)) != len(names):
        assert node is not None
        report = InvalidSetting(node.span, name, 'a list such as `["approve", "reject"]`')
        call.body.ctx.report(report)
        return ["approve", "reject"]
    return names


def _name(node: tree.Expr) -> str | None:
    if isinstance(node, tree.String):
        return node.value
    return node.name if isinstance(node, tree.Variable) else None


def _form(call: AgentCall) -> dict[str, Attribute]:
    """Return the fields of `form: { reason: string, limit: float? }`."""
    node = call.arguments.raw("form")
    if node is None:
        return {}
    if not isinstance(node, tree.Object):
        call.body.ctx.report(InvalidSetting(node.span, "form", "`{ field: type }`"))
        return {}
    fields: dict[str, Attribute] = {}
    for name, pair in pairs_of(call.body.ctx, node).items():
        kind = type_argument(call.body.ctx, pair.value)
        if kind is None or name in ("decision", "by", "at"):
            call.body.ctx.report(InvalidSetting(pair.span, f"form.{name}", "a new field's type"))
        else:
            fields[name] = kind
    return fields


def _check_on_timeout(call: AgentCall, given: object, decisions: list[str]) -> None:
    known = (*_ON_TIMEOUT, *decisions)
    shown = ", ".join(f'`"{each}"`' for each in known)
    node = call.arguments.raw("on_timeout")
    if node is None:
        meaning = f"one of {shown}"
        report = MissingArgument(call.arguments.place, call.arguments.owner, "on_timeout", meaning)
        call.body.ctx.report(report)
    elif given is not None and given not in known:
        call.body.ctx.report(InvalidSetting(node.span, "on_timeout", f"one of {shown}"))


def _check_empty_form(call: AgentCall, form: dict[str, Attribute]) -> None:
    """Report a decision without a person when a person would have to fill in fields."""
    required = [name for name, kind in form.items() if not is_nullable(kind)]
    node = call.arguments.raw("on_timeout")
    if required and node is not None:
        shown = ", ".join(f"`{name}`" for name in required)
        expected = f'`"escalate"` or `"fail"`: nobody fills in {shown}'
        call.body.ctx.report(InvalidSetting(node.span, "on_timeout", expected))


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

HUMAN_REVIEW = Kind(
    "asks a person to decide",
    {
        "input": Parameter(Role.REFERENCE, "what the person sees"),
        "title": Parameter(Role.TEXT, "a line that names the task"),
        "instructions": Parameter(Role.TEXT, "what to look at"),
        "assignees": Parameter(Role.SETTINGS, "people who may take the task"),
        "group": Parameter(Role.TEXT, "a group that may take the task"),
        "decisions": Parameter(Role.RAW, 'the answers; `["approve", "reject"]` when left out'),
        "options": Parameter(Role.RAW, "the same, in the draft's style"),
        "form": Parameter(Role.RAW, "fields that the person fills in, as `{ field: type }`"),
        "reminder": Parameter(Role.DURATION, "when to remind"),
        "on_timeout": Parameter(Role.TEXT, "`escalate`, `fail` or a decision"),
    },
    build_review,
    is_acting=True,
    waits=True,
)
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
