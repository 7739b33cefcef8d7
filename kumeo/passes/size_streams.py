"""`size-streams`: set limits: of streams, of messages, and of what a handler takes at once.

    messaging.handler "run.assess" reads [@run.assess] (%x: f64) { %a = agent.llm … }

becomes

    messaging.handler "run.assess" reads [@run.assess] (%x: f64) consumer {ack_wait_s = 90 : i64,
      credit = 1024 : i64, credit_bytes = 16777216 : i64, concurrency = 64 : i64, …} { … }

The sizes of messages are guessed from their types. From them follow, for each edge:

    size_bytes     the expected size of a message
    spill_bytes    a larger message keeps its body elsewhere; below the server's largest payload
    live_max       live messages before senders stop: `live_max`, or what fits into the stream

and for each handler:

    ack_wait_s     3 times its longest run, by the policies of its agents, and at least
                   `ack_wait_min_s`; what the author says of a source wins
    credit         messages taken at once: `credit_max`, or as many as `credit_bytes` hold
    concurrency    activations that wait for agents at the same time; where they wait for numeric
                   programs alone, as many as a batch has rows

A stream of edges holds twice `live_max` messages of each edge, because what is done is purged
later; within `edges_min_bytes` and `edges_max_bytes`. Timers have no limit: parked tasks must not
be refused. What is set stays.

Sound because a limit decides when something is sent and taken, not what: who meets a limit waits.
"""

from dataclasses import dataclass
from typing import ClassVar

from xdsl.context import Context
from xdsl.dialects.builtin import IntegerAttr, ModuleOp

from kumeo.analysis.messaging import MessagingGraph, messaging_graphs
from kumeo.analysis.sizes import HEADERS, message_size, size_of
from kumeo.analysis.symbols import SymbolIndex
from kumeo.analysis.waiting import agent_us
from kumeo.analysis.walk import walk_ops
from kumeo.dialects.agent import AgentOp, InferOp
from kumeo.dialects.facts import own_facts
from kumeo.dialects.messaging import EdgeOp, HandlerOp
from kumeo.dialects.settings import from_setting
from kumeo.dialects.workflow import SourceOp
from kumeo.passes.base import KumeoPass
from kumeo.passes.messaging_needs import reached_ops

_SECOND_US = 1_000_000
_CREDIT_LEAST = 16
_HEADROOM = 2
"""A message stays a while after it is done: half of the stream is for those that are live."""


