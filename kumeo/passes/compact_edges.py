"""`compact-edges`: choose how messages are written, and hash their layout.

    messaging.edge @run.assess message (x : f64) carries_event codec "msgpack" layout "3f0c…"

Between services of one language a message is MessagePack: an array of values without their names,
which both sides know. Where the languages differ, or are not known, it is JSON, which every runtime
and every tool reads. `json` asks for JSON on all edges. A codec that is given stays.

The layout is a hash of the codec, the names, the types and the failures. A service refuses messages
of another layout, and drains the old ones first.

Sound because both forms hold the same values, failures too; a reader uses the codec of the edge.
"""

from dataclasses import dataclass
from hashlib import blake2b
from typing import ClassVar

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Operation

from kumeo.analysis.messaging import MessagingGraph, messaging_graphs, service_of
from kumeo.dialects.messaging import EdgeOp
from kumeo.passes.base import KumeoPass


@dataclass(frozen=True)
class CompactEdgesPass(KumeoPass):
    """Choose how messages are written, and hash their layout."""

    name = "compact-edges"
    LEVELS: ClassVar[tuple[str, ...]] = ("messaging",)

    json: bool = False
    """Write all messages as JSON, for people who read along."""

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        """Choose the codec of each edge."""
        for graph in messaging_graphs(op):
            for edge in graph.edges.values():
                codec = edge.text("codec") or self._codec(edge, graph)
                edge.put(codec=codec)
                edge.put(layout=layout_hash(edge))
                self.count(f"edges in {codec}")

    def _codec(self, edge: EdgeOp, graph: MessagingGraph) -> str:
        if self.json:
            return "json"
        ends: list[Operation] = [way.body for way in graph.senders[edge.symbol]]
        ends += graph.readers.get(edge.symbol, [])
        services = [service for end in ends if (service := service_of(end)) is not None]
        languages = {None if s.language is None else s.language.data for s in services}
        if len(languages) == 1 and None not in languages:
            return "msgpack"
        self.remark(edge, "is written as JSON: its services are not of one known language")
        return "json"


def layout_hash(edge: EdgeOp) -> str:
    """Return a hash of all that a reader of the message has to know."""
    fields = [f"{f.name} {f.type} {int(f.may_fail)}" for f in edge.fields]
    event = "event" if edge.carries_event is not None else ""
    text = "\n".join([edge.text("codec") or "", edge.kind.data, event, *fields])
    return blake2b(text.encode(), digest_size=8).hexdigest()
