"""What a package says about its services: handlers, what they read and send, permissions."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from kumeo.backends.python.code import Expr, tupled
from kumeo.backends.python.declarations import made
from kumeo.backends.python.module import Symbols
from kumeo.backends.python.names import snake
from kumeo.backends.python.program import Program
from kumeo.backends.python.waves import PURE
from kumeo.dialects.agent import AgentOp, InferOp, ProcessOp, StageEnd
from kumeo.dialects.messaging import EdgeOp, HandlerOp, PermissionOp, ServiceOp, StreamOp
from kumeo.dialects.workflow import EmitOp


@dataclass
class Specs:
    """Makes the `ServiceSpec` of each service."""

    program: Program
    symbols: Symbols
    sources: Mapping[str, str]
    """Names of the sources, by symbol."""

    def service(self, op: ServiceOp) -> Expr:
        """Return what a service is and does."""
        handlers = tupled([self._handler(each) for each in op.handlers])
        sites = {
            self.symbols.agents[agent.site]: None
            for agent in op.walk()
            if isinstance(agent, AgentOp) and agent.site in self.symbols.agents
        }
        permission = next((o for o in op.body.block.ops if isinstance(o, PermissionOp)), None)
        fields = {
            "name": op.service_name.data,
            "handlers": handlers,
            "agents": tupled([Expr(label) for label in sites]) if sites else None,
            "permission": None if permission is None else _permission(permission),
        }
        return made("ServiceSpec", fields)

    def _handler(self, op: HandlerOp) -> Expr:
        first = self.program.symbols[op.read_names[0]]
        service = op.parent_op()
        assert isinstance(service, ServiceOp), "the verifier checks where handlers stand"
        edges, targets = self._ways_out(op, service)
        is_edge = isinstance(first, EdgeOp)
        labels = self.symbols.edges if is_edge else self.sources
        reads = [Expr(labels[name]) for name in op.read_names]
        on_error = op.on_error_name
        fields = {
            "name": op.handler_name.data,
            "function": Expr(handler_label(op)),
            "reads": reads[0] if is_edge else tupled(reads),
            "sends": tupled([Expr(self.symbols.edges[name]) for name in edges]) if edges else None,
            "emits": tupled([Expr(self.symbols.targets[n]) for n in targets]) if targets else None,
            "on_error": None if on_error is None else Expr(self.symbols.targets[on_error]),
            "consumer": _consumer(op),
            "is_light": True if is_light(op, service) else None,
        }
        return made("Handler", fields)

    def _ways_out(self, op: HandlerOp, service: ServiceOp) -> tuple[list[str], list[str]]:
        """Return the edges and targets that a handler reaches, also through steps."""
        edges: dict[str, None] = {}
        targets: dict[str, None] = {}
        names = self.symbols.edges
        for block in reached(op, service):
            for inner in block.walk():
                if isinstance(inner, EmitOp):
                    targets[inner.target_name] = None
            end = block.last_op
            for edge in end.edges if isinstance(end, StageEnd) else ():
                if edge.target is not None and edge.target in names:
                    edges[edge.target] = None
        return list(edges), list(targets)

    @property
    def sizes(self) -> Expr | None:
        """How large the streams may be."""
        found = {
            op.kind.data: op.number("max_bytes")
            for op in self.program.workflow.body.block.ops
            if isinstance(op, StreamOp)
        }
        fields = {"edges_bytes": found.get("edges"), "journal_bytes": found.get("journal")}
        return made("StreamSizes", fields) if any(fields.values()) else None


def handler_label(op: HandlerOp) -> str:
    """Return the name of the function of a handler."""
    return snake(op.handler_name.data)


def allowed(service: ServiceOp) -> dict[str, list[str]]:
    """Return the subjects that a service may use."""
    found = [op for op in service.body.block.ops if isinstance(op, PermissionOp)]
    return {
        "publish": [text for op in found for text in op.texts("publish")],
        "subscribe": [text for op in found for text in op.texts("subscribe")],
    }


def reached(op: HandlerOp, service: ServiceOp) -> Iterator[Any]:
    """Yield the blocks of a handler and of the steps that it goes on in."""
    steps, seen, todo = service.steps, set[str](), [op.body.block]
    while todo:
        block = todo.pop()
        yield block
        for edge in getattr(block.last_op, "edges", ()):
            if edge.target in steps and edge.target not in seen:
                seen.add(edge.target)
                todo.append(steps[edge.target].body.block)


def is_light(op: HandlerOp, service: ServiceOp) -> bool:
    """Say whether a handler awaits numeric programs and nothing else."""
    agents = [
        each
        for block in reached(op, service)
        for each in block.walk()
        if isinstance(each, AgentOp) and not isinstance(each, (*PURE, ProcessOp))
    ]
    return bool(agents) and all(isinstance(each, InferOp) for each in agents)


def _consumer(op: HandlerOp) -> Expr | None:
    names: Mapping[str, tuple[str, Callable[[int], Any]]] = {
        "ack_wait_s": ("ack_wait_s", float),
        "credit": ("credit", int),
        "credit_bytes": ("credit_bytes", int),
        "concurrency": ("concurrency", int),
        "attempts": ("attempts", int),
        "live_max": ("live_max", int),
    }
    fields: dict[str, Any] = {}
    for key, (label, convert) in names.items():
        value = op.setting(key)
        if value is not None:
            fields[label] = convert(value)
    return made("Consumer", fields) if fields else None


def _permission(op: PermissionOp) -> Expr:
    fields = {"publish": op.texts("publish"), "subscribe": op.texts("subscribe")}
    return made("Permission", fields)
