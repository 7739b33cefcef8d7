"""From a module at the workflow level to the plan of a picture.

Agents, calls, conditions, sources and targets become nodes; everything of the `data` dialect is
looked through: an edge says that one node reads, over any number of data operations, what the
other one gives. Nodes are made in program order, so what a node depends on is known when it is
made, and an edge is `implied` when another thing that the node depends on depends on its start.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from xdsl.dialects.builtin import IntegerAttr, ModuleOp, StringAttr
from xdsl.ir import Attribute, Block, Operation, Region, SSAValue

from kumeo.analysis.levels import ACTIVATIONS
from kumeo.backends.graph.expressions import expression_text
from kumeo.backends.graph.model import Cluster, ClusterKind, Edge, EdgeKind, Graph, Node
from kumeo.backends.graph.wording import (
    agent_node,
    call_node,
    condition_node,
    endpoint_node,
    type_text,
)
from kumeo.dialects import agent, workflow

LEVELS = ACTIVATIONS
"""The levels of the IR that have a picture; stages would be drawn without their agents."""
_SHOWN = (agent.AgentOp, workflow.EmitOp, workflow.CallOp)
Body = workflow.WorkflowOp | workflow.SubworkflowOp


@dataclass(frozen=True)
class _Start:
    """Where an arrow into a branch starts."""

    node: str
    label: str = ""
    kind: EdgeKind = "data"


def bodies_of(module: ModuleOp) -> dict[str, Body]:
    """Return the workflows of a module by name, then its subworkflows."""
    tops = list(module.ops)
    flows: list[Body] = [op for op in tops if isinstance(op, workflow.WorkflowOp)]
    parts: list[Body] = [op for op in tops if isinstance(op, workflow.SubworkflowOp)]
    return {body.symbol: body for body in (*flows, *parts)}


def plan_graph(module: ModuleOp, names: Sequence[str], title: str = "") -> Graph:
    """Return the picture of the named bodies; several get a frame each. Raises: KeyError."""
    bodies = [bodies_of(module)[name] for name in names]
    planner = _Planner(module)
    for body in bodies:
        frame = planner.frame("body", body.symbol, None) if len(bodies) > 1 else None
        planner.add_body(body, frame)
    return planner.finish(title or " and ".join(names))


@dataclass
class _Planner:
    module: ModuleOp
    nodes: list[Node] = field(default_factory=list[Node])
    edges: dict[Edge, None] = field(default_factory=dict[Edge, None])
    clusters: list[Cluster] = field(default_factory=list[Cluster])
    before: dict[str, frozenset[str]] = field(default_factory=dict[str, frozenset[str]])
    """All nodes that a node depends on."""
    makers: dict[SSAValue, tuple[_Start, ...]] = field(
        default_factory=dict[SSAValue, tuple[_Start, ...]]
    )
    """What a value comes from: nodes, and branches that give it without a node."""
    gives: dict[str, str] = field(default_factory=dict[str, str])
    """The type of what a node gives, as text."""
    targets: dict[str, str] = field(default_factory=dict[str, str])

    def finish(self, title: str) -> Graph:
        """Return the picture without frames and endpoints that nothing uses."""
        return Graph(title, tuple(self.nodes), tuple(self.edges), tuple(self.clusters))

    def frame(self, kind: ClusterKind, title: str, parent: str | None) -> str:
        """Add a frame and return its id."""
        name = f"c{len(self.clusters) + 1}"
        self.clusters.append(Cluster(name, kind, title, parent))
        return name

    def add_body(self, body: Body, cluster: str | None) -> None:
        """Add a workflow with its endpoints, or a subworkflow."""
        if isinstance(body, workflow.SubworkflowOp):
            self._block(body.body.block, cluster, ())
            return
        ops = [*self.module.ops, *body.body.block.ops]
        self.targets.clear()
        sources = {op.symbol: op for op in ops if isinstance(op, workflow.SourceOp)}
        activations = [op for op in ops if isinstance(op, workflow.OnOp)]
        errors = {op.on_error_name for op in activations}
        inner = [each for op in activations for each in op.walk()]
        used = {each.target_name for each in inner if isinstance(each, workflow.EmitOp)} | errors
        targets = [op for op in ops if isinstance(op, workflow.TargetOp) and op.symbol in used]
        for op in targets:
            extra = "receives failures" if op.symbol in errors else ""
            self.targets[op.symbol] = self._id()
            self.nodes.append(endpoint_node(op, self.targets[op.symbol], cluster, extra))
        for op in activations:
            self._activation(op, sources, cluster)

    def _activation(
        self, op: workflow.OnOp, sources: dict[str, workflow.SourceOp], cluster: str | None
    ) -> None:
        starts: list[_Start] = []
        for name in op.source_names:
            if name in sources:
                node = endpoint_node(sources[name], self._id(), cluster)
                self.gives[node.id] = type_text(sources[name].payload)
                starts.append(_Start(self._node(node, [], ())))
        self.makers[op.event] = tuple(starts)
        self._block(op.body.block, cluster, starts)
        if op.on_error_name in self.targets:
            end, detail = self.targets[op.on_error_name], "failures that nothing handles"
            for start in starts:
                self._edge(Edge(start.node, end, "failure", "on failure", detail))

    def _block(self, block: Block, cluster: str | None, control: Sequence[_Start]) -> None:
        for op in block.ops:
            self._operation(op, cluster, control)

    def _operation(self, op: Operation, cluster: str | None, control: Sequence[_Start]) -> None:
        match op:
            case agent.AgentOp():
                self._agent(op, cluster, control)
            case workflow.CallOp():
                node = call_node(op, self._id(), cluster)
                self._give(op, [_Start(self._node(node, op.operands, control))])
            case workflow.EmitOp():
                self._emit(op, control)
            case workflow.IfOp() | workflow.MatchOp() if _has_nodes(op):
                self._branches(op, cluster, control)
            case workflow.ForeachOp() if _has_nodes(op):
                self._loop(op, cluster, control)
            case workflow.TryOp() if _has_nodes(op):
                self._try(op, cluster, control)
            case _:
                self._plain(op)

    def _plain(self, op: Operation) -> None:
        """Look through an operation: its results come from whatever it reads, also inside."""
        values = [value for inner in op.walk() for value in inner.operands]
        self._give(op, self._from(values))

    def _agent(self, op: agent.AgentOp, cluster: str | None, control: Sequence[_Start]) -> None:
        node = self._node(agent_node(op, self._id(), cluster), op.operands, control)
        self.gives[node] = type_text(op.result.type)
        makers = [_Start(node)]
        if op.fallback is not None:
            self._block(op.fallback.block, cluster, [_Start(node, "fallback", "failure")])
            makers += self._yields(op.fallback, 0)
        self._give(op, makers)

    def _emit(self, op: workflow.EmitOp, control: Sequence[_Start]) -> None:
        end = self.targets.get(op.target_name)
        if end is not None:
            self._connect(end, [op.value], control, f"emits {type_text(op.value.type)}")

    def _branches(
        self,
        op: workflow.IfOp | workflow.MatchOp,
        cluster: str | None,
        control: Sequence[_Start],
    ) -> None:
        diamond = self._node(condition_node(op, self._id(), cluster), op.operands, control)
        yields: list[tuple[_Start, ...]] = [() for _ in op.results]
        for label, region in _labelled(op):
            start, first = _Start(diamond, label, "branch"), len(self.nodes)
            self._block(region.block, cluster, [start])
            inside = {node.id for node in self.nodes[first:]}
            for index, found in enumerate(yields):
                makers = self._yields(region, index)
                is_made = any(maker.node in inside for maker in makers)
                yields[index] = (*found, *makers, *(() if is_made else (start,)))
        for result, makers in zip(op.results, yields, strict=True):
            self.makers[result] = tuple(dict.fromkeys(makers))

    def _loop(self, op: workflow.ForeachOp, cluster: str | None, control: Sequence[_Start]) -> None:
        frame = self._frame_of(op.body, "foreach", f"for each of {_short(op.items)}", cluster)
        makers = self._from([op.items])
        self.makers[op.item] = makers
        self._block(op.body.block, frame, [*control, *makers])
        self._results(op, op.regions, makers)

    def _try(self, op: workflow.TryOp, cluster: str | None, control: Sequence[_Start]) -> None:
        first = len(self.nodes)
        frame = self._frame_of(op.body, "try", "try", cluster)
        self._block(op.body.block, frame, control)
        tried = [node.id for node in self.nodes[first:]]
        inner = {name for node in tried for name in self.before[node]}
        last = [_Start(node, "on failure", "failure") for node in tried if node not in inner]
        frame = self._frame_of(op.handler, "catch", "on failure", cluster)
        self._block(op.handler.block, frame, last or control)
        self._results(op, op.regions, [])

    def _frame_of(
        self, region: Region, kind: ClusterKind, title: str, parent: str | None
    ) -> str | None:
        """Return a frame for a region, or the frame around it when the region shows no node."""
        inner = [op for op in region.walk() if isinstance(op, _SHOWN)]
        if all(isinstance(op, workflow.EmitOp) for op in inner):
            return parent
        return self.frame(kind, title, parent)

    def _results(self, op: Operation, regions: Iterable[Region], more: Iterable[_Start]) -> None:
        filled = [region for region in regions if region.blocks]
        for index, result in enumerate(op.results):
            makers = [maker for region in filled for maker in self._yields(region, index)]
            self.makers[result] = tuple(dict.fromkeys([*makers, *more]))

    def _yields(self, region: Region, index: int) -> tuple[_Start, ...]:
        last = region.block.last_op
        if last is None or index >= len(last.operands):
            return ()
        return self._from([last.operands[index]])

    def _give(self, op: Operation, makers: Iterable[_Start]) -> None:
        found = tuple(dict.fromkeys(makers))
        for result in op.results:
            self.makers[result] = found

    def _from(self, values: Iterable[SSAValue]) -> tuple[_Start, ...]:
        makers = [maker for value in values for maker in self.makers.get(value, ())]
        return tuple(dict.fromkeys(makers))

    def _id(self) -> str:
        return f"n{len(self.nodes) + 1}"

    def _node(self, node: Node, reads: Iterable[SSAValue], control: Sequence[_Start]) -> str:
        """Add a node with the edges to it and return its id."""
        self.nodes.append(node)
        needed = self._connect(node.id, list(reads), control, "")
        self.before[node.id] = frozenset(needed).union(*(self.before[n] for n in needed))
        return node.id

    def _connect(
        self, end: str, reads: Sequence[SSAValue], control: Sequence[_Start], detail: str
    ) -> list[str]:
        """Add the edges to a node and return where they start."""
        starts: dict[tuple[str, str], _Start] = {}
        for maker in self._from(reads):
            starts.setdefault((maker.node, maker.label), maker)
        for start in control:
            if start.kind != "data" or not starts:
                starts.setdefault((start.node, start.label), start)
        needed = list(dict.fromkeys(start.node for start in starts.values()))
        for start in starts.values():
            # A branch that skips the node on the longer way is told, though a way exists.
            is_detour = start.kind == "branch" and start not in control
            implied = not is_detour and self._is_implied(start.node, needed)
            text = detail or self.gives.get(start.node, "")
            self._edge(Edge(start.node, end, start.kind, start.label, text, implied))
        return needed

    def _is_implied(self, node: str, needed: Sequence[str]) -> bool:
        return any(node in self.before.get(other, ()) for other in needed)

    def _edge(self, edge: Edge) -> None:
        self.edges.setdefault(edge)


def _short(value: SSAValue) -> str:
    text = expression_text(value)
    return text if len(text) <= 40 else text[:39] + "…"


def _has_nodes(op: Operation) -> bool:
    return any(isinstance(inner, _SHOWN) for inner in op.walk())


def _labelled(op: workflow.IfOp | workflow.MatchOp) -> list[tuple[str, Region]]:
    """Return the branches with what stands at their arrows."""
    if isinstance(op, workflow.IfOp):
        return [("yes", op.then_region), ("no", op.else_region)]
    labels = [" | ".join(map(_case, values)) for values in op.case_values]
    found = list(zip(labels, op.case_regions, strict=True))
    last = op.default_region
    return found if last is None else [*found, ("else", last)]


def _case(value: Attribute) -> str:
    match value:
        case StringAttr(data=text):
            return text
        case IntegerAttr(value=number, type=kind):
            is_bool = str(kind) == "i1"
            return ("true" if number.data else "false") if is_bool else str(number.data)
        case _:
            return str(value)
