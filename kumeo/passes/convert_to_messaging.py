"""`convert-to-messaging`: make services, handlers and stored messages from stages.

    agent.stage @on.s (%x: f64) entry [@s] service "s" {
      agent.goto message @run.b(%x : f64)
    }
    agent.stage @run.b (%x: f64) service "b" {
      agent.goto inline @join.1(%x : f64)
    }
    agent.stage @join.1 (%x: f64) { agent.done }

becomes

    messaging.edge @run.b message (x : f64) carries_event
    messaging.service "s" {
      messaging.handler "on.s" reads [@s] (%x: f64) {
        agent.goto message @run.b(%x : f64)
      }
    }
    messaging.service "b" {
      messaging.handler "run.b" reads [@run.b] (%x: f64) {
        agent.goto inline @join.1(%x : f64)
      }
      messaging.step @join.1 (%x: f64) { agent.done }
    }

A stage that events or messages enter becomes a handler; a stage that inline edges enter becomes a
step of each service that reaches it, once. A stage that is entered in both ways becomes a step, and
its handler goes on there. A stage that messages enter is an edge, too, with the layout of what they
carry; for each value the layout says whether a failure may stand in its place. Streams, files,
hosts, routes and clocks that a service needs are written down.

A stage without a service gets one as `place-services` would give it. It is an error if a stage in
which tokens park is entered in another way, too, or if a service has stages of several languages.

Sound because nothing moves: bodies are copied op by op, each way of a body leads to what the stage
has become, with the same values in the same order, and an activation visits the same bodies as it
visited stages. Sites and ids stay, so messages and calls keep their identity. An activation visits
at most one copy of a stage. That a value never fails is taken from the ops that make it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Operation

from kumeo.analysis.errors import IrInvalid
from kumeo.analysis.levels import level_of, set_level
from kumeo.analysis.messaging import second_reader
from kumeo.analysis.places import point_of
from kumeo.analysis.stages import StageGraph, graphs_of
from kumeo.analysis.symbols import SymbolIndex
from kumeo.analysis.units import units_of
from kumeo.diagnostics import Diagnostic
from kumeo.dialects.agent import PARK
from kumeo.dialects.base import at
from kumeo.dialects.messaging import StreamOp
from kumeo.dialects.workflow import SourceOp, TargetOp, WorkflowOp
from kumeo.passes.base import KumeoPass
from kumeo.passes.messaging_builder import MessagingBuilder, homes_of
from kumeo.passes.messaging_needs import needs_of


@dataclass(frozen=True)
class ConvertToMessagingPass(KumeoPass):
    """Make services, handlers and stored messages from stages."""

    name = "convert-to-messaging"
    LEVELS: ClassVar[tuple[str, ...]] = ("stages",)
    LOWERS_TO: ClassVar[str | None] = "messaging"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        """Convert each workflow, and raise the level of the module."""
        graphs = list(graphs_of(op))
        faults = [fault for graph in graphs for fault in _faults_of(graph)]
        for fault in faults:
            self.report(fault)
        if faults:
            return
        index = SymbolIndex(op)
        for graph in graphs:
            self._convert(graph, index)
        if graphs or level_of(op) == "stages":
            set_level(op, "messaging")

    def _convert(self, graph: StageGraph, index: SymbolIndex) -> None:
        builder = MessagingBuilder(graph)
        builder.build()
        block = graph.workflow.body.block
        stages = list(graph.stages.values())
        made: list[Operation] = [
            *streams_for(graph.workflow, bool(builder.edges)),
            *builder.edges.values(),
            *builder.services.values(),
        ]
        block.insert_ops_before(made, stages[0])
        for service in builder.services.values():
            inner = service.body.block
            first = inner.first_op
            needs = needs_of(service, index)
            if first is not None and needs:
                inner.insert_ops_before(needs, first)
            self.count("handlers", len(service.handlers))
            self.count("steps", len(service.steps))
        for stage in stages:
            stage.detach()
            stage.erase(safe_erase=False)
        self.count("services", len(builder.services))
        self.count("edges", len(builder.edges))
        text = f"{len(builder.services)} services and {len(builder.edges)} edges"
        self.remark(graph.workflow, f"`@{graph.workflow.symbol}` becomes {text}")


def streams_for(workflow: WorkflowOp, has_edges: bool) -> list[StreamOp]:
    """Return the streams that a workflow needs. Timers hold long retries, too."""
    declared = list(workflow.body.block.ops)
    kinds = ["edges"] if has_edges else []
    kinds += ["journal", "timers"]
    for kind, stream in ((TargetOp, "targets"), (SourceOp, "inputs")):
        if any(isinstance(op, kind) and op.kind.data != "nats" for op in declared):
            kinds.append(stream)
    return [at(StreamOp(kind), workflow.location) for kind in kinds]


def _faults_of(graph: StageGraph) -> Iterator[Diagnostic]:
    read = set[str]()
    for stage in graph.order:
        for name in stage.source_names:
            if name in read:
                yield IrInvalid(point_of(stage), stage.name, second_reader("stage", name))
            read.add(name)
    for stage in graph.order:
        modes = {way.edge.mode for way in graph.entering[stage]}
        if PARK in modes and len(modes) > 1:
            message = "is entered by parking and otherwise: let all edges park"
            yield IrInvalid(point_of(stage), stage.name, message)
    units = units_of(graph)
    languages: dict[str, str | None] = {}
    for root, home in homes_of(units).items():
        language = None if root.language is None else root.language.data
        if languages.setdefault(home, language) != language:
            names = _listed([languages[home], language])
            message = f'is in the service "{home}", which has stages of {names}: give it another'
            yield IrInvalid(point_of(root), root.name, message)


def _listed(languages: Sequence[str | None]) -> str:
    return " and ".join("no language" if name is None else name for name in languages)
