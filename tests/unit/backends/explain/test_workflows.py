"""Which numeric agents of a workflow are computed in a graph."""

from pathlib import Path

import pytest
from xdsl.dialects.builtin import ModuleOp

from kumeo.analysis.text import parse_module
from kumeo.analysis.walk import walk_ops
from kumeo.backends.explain.view import Explanation, Section
from kumeo.backends.explain.workflows import explain_workflow, members_of
from kumeo.diagnostics import Point, Source
from kumeo.dialects.agent import InferOp
from kumeo.dialects.registry import make_context
from kumeo.frontend.compile import compile_source
from kumeo.passes.errors import PassRemark
from kumeo.tools.files import FolderFiles

ROOT = Path(__file__).parents[4]
GRAPH = ROOT / "tests" / "unit" / "backends" / "python" / "numeric.mlir"
FLOW = """\
schema Payment { night: bool }
workflow Alarms {
  source: NATS("events", schema: Payment)
  target: NATS("out")
  models: { risk: { file: "models/fraud_risk.bif", type: "bayesian" } }
  agents: [
    MLModel(id: "risk", network: models.risk, evidence: { Night: source.night }, query: "Fraud")
    DecisionMatrix(id: "next", rules: [{ when: risk.Fraud.yes > 0.5, then: "ask" }], default: "pay")
    emit next to target.target
  ]
}
"""


@pytest.fixture
def before() -> ModuleOp:
    """A workflow with two numeric agents."""
    result = compile_source(Source("flow.kumeo", FLOW), FolderFiles(ROOT / "examples"))
    assert result.module is not None, result.diagnostics
    return result.module


@pytest.fixture
def after() -> ModuleOp:
    """A workflow of the same name with a graph for the agent `risk`."""
    module, found = parse_module(GRAPH.read_text(encoding="utf-8"), GRAPH.name, make_context())
    assert module is not None, found
    return module


def section(shown: Explanation, name: str) -> Section:
    return next(each for each in shown.sections if each.name == name)


def test_members_are_the_agents_that_read_the_graph(after: ModuleOp) -> None:
    graphs = [op for op in walk_ops(after) if isinstance(op, InferOp)]
    assert [members_of(graph) for graph in graphs] == [["risk"]]


def test_workflow_agents_tell_where_they_are_computed(before: ModuleOp, after: ModuleOp) -> None:
    shown = explain_workflow(before, after, (), lambda graph: 1234, "flows/flow.kumeo")
    result = "{Fraud: {yes: float, no: float}}"
    network = ("risk", "Bayesian network", "models/fraud_risk.bif", result, "infer.risk", None)
    decision = ("next", "decision", "1 rule", "ask | pay", "by itself", None)
    assert section(shown, "agents").rows == (network, decision)
    assert dict(shown.facts)["agents in graphs"] == "1 of 2"


def test_workflow_graphs_tell_their_size(before: ModuleOp, after: ModuleOp) -> None:
    shown = explain_workflow(before, after, (), lambda graph: 1234, "flow.kumeo")
    (row,) = section(shown, "graphs").rows
    assert (row[:3], row[-1]) == (("infer.risk", "risk", 2), 1234)


def test_workflow_remarks_of_other_passes_are_left_out(before: ModuleOp) -> None:
    why = PassRemark(Point("flow.kumeo", 8, 5), "outline-infer", "`next` stays: no model")
    other = PassRemark(Point("flow.kumeo", 8, 5), "cse", "removed 2 ops")
    shown = explain_workflow(before, before, (why, other), lambda graph: None, "flow.kumeo")
    assert section(shown, "remarks").rows == (
        ("flow.kumeo:8", "outline-infer", "`next` stays: no model"),
    )


def test_workflow_files_are_named_from_where_the_user_is(before: ModuleOp) -> None:
    shown = explain_workflow(before, before, (), lambda graph: None, "flows/flow.kumeo")
    assert shown.hints == ("kumeo explain-model flows/models/fraud_risk.bif",)
