"""What an agent kind is, and what all kinds have in common: id, `when`, policy, fallback.

A kind is one row of the table in `agents/__init__.py`: its parameters and a function that builds
its op from a `AgentCall`. The shared parts are added around it here, so a kind knows only its work.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from xdsl.dialects.builtin import StringAttr
from xdsl.ir import Block, Operation, Region, SSAValue

from kumeo.dialects import agent, data, workflow
from kumeo.dialects.agent import BACKOFFS, AgentOp, CostAttr, PolicyAttr
from kumeo.dialects.data import JSON, OptionType, option_of
from kumeo.dialects.data.constants import to_attribute
from kumeo.dialects.facts import ACTS
from kumeo.frontend import tree
from kumeo.frontend.elaborate.arguments import Arguments, Parameter, Role, bind_arguments
from kumeo.frontend.elaborate.body import BlockScope, Body
from kumeo.frontend.elaborate.context import Scope, is_poison
from kumeo.frontend.elaborate.outline import defined_name
from kumeo.frontend.elaborate.references import path_text
from kumeo.frontend.elaborate.settings import pairs_of
from kumeo.frontend.elaborate.targets import elaborate_emit
from kumeo.frontend.errors.flow import InvalidId, MissingId
from kumeo.frontend.errors.sections import InvalidSetting

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


@dataclass
class AgentCall:
    """One call of an agent kind, ready to be built."""

    body: Body
    scope: Scope
    arguments: Arguments
    name: str
    site: str
    node: tree.Call

    def build(self, name: str) -> SSAValue | None:
        """Build the expression of a parameter, or return None when it is not given."""
        expr = self.arguments.expression(name)
        return None if expr is None else self.body.expressions.build(expr, self.scope)

    def input(self, *names: str) -> SSAValue:
        """Build the input of the agent: one of the named parameters, else the event itself."""
        name = self.arguments.first_of(*names)
        value = None if name is None else self.build(name)
        if value is not None:
            return value
        source = tree.Variable(self.node.callee.span, "source")
        return self.body.expressions.build(source, self.scope)

    def poison(self) -> SSAValue:
        """Return a value that fits everywhere, after a diagnostic."""
        return self.body.ctx.poison()


Build = Callable[[AgentCall], AgentOp | SSAValue]


@dataclass(frozen=True)
class Kind:
    """An agent kind of the language."""

    summary: str
    parameters: Mapping[str, Parameter]
    build: Build
    positional: tuple[str, ...] = ()
    is_acting: bool = False
    waits: bool = False
    """Its timeout is how long it waits for a person, not the time of an attempt."""
    has_attempts: bool = True
    """Its work is done in attempts, so that `retry`, `fallback` and their like mean something."""


COMMON: Mapping[str, Parameter] = {
    "id": Parameter(Role.TEXT, "the name of its result"),
    "when": Parameter(Role.CONDITION, "it runs only if this holds"),
    "timeout": Parameter(Role.RAW, "how long one attempt may take"),
    "retry": Parameter(Role.RAW, "attempts, as `{ max: 3, backoff: … }`"),
    "fallback": Parameter(Role.RAW, "a value, agent or `emit` for when all attempts failed"),
    "cost": Parameter(Role.RAW, "what one call takes"),
    "language": Parameter(Role.TEXT, '`"python"` or `"rust"`'),
    "description": Parameter(Role.TEXT, "a note for people"),
}
WITHOUT_ATTEMPTS = {name: COMMON[name] for name in ("id", "when", "description")}
CHANNEL = Parameter(Role.TEXT, "a channel name for its result, in the draft's style")


def elaborate_kind(
    body: Body,
    kind_name: str,
    kind: Kind,
    node: tree.Call,
    scope: BlockScope,
    name: tree.Name | None,
) -> None:
    """Insert the ops of an agent and bind its result in `scope`."""
    common = COMMON if kind.has_attempts else WITHOUT_ATTEMPTS
    parameters = {"output": CHANNEL, **common, **kind.parameters}
    arguments = bind_arguments(body.ctx, kind_name, node, parameters, kind.positional)
    channel = _channel(arguments)
    name = _id_of(arguments, channel) if name is None else _named(arguments, name)
    with body.working_on(name.text):
        value = _build_when(body, kind, arguments, name, scope)
    body.bind(scope, name, value)
    _alias(body, scope, kind_name, name, channel, value)
    if not kind.is_acting and not is_poison(value) and not _acts(value):
        body.results.append((name.text, value, name))


def _acts(value: SSAValue) -> bool:
    """Say whether an agent that made a value acts, such as a model with tools that act."""
    owner = value.owner
    inner = owner.walk() if isinstance(owner, Operation) else ()
    return any(isinstance(op, AgentOp) and op.effect_facts() == ACTS for op in inner)


def _build_when(
    body: Body, kind: Kind, arguments: Arguments, name: tree.Name, scope: BlockScope
) -> SSAValue:
    """Build the agent; with `when`, inside an `if` whose other branch gives null."""
    condition = arguments.expression("when")
    if condition is None:
        return _build(body, kind, arguments, name, scope)
    test = body.expressions.condition(condition, scope)
    then, other = Block(), Block()
    with body.ctx.inside(then), body.nested("if"):
        inner = body.expressions.narrowed(condition, scope, True)
        value = _build(body, kind, arguments, name, inner)
        if is_poison(value):
            return body.ctx.poison()
        result = option_of(value.type)
        value = body.expressions.coerce(value, result, arguments.node)
        body.ctx.add(workflow.YieldOp([value]), arguments.node)
    with body.ctx.inside(other):
        empty = data.NoneOp(result) if isinstance(result, OptionType) else _json_null()
        body.ctx.add(empty, arguments.node)
        body.ctx.add(workflow.YieldOp([empty.results[0]]), arguments.node)
    op = workflow.IfOp(test, [result], Region(then), Region(other))
    return body.ctx.add(op, arguments.node).results[0]


def _json_null() -> Operation:
    return data.ConstantOp(to_attribute(None, JSON), JSON)


def _build(body: Body, kind: Kind, arguments: Arguments, name: tree.Name, scope: Scope) -> SSAValue:
    before = len(body.ctx.diagnostics)
    call = AgentCall(body, scope, arguments, name.text, body.site(name.text), arguments.node)
    built = kind.build(call)
    if isinstance(built, SSAValue):
        return built
    if any(is_poison(operand) for operand in built.operands):
        return body.ctx.poison()
    _decorate(call, built, kind.waits)
    op = body.ctx.add(built, arguments.node)
    fallback = arguments.raw("fallback")
    if fallback is not None:
        op.add_region(_fallback(call, fallback, op.result))
    failed = len(body.ctx.diagnostics) != before
    return op.result if not failed or not is_poison(op.result) else body.ctx.poison()


def _decorate(call: AgentCall, op: AgentOp, waits: bool) -> None:
    """Set policy, cost and language."""
    arguments = call.arguments
    op.policy = _policy(call, waits)
    cost = arguments.raw("cost")
    if cost is not None:
        op.cost = _cost(call, cost)
    language = arguments.constant("language")
    if language is not None:
        op.language = StringAttr(language)
        if language not in op.LANGUAGES:
            known = " or ".join(f'`"{each}"`' for each in op.LANGUAGES)
            place = arguments.raw("language")
            assert place is not None
            call.body.ctx.report(InvalidSetting(place.span, "language", known))


def _cost(call: AgentCall, node: tree.Expr | tree.Emit) -> CostAttr | None:
    """Return the estimate of `cost: { latency: 2s, price_usd: 0.01, tokens: 500 }`."""
    expected = "`{ latency: 2s, price_usd: 0.01, tokens: 500 }`"
    if not isinstance(node, tree.Object):
        call.body.ctx.report(InvalidSetting(node.span, "cost", expected))
        return None
    latency, price, tokens = 0, 0.0, 0
    for key, pair in pairs_of(call.body.ctx, node).items():
        match key, pair.value:
            case "latency", tree.Duration(value_us=value):
                latency = value
            case "price_usd", tree.Int(value=number) | tree.Float(value=number):
                price = float(number)
            case "tokens", tree.Int(value=value):
                tokens = value
            case _:
                call.body.ctx.report(InvalidSetting(pair.span, key, expected))
    return CostAttr(latency, price, tokens)


def _policy(call: AgentCall, waits: bool) -> PolicyAttr | None:
    """Return timeout and retries, or None when neither is given."""
    timeout = call.arguments.raw("timeout")
    retry = call.arguments.raw("retry")
    limit = None
    if isinstance(timeout, tree.Duration) and timeout.value_us > 0:
        limit = None if waits else timeout.value_us
    elif timeout is not None:
        report = InvalidSetting(timeout.span, "timeout", "a positive duration such as `20s`")
        call.body.ctx.report(report)
    if retry is None:
        return None if limit is None else PolicyAttr(limit)
    attempts, backoff, delay = _retry(call, retry)
    return PolicyAttr(limit, attempts, backoff, delay)


def _retry(call: AgentCall, node: tree.Expr | tree.Emit) -> tuple[int, str, int]:
    """Return attempts, backoff and delay of `retry: { max: 3, backoff: "exponential" }`."""
    ctx = call.body.ctx
    expected = '`{ max: 3, backoff: "exponential", delay: 1s }`'
    attempts, backoff, delay = 3, "exponential", 1_000_000
    if isinstance(node, tree.Int) and node.value >= 1:
        return node.value, backoff, delay
    if not isinstance(node, tree.Object):
        ctx.report(InvalidSetting(node.span, "retry", expected))
        return attempts, backoff, delay
    for key, pair in pairs_of(ctx, node).items():
        match key, pair.value:
            case "max" | "attempts", tree.Int(value=value) if value >= 1:
                attempts = value
            case "backoff", tree.String(value=text) if text in BACKOFFS:
                backoff = text
            case "delay" | "initial_delay", tree.Duration(value_us=value):
                delay = value
            case _:
                ctx.report(InvalidSetting(pair.span, key, expected))
    return attempts, backoff, delay


def _fallback(call: AgentCall, node: tree.Expr | tree.Emit, wanted: SSAValue) -> Region:
    """Return the region that runs when all attempts failed."""
    body = call.body
    block = Block()
    with body.ctx.inside(block), body.nested("fallback"):
        values: list[SSAValue] = []
        if isinstance(node, tree.Emit):
            elaborate_emit(body, node, call.scope)
        else:
            value = _fallback_value(call, node, wanted)
            values = [body.expressions.coerce(value, wanted.type, node, what="fallback")]
        body.ctx.add(agent.YieldOp(values), node)
    return Region(block)


def _fallback_value(call: AgentCall, node: tree.Expr, wanted: SSAValue) -> SSAValue:
    from kumeo.frontend.elaborate.agents import elaborate_call

    inner = BlockScope(call.scope)
    if isinstance(node, tree.Call):
        name = defined_name(node) or tree.Name(node.span, f"{call.name}_fallback")
        if elaborate_call(call.body, node, inner, name):
            _reserve(call.scope, name)
            return inner.find(name.text) or call.poison()
    return call.body.expressions.build(node, call.scope, wanted.type)


def _reserve(scope: Scope | None, name: tree.Name) -> None:
    """Keep other agents of the block from taking the id of a fallback."""
    while scope is not None and not isinstance(scope, BlockScope):
        scope = scope.parent
    if scope is not None:
        scope.taken.setdefault(name.text, name.span)


def _channel(arguments: Arguments) -> tree.Name | None:
    """Return the channel of `output: "validated.tx"`."""
    node = arguments.raw("output")
    if isinstance(node, tree.String):
        return tree.Name(node.span, node.value)
    if node is not None and arguments.parameters["output"].role is Role.TEXT:
        arguments.constant("output")
    return None


def _id_of(arguments: Arguments, channel: tree.Name | None) -> tree.Name:
    node = arguments.raw("id")
    if node is not None and not isinstance(node, tree.String):
        arguments.constant("id")
        return tree.Name(node.span, f"_{node.span.start}")
    if isinstance(node, tree.String):
        return _checked(arguments, tree.Name(node.span, node.value))
    if channel is not None:
        return tree.Name(channel.span, re.sub(r"\W", "_", channel.text))
    place = arguments.node.callee.span
    arguments.ctx.report(MissingId(place, arguments.owner))
    return tree.Name(place, f"_{arguments.owner.lower()}_{place.start}")


def _named(arguments: Arguments, name: tree.Name) -> tree.Name:
    """Return the name of `x = Kind(…)`; an `id` beside it must say the same."""
    node = arguments.raw("id")
    if node is not None and not (isinstance(node, tree.String) and node.value == name.text):
        expected = f'nothing, or `"{name.text}"` as before the `=`,'
        arguments.ctx.report(InvalidSetting(node.span, "id", expected))
    return name


def _checked(arguments: Arguments, name: tree.Name) -> tree.Name:
    if _NAME.match(name.text):
        return name
    suggestion = re.sub(r"\W", "_", name.text).strip("_") or "agent"
    suggestion = f"_{suggestion}" if suggestion[0].isdigit() else suggestion
    arguments.ctx.report(InvalidId(name.span, name.text, suggestion))
    return tree.Name(name.span, suggestion)


def _alias(
    body: Body,
    scope: BlockScope,
    kind_name: str,
    name: tree.Name,
    channel: tree.Name | None,
    value: SSAValue,
) -> None:
    """Let the draft's references reach the result: its channel, `id.output`, `LLM.output`."""
    aliases = [] if channel is None or channel.text == name.text else [channel.text]
    if not (isinstance(value.type, data.RecordType) and value.type.field("output") is not None):
        aliases.append(f"{name.text}.output")
    same_kind = body.kinds.setdefault(kind_name, [])
    same_kind.append(name.text)
    if len(same_kind) == 1:
        aliases.append(f"{kind_name}.output")
    else:
        scope.aliases.pop(f"{kind_name}.output", None)
    for alias in aliases:
        scope.aliases.setdefault(alias, value)
        if "." not in alias and not scope.defines(alias):
            scope.bind(alias, value, name.span)


def callee_name(node: tree.Call) -> str | None:
    """Return the name that a call calls: `LLM`, `lib.Enrich`."""
    return path_text(node.callee)
