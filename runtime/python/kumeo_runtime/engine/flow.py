"""Who reads and who writes what: the consumers of a workflow and the edges between them."""

import inspect
from collections.abc import Iterator
from dataclasses import dataclass

from kumeo_runtime.engine.names import Names, handlers_of
from kumeo_runtime.spec import Edge, Handler, Source, Workflow


@dataclass(frozen=True, slots=True)
class Input:
    """One consumer of the workflow and what it reads."""

    stream: str
    durable: str
    filter: str
    reads: Source | Edge
    handler: Handler


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


def all_inputs(
    workflow: Workflow, names: Names, source_streams: dict[str, tuple[str, str]]
) -> list[Input]:
    """Return all consumers, those nearer to the sources first."""
    found = [i for h in handlers_of(workflow) for i in inputs_of(h, names, source_streams)]
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
