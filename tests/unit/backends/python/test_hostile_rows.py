"""Rows that models and networks do not take: a package of `-O2` says what the interpreter says."""

import importlib
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.inference.decision_packages import run_package
from kumeo.interp.run import run
from kumeo.interp.world import Event, World
from kumeo.tools.files import FolderFiles
from kumeo.tools.running.package import make_package
from kumeo.tools.sources import compile_file

NETWORK = Path(__file__).parents[3] / "filecheck" / "passes" / "Inputs" / "certain.bif"
FLOW = """schema S { a: float  day: string  alarm: string? }
workflow Hostile {
  source: NATS("rows", schema: S)
  target: NATS("out")
  models: { line: "line.skops", trees: "trees.skops", theft: "theft.bif" }
  agents: [
    l = MLModel(model: models.line, input: { x0: source.a, x1: source.a * 2.0 })
    h = MLModel(model: models.trees, input: { x0: source.a, x1: source.a })
    t = MLModel(model: models.theft, query: "Theft",
                evidence: { Day: source.day, Alarm: source.alarm })
    d = DecisionMatrix(rules: [
      { when: t.Theft.yes > 0.3 and h.label == 1, then: "call" },
      { when: l.label == 1, then: "look" }
    ], default: "wait")
    emit { d: d.decision, rule: d.rule, t: t.Theft.yes, h: h.label, l: l.label } to target
  ]
}
"""
NUMBERS = (0.0, 1.0, -1.0, 1e308, -1e308, 1e39, 3.5e38, 5e-324)
ROWS: list[dict[str, Any]] = [
    {"a": a, "day": day, "alarm": alarm}
    for a, day, alarm in product(NUMBERS, ("yes", "no", "maybe", ""), (None, "on", "off", "ON"))
]


@pytest.fixture
def flow(tmp_path: Path) -> Path:
    """Write the workflow, its models and its network."""
    ensemble: Any = importlib.import_module("sklearn.ensemble")
    linear: Any = importlib.import_module("sklearn.linear_model")
    dumps: Any = importlib.import_module("skops.io").dumps
    rows = np.random.default_rng(0).normal(size=(200, 2))
    labels = (rows.sum(axis=1) > 0).astype(int)
    models = {
        "line": linear.LogisticRegression(),
        "trees": ensemble.HistGradientBoostingClassifier(max_iter=5),
    }
    for name, model in models.items():
        (tmp_path / f"{name}.skops").write_bytes(dumps(model.fit(rows, labels)))
    (tmp_path / "theft.bif").write_bytes(NETWORK.read_bytes())
    path = tmp_path / "flow.kumeo"
    path.write_text(FLOW)
    return path


def interpreted(flow: Path) -> list[Any]:
    module = compile_file(str(flow), "").module
    assert module is not None
    events = [Event(str(i), "source", row) for i, row in enumerate(ROWS)]
    done = run(module, "Hostile", events, World(read_file=FolderFiles.beside(str(flow)).read))
    found: list[Any] = [None] * len(ROWS)
    for emitted in done.emitted:
        found[int(emitted.event)] = emitted.payload
    for report in done.reports:
        found[int(report.event.id)] = report.failure.code
    return found


def test_package_takes_and_refuses_the_rows_that_the_interpreter_does(flow: Path) -> None:
    package, faults = make_package(str(flow), "", "O2", None)
    assert package is not None, faults
    assert any(path.endswith(".onnx") for path in package.files)
    found, wanted = run_package(package, flow.parent / "built", ROWS), interpreted(flow)
    for row, one, two in zip(ROWS, found, wanted, strict=True):
        assert one == (two if isinstance(two, str) else pytest.approx(two, abs=1e-6)), row
    failures = {each for each in wanted if isinstance(each, str)}
    assert failures == {"invalid-text", "model-failed", "impossible-evidence"}
