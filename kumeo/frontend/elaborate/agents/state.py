"""`Aggregate`: numbers over the events of one key within a window of time."""

from xdsl.ir import Attribute, Operation, OpResult, SSAValue

from kumeo.dialects import agent
from kumeo.dialects.data import FLOAT, INT, RecordType
from kumeo.dialects.facts import facts_of
from kumeo.frontend import tree
from kumeo.frontend.elaborate.agents.kind import AgentCall, Kind
from kumeo.frontend.elaborate.arguments import Parameter, Role
from kumeo.frontend.elaborate.context import is_poison
from kumeo.frontend.elaborate.settings import pairs_of
from kumeo.frontend.elaborate.types import display
from kumeo.frontend.errors.flow import AggregatePlace
from kumeo.frontend.errors.sections import InvalidSetting
from kumeo.frontend.errors.types import TypeMismatch

_REDUCERS = ("count", "sum", "mean", "min", "max", "last", "first")
_NUMERIC = ("sum", "mean", "min", "max")


def build_aggregate(call: AgentCall) -> agent.AgentOp | SSAValue:
    """Return the `agent.aggregate` of an `Aggregate`."""
    _check_place(call)
    key = call.build("key")
    window = call.arguments.constant("window")
    reduced = [item for name in _REDUCERS for item in _reduced(call, name)]
    if key is None or is_poison(key) or any(is_poison(value) for _, _, value in reduced):
        return call.poison()
    if not reduced:
        known = ", ".join(f"`{name}: …`" for name in _REDUCERS)
        call.body.ctx.report(InvalidSetting(call.arguments.place, "Aggregate", f"one of {known}"))
        return call.poison()
    for value in (key, *(value for _, _, value in reduced)):
        _check_pure(call, value)
    fields = {name: _type(reducer, value) for reducer, name, value in reduced}
    return agent.AggregateOp(
        call.name,
        call.site,
        key,
        window,
        [value for _, _, value in reduced],
        [reducer for reducer, _, _ in reduced],
        [name for _, name, _ in reduced],
        RecordType.of(fields),
    )


def _reduced(call: AgentCall, reducer: str) -> list[tuple[str, str, SSAValue]]:
    """Return (reducer, field, value): one for `sum: x`, several for `sum: { a: x, b: y }`."""
    node = call.arguments.raw(reducer)
    if node is None or isinstance(node, tree.Emit):
        return []
    if isinstance(node, tree.Object):
        pairs = pairs_of(call.body.ctx, node)
        return [(reducer, name, _value(call, reducer, p.value)) for name, p in pairs.items()]
    return [(reducer, reducer, _value(call, reducer, node))]


def _value(call: AgentCall, reducer: str, node: tree.Expr) -> SSAValue:
    if reducer == "count" and isinstance(node, tree.Bool):
        if not node.value:
            call.body.ctx.report(InvalidSetting(node.span, "count", "`true`"))
        node = tree.Variable(node.span, "source")
    value = call.body.expressions.build(node, call.scope)
    if reducer not in _NUMERIC or is_poison(value) or value.type in (INT, FLOAT):
        return value
    shown = display(value.type, call.body.ctx.types)
    problem = f"`{reducer}` takes numbers, not {shown}"
    report = TypeMismatch(node.span, problem, f"this is {shown}")
    return call.body.ctx.poison(report)


def _type(reducer: str, value: SSAValue) -> Attribute:
    if reducer == "count":
        return INT
    return FLOAT if reducer == "mean" else value.type


def _check_place(call: AgentCall) -> None:
    if call.body.nesting:
        around = call.body.nesting[-1]
        problem, detail = f"stand in `{around}`", f"this is inside `{around}`"
        call.body.ctx.report(AggregatePlace(call.arguments.place, problem, detail))


def _check_pure(call: AgentCall, value: SSAValue) -> None:
    """Report a value that follows from anything but `source` and pure agents."""
    stack: list[SSAValue] = [value]
    seen: set[SSAValue] = set()
    while stack:
        current = stack.pop()
        if current in seen or not isinstance(current, OpResult):
            continue
        seen.add(current)
        op: Operation = current.op
        if not facts_of(op).deterministic and op.name != "workflow.config_value":
            problem = "read what may differ from run to run"
            name = current.name_hint or "this value"
            detail = f"it follows from `{name}`"
            call.body.ctx.report(AggregatePlace(call.arguments.place, problem, detail))
            return
        stack += op.operands


AGGREGATE = Kind(
    "keeps numbers over the events of one key",
    {
        "key": Parameter(Role.REFERENCE, "what events belong together", is_required=True),
        "window": Parameter(Role.DURATION, "how long an event counts; for ever when left out"),
        "count": Parameter(Role.VALUE, "`true`: how many events"),
        "sum": Parameter(Role.VALUE, "a number to add up, or several as `{ name: number }`"),
        "mean": Parameter(Role.VALUE, "a number to average"),
        "min": Parameter(Role.VALUE, "the smallest"),
        "max": Parameter(Role.VALUE, "the largest"),
        "last": Parameter(Role.VALUE, "the value of the last event"),
        "first": Parameter(Role.VALUE, "the value of the first event in the window"),
    },
    build_aggregate,
    is_acting=True,
)
