"""`derive-permissions`: let each service use the subjects that the IR shows, and no other.

    messaging.permission publish ["alerts.high", "kumeo.{ns}.flow.e.run_b.>", …]
      subscribe ["_INBOX.{ns}.flow.s.>"]

What a service may publish to:

    its own output edges, its targets, and the target of its reports
    what it asks the store for: the next messages and the state of its consumers and streams, the
    state of the consumers behind its outputs (senders stop at too many live messages), the pin of
    an input that one process at a time reads, acknowledgements
    dead letters and the count of attempts
    the journal, if it records answers; state, if it keeps any, as caches and hourly budgets of
    language models do; tasks, if it parks or goes on after schedules, if an agent may wait longer
    than 10 s for its next attempt, and what they become

It subscribes only to the inbox of its own. Run `assign-subjects` before: an edge without a name is
an error. Permissions are made anew each time.

Sound because everything that the body of a handler can reach is a symbol in the IR.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp, StringAttr
from xdsl.ir import Operation

from kumeo.analysis.errors import IrInvalid
from kumeo.analysis.messaging import MessagingGraph, messaging_graphs
from kumeo.analysis.places import point_of
from kumeo.analysis.symbols import SymbolIndex
from kumeo.analysis.tokens import WorkflowNames, token_of
from kumeo.dialects.agent import INLINE, AgentOp, AggregateOp, LlmOp, PolicyAttr
from kumeo.dialects.base import at
from kumeo.dialects.messaging import EdgeOp, HandlerOp, JournalOp, PermissionOp, ServiceOp
from kumeo.dialects.settings import from_setting
from kumeo.dialects.workflow import EmitOp, SourceOp, TargetOp
from kumeo.passes.base import KumeoPass
from kumeo.passes.messaging_needs import reached_ops

_API = "$JS.API"
_LATER_US = 10_000_000
"""A longer pause before another attempt is spent in the store: `Consumer.later_s`."""


@dataclass(frozen=True)
class DerivePermissionsPass(KumeoPass):
    """Let each service use the subjects that the IR shows, and no other."""

    name = "derive-permissions"
    LEVELS: ClassVar[tuple[str, ...]] = ("messaging",)

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        """Write the permissions of each service."""
        index = SymbolIndex(op)
        for graph in messaging_graphs(op):
            unnamed = [edge for edge in graph.edges.values() if edge.token is None]
            for edge in unnamed:
                message = "has no subject yet: run `assign-subjects` before"
                self.report(IrInvalid(point_of(edge), edge.name, message))
            for service in [] if unnamed else graph.services:
                self._permit(service, Allowed(graph, index, WorkflowNames(graph.workflow.symbol)))

    def _permit(self, service: ServiceOp, allowed: "Allowed") -> None:
        block = service.body.block
        for old in [op for op in block.ops if isinstance(op, PermissionOp)]:
            old.detach()
            old.erase()
        publish = sorted(set(allowed.publish(service)))
        inbox = allowed.names.inbox(service.service_name.data)
        made = at(PermissionOp(publish, [inbox]), service.location)
        first = block.first_op
        if first is None:
            block.add_op(made)
        else:
            block.insert_op_before(made, first)
        self.count("subjects permitted", len(publish) + 1)


@dataclass(frozen=True)
class Allowed:
    """What the services of one workflow may do."""

    graph: MessagingGraph
    index: SymbolIndex
    names: WorkflowNames

    def publish(self, service: ServiceOp) -> Iterator[str]:
        """Yield the subjects that a service publishes to."""
        is_patient = self._is_patient(service)
        for handler in service.handlers:
            yield from self._reading(handler)
            if is_patient:
                yield from self._waiting(handler)
        for edge in self._outputs(service):
            yield from self._sending(edge)
        yield from self._working(service)

    def _reading(self, handler: HandlerOp) -> Iterator[str]:
        for name, durable in zip(handler.read_names, handler.texts("durables"), strict=False):
            edge = self.graph.edges.get(name)
            stream = self._stream_of_source(name) if edge is None else self._stream_of(edge)
            yield f"{_API}.CONSUMER.MSG.NEXT.{stream}.{durable}"
            yield f"{_API}.CONSUMER.INFO.{stream}.{durable}"
            yield f"{_API}.STREAM.INFO.{stream}"
            if self._is_keyed(name):
                yield f"{_API}.CONSUMER.UNPIN.{stream}.{durable}"
            yield f"$JS.ACK.{stream}.{durable}.>"
            if edge is not None and edge.is_parked:
                yield from self._tasks()
                yield self.names.subject("t", "r", edge.text("token") or "", ">")
                yield f"{_API}.CONSUMER.MSG.NEXT.{stream}.timers"
                yield f"$JS.ACK.{stream}.timers.>"
            source = self._declared(name)
            if isinstance(source, SourceOp) and source.kind.data != "nats":
                yield self.names.subject("i", token_of(name))
                yield self.names.subject("i", token_of(name), "position")
                yield f"{_API}.STREAM.MSG.GET.{self.names.stream('I')}"
        if handler.on_error_name is not None:
            yield self._target(handler.on_error_name)
        yield f"{_API}.INFO"
        yield self.names.subject("d", ">")
        yield self.names.subject("a", ">")
        yield f"{_API}.STREAM.MSG.GET.{self.names.stream('J')}"

    def _waiting(self, handler: HandlerOp) -> Iterator[str]:
        """Yield what messages need that wait in the store; with a key they wait in their lane."""
        stream = self.names.stream("T")
        for name, durable in zip(handler.read_names, handler.texts("durables"), strict=False):
            if self._is_keyed(name):
                continue
            yield self.names.subject("t", "l", durable, ">")
            yield f"{_API}.CONSUMER.MSG.NEXT.{stream}.w_{durable}"
            yield f"{_API}.CONSUMER.INFO.{stream}.w_{durable}"
            yield f"{_API}.STREAM.INFO.{stream}"
            yield f"$JS.ACK.{stream}.w_{durable}.>"

    def _is_patient(self, service: ServiceOp) -> bool:
        """Return whether an agent of a service may wait long for its next attempt."""
        agents = (op for op in reached_ops(service, self.index) if isinstance(op, AgentOp))
        return any(longest_pause_us(agent.policy) > _LATER_US for agent in agents)

    def _sending(self, edge: EdgeOp) -> Iterator[str]:
        token = edge.text("token") or ""
        if edge.is_parked:
            yield from self._tasks()
            yield self.names.subject("t", "r", token, ">")
            return
        yield self.names.subject("e", token, ">")
        yield f"{_API}.CONSUMER.INFO.{self._stream_of(edge)}.e_{token}"
        yield f"{_API}.STREAM.INFO.{self._stream_of(edge)}"

    def _working(self, service: ServiceOp) -> Iterator[str]:
        for op in reached_ops(service, self.index):
            if isinstance(op, EmitOp):
                yield self._target(op.target_name)
                yield from self._delivering(op.target_name)
            elif isinstance(op, JournalOp):
                yield self.names.subject("j", ">")
            elif isinstance(op, AggregateOp) or (isinstance(op, LlmOp) and keeps_state(op)):
                yield self.names.subject("s", ">")

    def _tasks(self) -> Iterator[str]:
        yield self.names.subject("t", "s", ">")
        yield self.names.subject("t", "q", ">")
        yield self.names.subject("t", "a", ">")
        yield f"{_API}.STREAM.MSG.GET.{self.names.stream('T')}"

    def _outputs(self, service: ServiceOp) -> list[EdgeOp]:
        bodies = [*service.handlers, *service.steps.values()]
        ways = [way for body in bodies for way in self.graph.leaving[body]]
        names = dict.fromkeys(w.edge.target or "" for w in ways if w.edge.mode != INLINE)
        return [self.graph.edges[name] for name in names]

    def _stream_of(self, edge: EdgeOp) -> str:
        return self.names.stream("T" if edge.is_parked else "E")

    def _stream_of_source(self, name: str) -> str:
        source = self._declared(name)
        assert isinstance(source, SourceOp), "the verifier checks what a handler reads"
        stream = source.settings.data.get("stream")
        if isinstance(stream, StringAttr):
            return stream.data
        return self.names.source_stream(source.kind.data, source.address.data)

    def _target(self, name: str) -> str:
        target = self._declared(name)
        if isinstance(target, TargetOp) and target.kind.data == "nats":
            return target.address.data
        return self.names.subject("o", token_of(name))

    def _delivering(self, name: str) -> Iterator[str]:
        """Yield what it takes to bring stored values to a file or to HTTP."""
        target = self._declared(name)
        if isinstance(target, TargetOp) and target.kind.data in ("file", "http"):
            stream, durable = self.names.stream("O"), self.names.target_durable(name)
            yield f"{_API}.CONSUMER.MSG.NEXT.{stream}.{durable}"
            yield f"{_API}.CONSUMER.INFO.{stream}.{durable}"
            yield f"$JS.ACK.{stream}.{durable}.>"

    def _is_keyed(self, name: str) -> bool:
        """Return whether one process at a time reads an input, to keep the order of its keys."""
        edge, source = self.graph.edges.get(name), self._declared(name)
        if edge is not None:
            return edge.partitions is not None and edge.partitions.value.data > 1
        return isinstance(source, SourceOp) and source.key is not None

    def _declared(self, name: str) -> Operation | None:
        return self.index.resolve(self.graph.workflow, name)


def longest_pause_us(policy: PolicyAttr | None) -> int:
    """Return the longest pause between two attempts, in microseconds."""
    if policy is None or policy.attempts < 2 or policy.backoff == "none":
        return 0
    doubled = policy.attempts - 2 if policy.backoff == "exponential" else 0
    return policy.delay_us << min(doubled, 32)


def keeps_state(model: LlmOp) -> bool:
    """Return whether a language model counts in the store what it uses, or keeps answers there."""
    given: dict[str, Any] = {key: from_setting(each) for key, each in model.settings.data.items()}
    budget: dict[str, Any] = given.get("budget") or {}
    return bool(given.get("cache")) or budget.get("per", "event") != "event"
