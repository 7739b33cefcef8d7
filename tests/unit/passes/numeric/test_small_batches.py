"""A network whose rows need large tables runs in small batches, from the plan to the package."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kumeo.analysis.text import parse_module
from kumeo.analysis.walk import walk_ops
from kumeo.backends.python import Origin, build_python
from kumeo.dialects.agent import InferOp
from kumeo.dialects.agent.infer import BATCH_MAX
from kumeo.dialects.registry import make_context
from kumeo.models import elimination
from kumeo.passes.files import reading
from kumeo.passes.numeric import lower_bayes
from kumeo.tools.sources import optimise

RISK = (Path(__file__).parents[3] / "filecheck" / "passes" / "Inputs" / "risk.bif").read_bytes()
TEXT = """
builtin.module attributes {kumeo.level = "workflow"} {
  workflow.workflow @W {
    workflow.source @s nats("a") : !data.enum<"yes", "no">
    workflow.target @t nats("t")
    workflow.model @risk bayesian("risk.bif")
    workflow.on @s (%s: !data.enum<"yes", "no">) {
      %r = agent.bayes @risk (Night = %s) query ["Fraud"] id "risk" site "risk"
        : (!data.enum<"yes", "no">) -> !data.record<{Fraud: !data.record<{yes: f64, no: f64}>}>
      workflow.emit %r : !data.record<{Fraud: !data.record<{yes: f64, no: f64}>}> to @t site "x"
      workflow.return
    }
  }
}
"""


def lowered() -> Any:
    module, found = parse_module(TEXT, "w.mlir", make_context())
    assert module is not None, found
    with reading(lambda path: RISK):
        assert not optimise(module, "O2", "messaging")
    return module


def test_lower_bayes_of_a_large_network_limits_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    def dear(*arguments: Any, **options: Any) -> elimination.Plan:
        return replace(elimination.plan(*arguments, **options), verdict="small-batches")

    monkeypatch.setattr(lower_bayes, "plan", dear)
    module = lowered()
    (program,) = (op for op in walk_ops(module) if isinstance(op, InferOp))
    assert BATCH_MAX in program.attributes
    made = build_python(module, read_file=lambda path: RISK, origin=Origin("w.mlir", "1"))
    assert "max_batch=16" in str(made["w/agents.py"])


def test_lower_bayes_of_a_small_network_does_not() -> None:
    made = build_python(lowered(), read_file=lambda path: RISK, origin=Origin("w.mlir", "1"))
    assert "max_batch" not in str(made["w/agents.py"])
