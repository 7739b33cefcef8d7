"""`assign-subjects`: name the streams, subjects and consumers of a workflow.

    messaging.edge @run.assess message (x : f64) carries_event

becomes

    messaging.edge @run.assess message (x : f64) carries_event token "run_assess"
      subject "kumeo.{ns}.flow.e.run_assess.{partition}.{id}" partitions 1

Streams and consumers get their names in the same way. `{ns}` is the namespace of a deployment,
`{id}` the identity of a message, `{partition}` the part of the key that order is kept by: an edge
behind sources that all have a key has `keyed_partitions` of them.

A token is the name with other letters replaced. Names that would have the same token are told apart
by a hash of the whole name, so a token does not depend on what else is in the program: an edge that
stays keeps its subject. What is named already keeps its token.

Sound because names do not change what is sent, and no two edges of a workflow share a subject.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import ClassVar

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp, StringAttr

from kumeo.analysis.messaging import Body, MessagingGraph, messaging_graphs
from kumeo.analysis.symbols import SymbolIndex
from kumeo.analysis.tokens import STREAM_LETTERS, WorkflowNames, token_of, tokens_of
from kumeo.dialects.messaging import EdgeOp, HandlerOp
from kumeo.dialects.workflow import SourceOp
from kumeo.passes.base import KumeoPass


@dataclass(frozen=True)
class AssignSubjectsPass(KumeoPass):
    """Name the streams, subjects and consumers of a workflow."""

    name = "assign-subjects"
    LEVELS: ClassVar[tuple[str, ...]] = ("messaging",)

    keyed_partitions: int = 64
    """Partitions of an edge behind keyed sources."""

    def __post_init__(self) -> None:
        """Refuse a number that means nothing."""
        if self.keyed_partitions < 1:
            raise ValueError("`keyed-partitions` is at least 1")

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        """Name everything in each workflow."""
        index = SymbolIndex(op)
        for graph in messaging_graphs(op):
            names = WorkflowNames(graph.workflow.symbol)
            bound = bound_durables(graph, index)
            self._name_edges(graph, names)
            for stream in graph.streams:
                kind = stream.kind.data
                name = names.stream(STREAM_LETTERS[kind])
                stream.put(name=name, subjects=_subjects_of(kind, names))
            for handler in graph.handlers:
                durables = [
                    bound.get(name) or _durable(graph, name, names) for name in handler.read_names
                ]
                handler.put(durables=durables)

    def _name_edges(self, graph: MessagingGraph, names: WorkflowNames) -> None:
        open_edges = [edge for edge in graph.edges.values() if edge.token is None]
        taken = {edge.token.data for edge in graph.edges.values() if edge.token is not None}
        tokens = tokens_of(edge.symbol for edge in open_edges)
        keyed = keyed_bodies(graph)
        for edge in graph.edges.values():
            token = tokens.get(edge.symbol, edge.text("token") or "")
            if edge in open_edges:
                token = next(t for t in _candidates(token, edge.symbol) if t not in taken)
                if token != token_of(edge.symbol):
                    self.remark(edge, f"has the token `{token}`: the plain one is taken or long")
                taken.add(token)
                self.count("edges named")
            subject = subject_of(edge, token, names)
            is_keyed = all(keyed.get(way.body, False) for way in graph.senders[edge.symbol])
            number = edge.number("partitions")
            is_spread = is_keyed and not edge.is_parked
            partitions = number or (self.keyed_partitions if is_spread else 1)
            edge.put(token=token, subject=subject, partitions=partitions)


def _candidates(token: str, name: str) -> Iterator[str]:
    yield token
    yield from (f"{token_of(name)}-{number}" for number in count(2))


def subject_of(edge: EdgeOp, token: str, names: WorkflowNames) -> str:
    """Return the subject of the messages of an edge; those of a parked one are answers."""
    if edge.is_parked:
        return names.subject("t", "r", token, "{id}")
    return names.subject("e", token, "{partition}", "{id}")


def keyed_bodies(graph: MessagingGraph) -> dict[Body, bool]:
    """Return for each body whether all events that lead there have a key."""
    keys = {
        op.symbol: op.key is not None
        for op in graph.workflow.body.block.ops
        if isinstance(op, SourceOp)
    }
    found: dict[Body, bool] = {}
    for body in graph.order:
        if isinstance(body, HandlerOp) and graph.edge_of(body) is None:
            found[body] = all(keys.get(name, False) for name in body.read_names)
        for way in graph.leaving[body]:
            for after in graph.next_bodies(way):
                found[after] = found.get(after, True) and found.get(body, False)
    return found


def _subjects_of(kind: str, names: WorkflowNames) -> list[str]:
    letters = {"edges": "e", "timers": "t", "targets": "o", "inputs": "i"}
    if kind == "journal":
        return [names.subject(letter, ">") for letter in ("j", "a", "s", "d")]
    return [names.subject(letters[kind], ">")]


def bound_durables(graph: MessagingGraph, index: SymbolIndex) -> dict[str, str]:
    """Return the consumers that sources name: they exist, and belong to somebody else."""
    found: dict[str, str] = {}
    for name in {name for handler in graph.handlers for name in handler.read_names}:
        source = index.resolve(graph.workflow, name)
        if not isinstance(source, SourceOp):
            continue
        durable = source.settings.data.get("durable")
        if isinstance(durable, StringAttr) and "stream" in source.settings.data:
            found[name] = durable.data
    return found


def _durable(graph: MessagingGraph, name: str, names: WorkflowNames) -> str:
    edge = graph.edges.get(name)
    if edge is None:
        return names.source_durable(name)
    return f"e_{edge.text('token')}"