@dataclass(frozen=True)
class SizeStreamsPass(KumeoPass):
    """Set limits: of streams, of messages, and of what a handler takes at once."""

    name = "size-streams"
    LEVELS: ClassVar[tuple[str, ...]] = ("messaging",)

    ack_wait_min_s: int = 30
    """Shortest ack wait."""

    credit_max: int = 1024
    """Most messages that a handler takes at once."""

    credit_bytes: int = 16 << 20
    """Most bytes that a handler takes at once."""

    concurrency: int = 64
    """Activations of a handler that wait for agents at the same time; more for batches."""

    attempts: int = 12
    """Deliveries of a message before it is a dead letter."""

    live_max: int = 100_000
    """Live messages on an edge before its senders stop."""

    edges_min_bytes: int = 64 << 20
    """Smallest stream of edges."""

    edges_max_bytes: int = 8 << 30
    """Largest stream of edges."""

    journal_bytes: int = 4 << 30
    """Size of the stream of the journal and the dead letters."""

    payload_max_bytes: int = 1 << 20
    """Largest payload that the server takes."""

    def __post_init__(self) -> None:
        """Refuse numbers that mean nothing."""
        numbers = (
            self.ack_wait_min_s,
            self.credit_max,
            self.credit_bytes,
            self.concurrency,
            self.attempts,
            self.live_max,
            self.edges_min_bytes,
            self.journal_bytes,
        )
        if min(numbers) < 1 or self.edges_max_bytes < self.edges_min_bytes:
            raise ValueError("limits are positive, and the largest is not below the smallest")
        if self.payload_max_bytes <= 16 * HEADERS:
            raise ValueError(f"`payload-max-bytes` is more than {16 * HEADERS}")

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        """Set the limits of each workflow."""
        index = SymbolIndex(op)
        for graph in messaging_graphs(op):
            sources = [o for o in graph.workflow.body.block.ops if isinstance(o, SourceOp)]
            event = max((size_of(source.payload) for source in sources), default=0)
            for edge in graph.edges.values():
                self._size_edge(edge, event)
            edges_bytes = self._edges_bytes(graph)
            for stream in graph.streams:
                sizes = {"edges": edges_bytes, "timers": -1}
                size = stream.number("max_bytes")
                default = sizes.get(stream.kind.data, self.journal_bytes)
                stream.put(max_bytes=default if size is None else size)
            share = edges_bytes // (_HEADROOM * max(1, len(stored_edges(graph))))
            waits = {s.symbol: s.settings.data.get("ack_wait_s") for s in sources}
            for handler in graph.handlers:
                given = [waits.get(name) for name in handler.read_names]
                numbers = [attr.value.data for attr in given if isinstance(attr, IntegerAttr)]
                ack_wait_s = max(numbers, default=0) or self._ack_wait_s(handler, graph, index)
                self._size_handler(handler, graph, share, ack_wait_s)

    def _size_edge(self, edge: EdgeOp, event: int) -> None:
        carried = event if edge.carries_event is not None else 0
        size = message_size(edge.taken_types(), carried)
        spill = self.payload_max_bytes - 16 * HEADERS
        edge.put(
            size_bytes=edge.number("size_bytes") or size,
            spill_bytes=edge.number("spill_bytes") or spill,
        )
        if size > spill:
            self.remark(edge, f"is expected to spill: a message has about {size} bytes")

    def _edges_bytes(self, graph: MessagingGraph) -> int:
        streams = (s for s in graph.streams if s.kind.data == "edges")
        given = next((s.number("max_bytes") for s in streams), None)
        if given is not None:
            return given
        sizes = (edge.number("size_bytes") or HEADERS for edge in stored_edges(graph))
        wanted = _HEADROOM * self.live_max * sum(sizes)
        return max(self.edges_min_bytes, min(wanted, self.edges_max_bytes))

    def _size_handler(
        self, handler: HandlerOp, graph: MessagingGraph, share: int, ack_wait_s: int
    ) -> None:
        edge = graph.edge_of(handler)
        size = None if edge is None else edge.number("size_bytes")
        size = size or message_size(handler.body.block.arg_types)
        ways = [way for body in graph.reached_from(handler) for way in graph.leaving[body]]
        sent = [graph.edges[w.edge.target] for w in ways if w.edge.target in graph.edges]
        sizes = [edge.number("size_bytes") or HEADERS for edge in sent if not edge.is_parked]
        found = {
            "ack_wait_s": ack_wait_s,
            "credit": max(_CREDIT_LEAST, min(self.credit_max, self.credit_bytes // size)),
            "credit_bytes": self.credit_bytes,
            "concurrency": self._concurrency(handler, graph),
            "attempts": self.attempts,
            "live_max": max(1, min(self.live_max, share // max(sizes, default=1))),
        }
        known: dict[str, int] = {}
        if handler.consumer is not None:
            known = from_setting(handler.consumer)
        handler.put(consumer={**found, **known})
        self.count("handlers sized")

    def _concurrency(self, handler: HandlerOp, graph: MessagingGraph) -> int:
        """Return how many activations run: enough to fill batches if they wait for nothing else."""
        agents = [
            op
            for body in graph.reached_from(handler)
            for op in walk_ops(body)
            if isinstance(op, AgentOp)
        ]
        if not all(own_facts(op).deterministic for op in agents):
            return self.concurrency
        largest = max((op.BATCH_MAX for op in agents if isinstance(op, InferOp)), default=0)
        return max(self.concurrency, largest)

    def _ack_wait_s(self, handler: HandlerOp, graph: MessagingGraph, index: SymbolIndex) -> int:
        longest = longest_us(handler, graph, index)
        seconds = -(-3 * longest // _SECOND_US)
        if seconds > self.ack_wait_min_s:
            self.remark(handler, f"has an ack wait of {seconds} s: a run may take {seconds // 3} s")
        return max(self.ack_wait_min_s, seconds)


def longest_us(handler: HandlerOp, graph: MessagingGraph, index: SymbolIndex) -> int:
    """Return the longest run of a handler by the policies of the agents on its longest way.

    A loop counts once, as for all estimates: each call in it renews the ack wait.
    """
    behind: dict[object, int] = {}
    for body in reversed(graph.reached_from(handler)):
        agents = (op for op in reached_ops(body, index) if isinstance(op, AgentOp))
        steps = [after for way in graph.leaving[body] for after in graph.next_bodies(way)]
        longest = max((behind.get(step, 0) for step in steps), default=0)
        behind[body] = longest + sum(map(agent_us, agents))
    return behind[handler]


def stored_edges(graph: MessagingGraph) -> list[EdgeOp]:
    """Return the edges whose messages share the stream of edges."""
    return [edge for edge in graph.edges.values() if not edge.is_parked]
