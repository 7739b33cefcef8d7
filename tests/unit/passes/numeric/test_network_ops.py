"""The ops of a plan, and the ONNX model made of them, compute what the plan computes."""

from typing import Any

import numpy as np
import onnxruntime as ort
import pytest

from kumeo.interp.infer import run_batch
from kumeo.models.elimination import Plan, Precision, plan
from kumeo.models.network import Network
from kumeo.testing.networks import all_rows, question_model, question_op, random_network

CASES = [(seed, limit) for seed in range(8) for limit in (0, 4096)]


def _question(seed: int, limit: int, precision: Precision) -> tuple[Network, Plan, Any]:
    network = random_network(seed, 7, 0.3 if seed % 2 else 0.0)
    evidence, optional = ["B", "D", "E", "G"], ["D", "G"]
    found = plan(network, "C", evidence, optional, bind_limit=limit, precision=precision, effort=2)
    return network, found, all_rows(network, evidence, optional)


def _columns(found: Plan, rows: Any) -> dict[str, Any]:
    places = {name: i for i, name in enumerate(found.evidence)}
    return {f"e{places[name]}": rows[:, places[name]] for name in found.read}


@pytest.mark.parametrize("precision", ["auto", "float64", "log"])
@pytest.mark.parametrize(("seed", "limit"), CASES)
def test_network_ops_in_numpy_equal_the_plan(seed: int, limit: int, precision: Precision) -> None:
    network, found, rows = _question(seed, limit, precision)
    op = question_op(network, found)
    op.verify()
    given = run_batch(op, _columns(found, rows), _NoFiles())
    posteriors, possible = found.run(rows)
    assert (given["possible"] == possible).all()
    assert np.allclose(given["p"], posteriors, atol=1e-6, equal_nan=True)


@pytest.mark.parametrize("precision", ["auto", "float64", "log"])
@pytest.mark.parametrize(("seed", "limit"), CASES[:6])
def test_network_ops_in_onnx_equal_the_plan(seed: int, limit: int, precision: Precision) -> None:
    network, found, rows = _question(seed, limit, precision)
    session: Any = ort.InferenceSession(question_model(network, found))
    given_p, given_possible = session.run(["p", "possible"], _columns(found, rows))
    posteriors, possible = found.run(rows)
    assert (given_possible == possible).all()
    assert np.allclose(given_p, posteriors, atol=1e-6, equal_nan=True)


def test_network_ops_rescaled_equal_the_plan() -> None:
    rng = np.random.default_rng(0)
    names = [f"E{i}" for i in range(120)]
    tables = {"H": np.array([0.3, 0.7])}
    for name in names:
        table = 1 + 0.3 * rng.random((2, 40))
        tables[name] = table / table.sum(axis=1, keepdims=True)
    states = {n: tuple(f"s{i}" for i in range(t.shape[-1])) for n, t in tables.items()}
    network = Network(states, {"H": (), **{n: ("H",) for n in names}}, tables)
    found = plan(network, "H", names, bind_limit=0, effort=0)
    assert found.is_rescaled
    rows = rng.integers(0, 40, (5, 120))
    given = run_batch(question_op(network, found), _columns(found, rows), _NoFiles())
    assert np.allclose(given["p"], found.run(rows)[0], atol=1e-12)


class _NoFiles:
    def network(self, symbol: str) -> Network:
        raise AssertionError(symbol)

    def onnx(self, symbol: str) -> Any:
        raise AssertionError(symbol)
