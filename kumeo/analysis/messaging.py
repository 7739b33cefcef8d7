"""The graph of the messaging level: which handlers read which edges, and where bodies go on.

    graph = MessagingGraph(workflow)
    for handler in graph.readers["run.assess"]: ...
    for sender in graph.senders["run.assess"]: ...

Bodies are handlers and steps. A body goes on in steps of its service and over edges of the
workflow; an activation visits each body at most once, so there are no cycles.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Block, Operation

from kumeo.analysis.errors import IrInvalid
from kumeo.analysis.places import point_of
from kumeo.diagnostics import Diagnostic
from kumeo.dialects.agent import INLINE, AgentOp, Edge, StageEnd, WatchOp
from kumeo.dialects.messaging import EdgeOp, HandlerOp, ServiceOp, StepOp, StreamOp
from kumeo.dialects.workflow import WorkflowOp

Body: TypeAlias = HandlerOp | StepOp


class Way(NamedTuple):
    """One edge of a terminator: the body that it leaves, its place there, and where it leads."""

    body: Body
    end: StageEnd
    place: int
    edge: Edge


@dataclass
class MessagingGraph:
    """The services of one workflow. Unknown targets are left out: the verifier reports them."""

    workflow: WorkflowOp
    services: list[ServiceOp] = field(default_factory=list[ServiceOp])
    streams: list[StreamOp] = field(default_factory=list[StreamOp])
    edges: dict[str, EdgeOp] = field(default_factory=dict[str, EdgeOp])
    readers: dict[str, list[HandlerOp]] = field(default_factory=dict[str, list[HandlerOp]])
    """The handlers of each source and edge, by its name."""
    senders: dict[str, list[Way]] = field(default_factory=dict[str, list[Way]])
    """The ways over each edge."""
    leaving: dict[Body, list[Way]] = field(default_factory=dict[Body, list[Way]])
    """The ways out of each body, but for those that end the activation."""
    entering: dict[StepOp, list[Way]] = field(default_factory=dict[StepOp, list[Way]])
    """The ways into each step."""
    order: list[Body] = field(default_factory=list[Body])
    """Every body that is not on a cycle or behind one, before the bodies that it leads to."""

    def __post_init__(self) -> None:
        self._steps: dict[Operation | None, dict[str, StepOp]] = {}
        for op in self.workflow.body.block.ops:
            if isinstance(op, EdgeOp):
                self.edges[op.symbol] = op
                self.senders[op.symbol] = []
            elif isinstance(op, ServiceOp):
                self.services.append(op)
            elif isinstance(op, StreamOp):
                self.streams.append(op)
        for service in self.services:
            self._connect(service)
        self._sort()
        self._positions = {body: position for position, body in enumerate(self.order)}

    @property
    def handlers(self) -> list[HandlerOp]:
        """All handlers, in program order."""
        return [handler for service in self.services for handler in service.handlers]

    def edge_of(self, handler: HandlerOp) -> EdgeOp | None:
        """Return the edge that a handler reads; None if events start it."""
        return next((self.edges[n] for n in handler.read_names if n in self.edges), None)

    def next_bodies(self, way: Way) -> list[Body]:
        """Return the body that a way leads to; several only if the edge has several readers."""
        name = way.edge.target or ""
        if way.edge.mode != INLINE:
            return [*self.readers.get(name, ())]
        step = self._steps[way.body.parent_op()].get(name)
        return [] if step is None else [step]

    def reached_from(self, body: Body) -> list[Body]:
        """Return a body and the steps that inline ways lead to from it, in program order."""
        found = [body]
        seen = {body}
        for reached in found:
            for way in self.leaving[reached]:
                new = self.next_bodies(way) if way.edge.mode == INLINE else ()
                found += [after for after in new if after not in seen]
                seen.update(new)
        return sorted(found, key=self._positions.__getitem__)

    def _connect(self, service: ServiceOp) -> None:
        steps = self._steps[service] = service.steps
        for handler in service.handlers:
            for name in handler.read_names:
                self.readers.setdefault(name, []).append(handler)
        for step in steps.values():
            self.entering[step] = []
        for body in (*service.handlers, *steps.values()):
            self.leaving[body] = []
            end = body.body.block.last_op
            if not isinstance(end, StageEnd):
                continue
            for index, edge in enumerate(end.edges):
                way = Way(body, end, index, edge)
                if edge.mode == INLINE and edge.target in steps:
                    self.entering[steps[edge.target]].append(way)
                elif edge.mode != INLINE and edge.target in self.senders:
                    self.senders[edge.target].append(way)
                elif edge.target is None:
                    continue
                self.leaving[body].append(way)

    def _sort(self) -> None:
        targets = {
            b: [t for w in ways for t in self.next_bodies(w)] for b, ways in self.leaving.items()
        }
        waiting = dict.fromkeys(targets, 0)
        for found in targets.values():
            for target in found:
                waiting[target] += 1
        ready = [body for body, count in waiting.items() if count == 0]
        for body in ready:
            self.order.append(body)
            for target in targets[body]:
                waiting[target] -= 1
                if waiting[target] == 0:
                    ready.append(target)


def answers_of(graph: MessagingGraph) -> Iterator[AgentOp]:
    """Yield the agents whose answers the messages of parked edges bring."""
    for edge in graph.edges.values():
        for handler in graph.readers.get(edge.symbol, ()) if edge.is_parked else ():
            agent = waiting_agent(handler.body.block)
            if agent is not None:
                yield agent


def waiting_agent(block: Block) -> AgentOp | None:
    """Return the agent for whose answer a message of a parked edge waits: it heads the handler.

    In the body of a `try` it stands in an `agent.watch`.
    """
    for op in block.ops:
        found = op if isinstance(op, AgentOp) and op.PARKS else None
        if isinstance(op, WatchOp):
            found = waiting_agent(op.body.block)
        if found is not None:
            return found
    return None


def service_of(op: Operation) -> ServiceOp | None:
    """Return the service around an op."""
    around = op.parent_op()
    while around is not None and not isinstance(around, ServiceOp):
        around = around.parent_op()
    return around


def messaging_graphs(module: ModuleOp) -> Iterator[MessagingGraph]:
    """Yield the graph of each workflow of a module that has services or edges."""
    for workflow in module.ops:
        if isinstance(workflow, WorkflowOp):
            graph = MessagingGraph(workflow)
            if graph.services or graph.edges:
                yield graph


def find_messaging_faults(module: ModuleOp) -> list[Diagnostic]:
    """Return diagnostics for what does not fit between the services of a workflow."""
    return [
        IrInvalid(point_of(op), op.name, message)
        for graph in messaging_graphs(module)
        for op, message in _faults_of(graph)
    ]


Fault: TypeAlias = tuple[Operation, str]


def _faults_of(graph: MessagingGraph) -> Iterator[Fault]:
    ordered = set(graph.order)
    looping = [body for body in graph.leaving if body not in ordered]
    if looping:
        yield looping[0], "can be reached from itself: a token visits each body at most once"
        return
    yield from _name_faults(graph)
    yield from _source_faults(graph)
    for edge in graph.edges.values():
        yield from _edge_faults(graph, edge)
    for step, ways in graph.entering.items():
        if not ways:
            yield step, "is entered by nothing in its service: erase it"
    yield from _report_faults(graph)


def _name_faults(graph: MessagingGraph) -> Iterator[Fault]:
    services, handlers, streams = set[str](), set[str](), set[str]()
    for service in graph.services:
        yield from _repeated(service, "service", service.service_name.data, services)
        for handler in service.handlers:
            yield from _repeated(handler, "handler", handler.handler_name.data, handlers)
        for name, step in service.steps.items():
            if name in graph.edges:
                yield step, f"hides the edge `@{name}` from its service: name it otherwise"
    for stream in graph.streams:
        yield from _repeated(stream, "stream", stream.kind.data, streams)


def _repeated(op: Operation, noun: str, name: str, taken: set[str]) -> Iterator[Fault]:
    if name in taken:
        yield op, f'is the second {noun} "{name}": give it another name'
    taken.add(name)


def _source_faults(graph: MessagingGraph) -> Iterator[Fault]:
    """A source has one consumer, so each of its events goes to one handler."""
    for name, readers in graph.readers.items():
        for second in readers[1:] if name not in graph.edges else ():
            yield second, second_reader("handler", name)


def second_reader(noun: str, source: str) -> str:
    """Return what is wrong with a handler, or a stage, whose source another one reads already."""
    return (
        f"is the second {noun} of the source `@{source}`: let one read it and do the work of both"
    )


def _edge_faults(graph: MessagingGraph, edge: EdgeOp) -> Iterator[Fault]:
    readers = graph.readers.get(edge.symbol, [])
    if len(readers) != 1:
        yield edge, f"is read by {len(readers)} handlers: exactly one reads an edge"
    if not graph.senders[edge.symbol]:
        yield edge, "is an edge that nothing sends to: erase it with its handler"
    for handler in readers if edge.is_parked else ():
        if waiting_agent(handler.body.block) is None:
            yield handler, "reads a parked edge, but no agent in it waits for an answer"


def _report_faults(graph: MessagingGraph) -> Iterator[Fault]:
    """An activation reports to one place, whichever handler ends it."""
    reports: dict[Body, str | None] = {}
    for body in graph.order:
        if isinstance(body, HandlerOp):
            before = reports.setdefault(body, body.on_error_name)
            if before != body.on_error_name:
                yield (
                    body,
                    f"reports to {_shown(body.on_error_name)}, its senders to {_shown(before)}",
                )
        for way in graph.leaving[body]:
            for after in graph.next_bodies(way):
                reports.setdefault(after, reports.get(body))


def _shown(target: str | None) -> str:
    return "the dead letters" if target is None else f"`@{target}`"
