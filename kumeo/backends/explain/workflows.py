"""The numeric agents of a workflow, and which of them `-O2` computes together in one graph."""

import posixpath
from collections.abc import Callable, Mapping, Sequence

from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Operation, SSAValue

from kumeo.analysis.walk import walk_ops
from kumeo.backends.explain.view import Explanation, Section, Value, count_of
from kumeo.backends.graph import bodies_of, plan_graph
from kumeo.diagnostics import Diagnostic
from kumeo.dialects import agent
from kumeo.dialects.data import DataOp
from kumeo.dialects.settings import strings_of
from kumeo.dialects.workflow import ModelOp as DeclaredModel
from kumeo.frontend.elaborate.display import display
from kumeo.passes.errors import PassRemark

_KINDS: Mapping[type[Operation], str] = {
    agent.ModelOp: "model",
    agent.BayesOp: "Bayesian network",
    agent.DecideOp: "decision",
}
PASSES = ("outline-infer", "fuse-infer", "lower-bayes", "lower-decisions", "fold-scalers")
"""Passes whose remarks tell why an agent is computed as it is."""

SizeOf = Callable[[agent.InferOp], int | None]
"""Returns the bytes of an emitted graph, None when it cannot be emitted."""


def explain_workflow(
    before: ModuleOp,
    after: ModuleOp,
    remarks: Sequence[Diagnostic],
    size_of: SizeOf,
    title: str,
) -> Explanation:
    """Return the explanation of a workflow; `after` is `before` after the passes of `-O2`."""
    numeric = [op for op in walk_ops(before) if type(op) in _KINDS]
    graphs = [op for op in walk_ops(after) if isinstance(op, agent.InferOp)]
    homes = {name: graph.agent_id for graph in graphs for name in members_of(graph)}
    told = [each for each in remarks if isinstance(each, PassRemark) and each.pass_name in PASSES]
    agents = [op for op in numeric if isinstance(op, agent.AgentOp)]
    inside = sum(op.agent_id in homes for op in agents)
    facts: tuple[tuple[str, Value], ...] = (
        ("numeric agents", len(agents)),
        ("graphs at -O2", len(graphs)),
        ("agents in graphs", f"{inside} of {len(agents)}"),
    )
    sections = [
        _agents(agents, homes, _files(before)),
        *([_graphs(graphs, size_of)] if graphs else []),
    ]
    if told:
        rows = tuple((_place(each), each.pass_name, each.text) for each in told)
        sections.append(Section("remarks", "what the passes say", ("place", "pass", "says"), rows))
    picture = plan_graph(before, list(bodies_of(before)))
    folder = posixpath.dirname(title)
    paths = dict.fromkeys(posixpath.join(folder, file) for file in _files(before).values())
    hints = tuple(f"kumeo explain-model {path}" for path in paths)
    return Explanation(title, "workflow", facts, tuple(sections), picture, hints)


def members_of(graph: agent.InferOp) -> list[str]:
    """Return the agents that get their numbers from a graph, in program order."""
    found: dict[str, None] = {}
    todo: list[SSAValue] = [graph.result]
    while todo:
        for use in todo.pop(0).uses:
            if isinstance(use.operation, agent.InferOp):
                continue
            if isinstance(use.operation, agent.AgentOp):
                found[use.operation.agent_id] = None
            elif isinstance(use.operation, DataOp):
                todo += use.operation.results
    return list(found)


def _agents(
    agents: Sequence[agent.AgentOp], homes: Mapping[str, str], files: Mapping[str, str]
) -> Section:
    rows = tuple(
        (
            op.agent_id,
            _KINDS[type(op)],
            _subject(op, files),
            _result(op),
            homes.get(op.agent_id, "by itself"),
            "yes" if op.fallback is not None else None,
        )
        for op in agents
    )
    columns = ("agent", "kind", "uses", "result", "computed", "fallback")
    notes = (
        ("`by itself`: one event at a time, as it is written",) if len(homes) < len(rows) else ()
    )
    return Section("agents", "numeric agents", columns, rows, notes)


def _subject(op: agent.AgentOp, files: Mapping[str, str]) -> str:
    match op:
        case agent.ModelOp():
            return files.get(op.model_name, op.model_name)
        case agent.BayesOp():
            return files.get(op.network_name, op.network_name)
        case agent.DecideOp():
            return count_of(len(op.rules), "rule") if op.rules else op.mode.data
        case _:
            return ""


def _result(op: agent.AgentOp) -> str:
    """Return what an agent gives: the decisions of a decision, else its type."""
    if isinstance(op, agent.DecideOp):
        last = () if op.default is None else (op.default.data,)
        return " | ".join(dict.fromkeys((*strings_of(op.outcomes), *last)))
    return display(op.result.type)


def _graphs(graphs: Sequence[agent.InferOp], size_of: SizeOf) -> Section:
    rows = tuple(
        (
            graph.agent_id,
            ", ".join(members_of(graph)),
            len(graph.inputs),
            len(graph.record.fields),
            sum(1 for _ in graph.body.walk()),
            size_of(graph),
        )
        for graph in graphs
    )
    columns = ("graph", "agents", "inputs", "outputs", "ops", "bytes as ONNX")
    return Section("graphs", "graphs", columns, rows)


def _place(remark: Diagnostic) -> str | None:
    place = remark.place
    return None if place is None else f"{place.path}:{place.line}"


def _files(module: ModuleOp) -> dict[str, str]:
    """Return the files of the declared models, by name."""
    return {op.symbol: op.file for op in walk_ops(module) if isinstance(op, DeclaredModel)}
