"""Who reads and who writes what: the consumers of a workflow and the edges between them."""

import inspect
from collections.abc import Iterator
from dataclasses import dataclass, replace

from kumeo_runtime.engine.names import Names, handlers_of
from kumeo_runtime.spec import Edge, Handler, ServiceSpec, Source, Workflow


@dataclass(frozen=True, slots=True)
class Input:
    """One consumer of the workflow and what it reads."""

    stream: str
    durable: str
    filter: str
    reads: Source | Edge
    handler: Handler
    can_wait: bool = False
    """Whether messages may wait in the store for another attempt."""
    origin: "Input | None" = None
    """Set for messages that have waited: where they came from."""

    @property
    def is_edge(self) -> bool:
        """Whether this is a stored edge, cleaned by its own floors."""
        return isinstance(self.reads, Edge) and not self.reads.is_parked and self.origin is None

    @property
    def is_source(self) -> bool:
        """Whether events come in here."""
        return not isinstance(self.reads, Edge) and self.origin is None


def inputs_of(
    handler: Handler, names: Names, source_streams: dict[str, tuple[str, str]]
) -> Iterator[Input]:
    """Return the consumers of a handler."""
    reads = handler.reads
    if isinstance(reads, Edge):
        durable = names.edge_durable(reads)
        if reads.is_parked:
            yield Input(names.tasks, durable, names.resume(reads.token, "*"), reads, handler)
        else:
            yield Input(names.edges, durable, f"{names.edge(reads)}*.*", reads, handler)
        return
    for source in reads:
        stream, subject = source_streams[source.name]
        yield Input(stream, names.source_durable(source), subject, source, handler)


def service_inputs(
    service: ServiceSpec,
    handler: Handler,
    names: Names,
    source_streams: dict[str, tuple[str, str]],
) -> Iterator[Input]:
    """Return the consumers of a handler, and those of its messages that have waited."""
    can_wait = waits_long(service, handler)
    for entry in inputs_of(handler, names, source_streams):
        if not can_wait:
            yield entry
            continue
        origin = replace(entry, can_wait=True)
        yield origin
        waited = names.waited(entry.durable, "*.*")
        yield replace(
            origin,
            stream=names.tasks,
            durable=names.waited_durable(entry.durable),
            filter=waited,
            origin=origin,
        )


def waits_long(service: ServiceSpec, handler: Handler) -> bool:
    """Return whether a call of a handler may pause for so long that its message goes elsewhere.

    Agents belong to services, so all handlers that are coroutines count. A key keeps its order.
    """
    if is_keyed(handler) or not inspect.iscoroutinefunction(handler.function):
        return False
    pauses = [agent.policy.longest_pause for agent in service.agents]
    return max(pauses, default=0.0) > handler.consumer.later_s


def all_inputs(
    workflow: Workflow, names: Names, source_streams: dict[str, tuple[str, str]]
) -> list[Input]:
    """Return all consumers, those nearer to the sources first."""
    found = [
        entry
        for service in workflow.services
        for handler in service.handlers
        for entry in service_inputs(service, handler, names, source_streams)
    ]
    depth = depths_of(workflow)
    return sorted(found, key=lambda i: depth[i.reads.token] if isinstance(i.reads, Edge) else 0)


def depths_of(workflow: Workflow) -> dict[str, int]:
    """Return how far each edge is from the sources."""
    handlers = list(handlers_of(workflow))
    depth = {edge.token: 1 for edge in workflow.edges}
    for _ in workflow.edges:
        for handler in handlers:
            start = depth[handler.reads.token] if isinstance(handler.reads, Edge) else 0
            for edge in handler.sends:
                if start < len(depth):
                    depth[edge.token] = max(depth[edge.token], start + 1)
    return depth


def writers_of(edge: Edge, inputs: list[Input]) -> list[Input]:
    """Return the consumers whose handlers send to an edge."""
    return [i for i in inputs if any(sent.token == edge.token for sent in i.handler.sends)]


def is_keyed(handler: Handler) -> bool:
    """Return whether order is kept by a key."""
    reads = handler.reads
    if isinstance(reads, Edge):
        return reads.partitions > 1 and not reads.is_parked
    return any(source.key is not None for source in reads)


def pin_of(handler: Handler) -> float:
    """Return after how many silent seconds another process reads instead; 0: several may read."""
    return handler.consumer.ack_wait_s / 3 if is_keyed(handler) else 0.0


def credit_of(handler: Handler) -> int:
    """Return how many messages a reader may hold: coroutines take only what they can begin."""
    consumer = handler.consumer
    if inspect.iscoroutinefunction(handler.function):
        return min(consumer.credit, 2 * consumer.concurrency)
    return consumer.credit
