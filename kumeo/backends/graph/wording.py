"""What stands in a box: the kind of an agent in words, its title, and the lines on hover."""

from collections.abc import Iterable

from xdsl.ir import Attribute, Operation

from kumeo.analysis.places import point_of
from kumeo.backends.graph.expressions import duration_text, expression_text
from kumeo.backends.graph.model import Node, NodeKind
from kumeo.dialects import agent, workflow
from kumeo.frontend.elaborate.display import display

_KINDS: dict[type[Operation], tuple[NodeKind, str]] = {
    agent.ProcessOp: ("process", "data"),
    agent.ModelOp: ("model", "model"),
    agent.BayesOp: ("bayes", "Bayesian network"),
    agent.DecideOp: ("decide", "rules"),
    agent.LlmOp: ("llm", "LLM"),
    agent.RetrieveOp: ("retrieve", "knowledge"),
    agent.QueryOp: ("query", "database"),
    agent.ReviewOp: ("review", "person"),
    agent.AggregateOp: ("aggregate", "aggregate"),
    agent.CallOp: ("call", "function"),
}
KIND_WORDS: dict[NodeKind, str] = {
    **{kind: word for kind, word in _KINDS.values()},
    **{"asked": "asked for", "given": "evidence", "unused": "not needed"},
}
_PROTOCOLS = {"nats": "NATS", "http": "HTTP", "mqtt": "MQTT", "kafka": "Kafka"}


def agent_node(op: agent.AgentOp, node_id: str, cluster: str | None) -> Node:
    """Return the box of an agent."""
    kind, word = _KINDS.get(type(op), ("agent", op.name))
    subject = _subject(op)
    subtitle = f"{word} · {subject}" if subject and subject != op.agent_id else word
    return Node(node_id, kind, op.agent_id, subtitle, tuple(_agent_details(op)), cluster)


def endpoint_node(
    op: workflow.SourceOp | workflow.TargetOp, node_id: str, cluster: str | None, extra: str = ""
) -> Node:
    """Return the box of a source or target."""
    protocol = _PROTOCOLS.get(op.kind.data, op.kind.data)
    subtitle = f"{protocol} {op.address.data}".strip()
    is_source = isinstance(op, workflow.SourceOp)
    details = [f"events: {display(op.payload)}"] if is_source else []
    if is_source and op.key is not None:
        details.append(f"key: {op.key.data}")
    lines = (*details, *([extra] if extra else []), *_place(op))
    return Node(node_id, "source" if is_source else "target", op.symbol, subtitle, lines, cluster)


def call_node(op: workflow.CallOp, node_id: str, cluster: str | None) -> Node:
    """Return the box of a call of a subworkflow."""
    details = (f"site: {op.site}", *_place(op))
    return Node(node_id, "subworkflow", op.callee_name, "subworkflow", details, cluster)


def condition_node(op: workflow.IfOp | workflow.MatchOp, node_id: str, cluster: str | None) -> Node:
    """Return the diamond of an `if` or `match`."""
    text = expression_text(op.operands[0])
    details = (text, *_place(op))
    return Node(node_id, "condition", text, "", details, cluster)


def type_text(kind: Attribute) -> str:
    """Return a type as the language writes it."""
    return display(kind)


def _subject(op: agent.AgentOp) -> str:
    """Return the model, engine, store or function that an agent uses."""
    match op:
        case agent.ModelOp():
            return op.model_name
        case agent.BayesOp():
            return op.network_name
        case agent.DecideOp():
            return op.mode.data.replace("_", " ")
        case agent.LlmOp():
            return op.engine.data
        case agent.RetrieveOp() | agent.QueryOp():
            return op.context_name
        case agent.CallOp():
            return op.callee_name
        case agent.AggregateOp() if op.window_us is not None:
            return f"last {duration_text(op.window_us)}"
        case _:
            return ""


def _agent_details(op: agent.AgentOp) -> Iterable[str]:
    yield f"gives: {display(op.result.type)}"
    policy = op.policy
    if policy is not None and policy.timeout_us is not None:
        yield f"timeout: {duration_text(policy.timeout_us)}"
    if policy is not None and policy.attempts > 1:
        yield f"attempts: {policy.attempts}"
    if op.fallback is not None:
        yield "has a fallback"
    yield from _place(op)


def _place(op: Operation) -> tuple[str, ...]:
    place = point_of(op)
    return () if place is None else (f"{place.path}:{place.line}",)
