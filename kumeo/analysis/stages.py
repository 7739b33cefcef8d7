"""The graph of stages: who goes where, in an order in which every stage stands before its targets.

    graph = StageGraph(workflow)
    for stage in graph.order: ...

A token visits each stage at most once, so there are no cycles: a loop over a list stays inside a
stage. Every stage belongs to one entry, whose `on_error` holds for it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from xdsl.dialects.builtin import ModuleOp

from kumeo.analysis.errors import IrInvalid
from kumeo.analysis.places import point_of
from kumeo.diagnostics import Diagnostic
from kumeo.dialects.agent.base import AgentOp
from kumeo.dialects.agent.stages import Edge, StageOp
from kumeo.dialects.workflow import WorkflowOp


@dataclass(frozen=True)
class EdgeRef:
    """One edge of the graph: its place in the terminator of its stage, and where it leads."""

    stage: StageOp
    index: int
    edge: Edge
    target: StageOp

    def set_mode(self, mode: str) -> None:
        """Change how the token crosses the edge."""
        self.stage.end.set_mode(self.index, mode)


@dataclass
class StageGraph:
    """The stages of one workflow. Unknown targets are left out: the verifier reports them."""

    workflow: WorkflowOp
    stages: dict[str, StageOp] = field(default_factory=dict[str, StageOp])
    leaving: dict[StageOp, list[EdgeRef]] = field(default_factory=dict[StageOp, list[EdgeRef]])
    entering: dict[StageOp, list[EdgeRef]] = field(default_factory=dict[StageOp, list[EdgeRef]])
    order: list[StageOp] = field(default_factory=list[StageOp])
    """Every stage that is not on a cycle or behind one, before the stages it leads to."""

    def __post_init__(self) -> None:
        for op in self.workflow.body.block.ops:
            if isinstance(op, StageOp):
                self.stages[op.symbol] = op
                self.leaving[op], self.entering[op] = [], []
        for stage in self.stages.values():
            self._connect(stage)
        self._sort()

    def _connect(self, stage: StageOp) -> None:
        for index, edge in enumerate(stage.end.edges):
            target = self.stages.get(edge.target or "")
            if target is not None:
                found = EdgeRef(stage, index, edge, target)
                self.leaving[stage].append(found)
                self.entering[target].append(found)

    def _sort(self) -> None:
        waiting = {stage: len(edges) for stage, edges in self.entering.items()}
        ready = [stage for stage, count in waiting.items() if count == 0]
        for stage in ready:
            self.order.append(stage)
            for edge in self.leaving[stage]:
                waiting[edge.target] -= 1
                if waiting[edge.target] == 0:
                    ready.append(edge.target)


def graphs_of(module: ModuleOp) -> Iterator[StageGraph]:
    """Yield the graph of each workflow of a module that has stages."""
    for workflow in module.ops:
        if isinstance(workflow, WorkflowOp):
            graph = StageGraph(workflow)
            if graph.stages:
                yield graph


def agents_of(stage: StageOp) -> list[AgentOp]:
    """Return the agents of a stage in program order, also those in its regions and fallbacks."""
    return [op for op in stage.walk() if isinstance(op, AgentOp)]


def find_stage_faults(module: ModuleOp) -> list[Diagnostic]:
    """Return diagnostics for cycles of stages and for stages of no entry or of several."""
    return [fault for graph in graphs_of(module) for fault in _faults_of(graph)]


def _faults_of(graph: StageGraph) -> Iterator[Diagnostic]:
    sorted_stages = set(graph.order)
    looping = [stage for stage in graph.stages.values() if stage not in sorted_stages]
    if looping:
        message = "can be reached from itself: a token visits each stage at most once"
        yield IrInvalid(point_of(looping[0]), looping[0].name, message)
        return
    entries: dict[StageOp, StageOp] = {}
    for stage in graph.order:
        starts = dict.fromkeys(entries.get(e.stage) for e in graph.entering[stage])
        if stage.is_entry:
            entries[stage] = stage
        elif not starts:
            message = "is reached by no edge: erase it, or name its sources with `entry`"
            yield IrInvalid(point_of(stage), stage.name, message)
        elif len(starts) > 1:
            names = " and ".join(f"`@{start.symbol}`" for start in starts if start is not None)
            message = f"belongs to the entries {names}: give each a stage of its own"
            yield IrInvalid(point_of(stage), stage.name, message)
        elif (start := next(iter(starts))) is not None:
            entries[stage] = start
