"""What stays the same in all simulations of a module: handlers, edges, programs, who follows whom.

prepared = Prepared(module)
for seed in range(1000):
    simulate(prepared, seed)
"""

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, field
from typing import NamedTuple

from xdsl.dialects.builtin import ModuleOp

from kumeo.analysis.messaging import MessagingGraph, waiting_agent
from kumeo.dialects.agent import AgentOp
from kumeo.dialects.messaging import EdgeOp, HandlerOp, ServiceOp
from kumeo.dialects.workflow import ConfigOp, SourceOp, WorkflowOp
from kumeo.interp.messaging.activations import RULES
from kumeo.interp.messaging.wire import Layout
from kumeo.interp.oracle.palette import Palette, palette_of
from kumeo.interp.results import Run
from kumeo.interp.run import all_rules
from kumeo.interp.session import Session
from kumeo.interp.world import World


class Handler(NamedTuple):
    """A handler and what surrounds it."""

    name: str
    op: HandlerOp
    service: str
    places: tuple[str, ...]
    """Sources, or one edge."""
    edge: EdgeOp | None
    layout: Layout | None
    answered: AgentOp | None
    """The agent whose answer the message brings."""
    is_keyed: bool
    sends: tuple[str, ...]
    """Edges that its outputs wait for room on."""


@dataclass
class Prepared:
    """One workflow of a module at the level `messaging`."""

    module: ModuleOp
    name: str | None = None
    session: Session = field(init=False)
    handlers: dict[str, Handler] = field(default_factory=dict[str, Handler])
    readers: dict[str, str] = field(default_factory=dict[str, str])
    """The name of the handler of each edge."""
    senders: dict[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    """The names of the handlers that send to each edge."""
    edges: dict[str, EdgeOp] = field(default_factory=dict[str, EdgeOp])
    layouts: dict[str, Layout] = field(default_factory=dict[str, Layout])

    def __post_init__(self) -> None:
        found = [op for op in self.module.ops if isinstance(op, WorkflowOp)]
        self.workflow = next(op for op in found if self.name in (None, op.symbol))
        world = World(trace="none")
        self.session = Session(self.module, self.workflow, world, {**all_rules(), **RULES})
        self.plain = Session(self.module, self.workflow, world, all_rules())
        self.session.start_config()
        symbols = self.session.symbols
        self.sources = [op for op in symbols.values() if isinstance(op, SourceOp)]
        configs = [op for op in symbols.values() if isinstance(op, ConfigOp)]
        self.dynamic = [op for op in configs if op.is_dynamic]
        self.palette: Palette = palette_of(self.module)
        self._read(MessagingGraph(self.workflow))

    def fresh(self, world: World) -> Session:
        """Return a session for one run of a handler; programs are shared."""
        return _renewed(self.session, world)

    def reference(self, world: World) -> Session:
        """Return a session for a run without faults; programs are shared, too."""
        return _renewed(self.plain, world)

    def _read(self, graph: MessagingGraph) -> None:
        keyed = {source.symbol for source in self.sources if source.key is not None}
        self.edges = graph.edges
        self.layouts = {name: Layout(edge) for name, edge in graph.edges.items()}
        for handler in graph.handlers:
            edge = graph.edge_of(handler)
            name = handler.handler_name.data
            if edge is not None:
                self.readers[edge.symbol] = name
            service = handler.parent_op()
            self.handlers[name] = Handler(
                name,
                handler,
                service.service_name.data if isinstance(service, ServiceOp) else "",
                handler.read_names,
                edge,
                None if edge is None else self.layouts[edge.symbol],
                waiting_agent(handler.body.block) if edge is not None and edge.is_parked else None,
                _is_keyed(edge, handler.read_names, keyed),
                _sends(graph, handler),
            )
        for edge_name in graph.edges:
            senders = [h.name for h in self.handlers.values() if _reaches(graph, h.op, edge_name)]
            self.senders[edge_name] = tuple(senders)


def _renewed(session: Session, world: World) -> Session:
    """Return a session that has seen nothing; what never changes is shared."""
    new = copy(session)
    new.world, new.run = world, Run()
    new.journal, new.asked, new.aggregates = {}, {}, {}
    new.config, new.carried = dict(session.config), {}
    return new


def _is_keyed(edge: EdgeOp | None, reads: Sequence[str], keyed: set[str]) -> bool:
    if edge is None:
        return any(name in keyed for name in reads)
    partitions = edge.number("partitions")
    many = bool(keyed) if partitions is None else partitions > 1
    return many and not edge.is_parked


def _sends(graph: MessagingGraph, handler: HandlerOp) -> tuple[str, ...]:
    names = {name: None for name in graph.edges if _reaches(graph, handler, name)}
    return tuple(name for name in names if not graph.edges[name].is_parked)


def _reaches(graph: MessagingGraph, handler: HandlerOp, edge: str) -> bool:
    bodies = set(graph.reached_from(handler))
    return any(way.body in bodies for way in graph.senders[edge])
