"""The chosen precision is exact enough, also for evidence of extremely small probability."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from kumeo.models.elimination import FLOAT32_COST, Plan, plan
from kumeo.models.elimination.precision import analyse
from kumeo.models.elimination.steps import Bind, Multiply
from kumeo.models.network import Network


def naive_bayes(leaves: int, least: float, seed: int = 0) -> Network:
    """Return a network with one cause; a leaf is `a` with a probability down to `least`."""
    rng = np.random.default_rng(seed)
    names = [f"E{i}" for i in range(leaves)]
    low = math.log(least)
    rare = np.exp(rng.uniform(low, low / 2, (leaves, 2)))
    tables: dict[str, NDArray[np.float64]] = {"H": np.array([0.3, 0.7])}
    for i, name in enumerate(names):
        tables[name] = np.stack([rare[i], 1 - rare[i]], axis=-1)
    states = {n: ("a", "b") for n in ("H", *names)}
    return Network(states, {"H": (), **{n: ("H",) for n in names}}, tables)


def exact_posterior(network: Network, rows: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the probability of the first state of H: logarithms, summed without rounding."""
    found: list[float] = []
    for row in rows:
        logs = [
            math.fsum(
                [math.log(network.tables["H"][h])]
                + [math.log(network.tables[f"E{i}"][h, e]) for i, e in enumerate(row)]
            )
            for h in (0, 1)
        ]
        found.append(1 / (1 + math.exp(min(700.0, logs[1] - logs[0]))))
    return np.array(found)


def balanced_rows(network: Network, count: int, rare: float) -> NDArray[np.int64]:
    """Return rows whose posterior is not 0 or 1: rare findings speak for both causes in turn."""
    rng = np.random.default_rng(7)
    leaves = len(network.states) - 1
    rows = np.ones((count, leaves), np.int64)
    for row in rows:
        balance = 0.0
        for i in rng.permutation(leaves)[: int(rare * leaves)]:
            logs = np.log(network.tables[f"E{i}"][:, 0])
            if abs(balance + logs[0] - logs[1]) <= abs(balance) + 1.0:
                balance += float(logs[0] - logs[1])
                row[i] = 0
    return rows


def _ask(network: Network, bind_limit: int = 4096) -> Plan:
    leaves = [name for name in network.states if name != "H"]
    return plan(network, "H", leaves, bind_limit=bind_limit, effort=0)


@pytest.mark.parametrize("bind_limit", [0, 4096])
@pytest.mark.parametrize(("leaves", "least"), [(40, 1e-9), (300, 1e-12), (600, 1e-12)])
def test_precision_extreme_naive_bayes_is_exact(leaves: int, least: float, bind_limit: int) -> None:
    network = naive_bayes(leaves, least)
    rows = balanced_rows(network, 20, 0.9)
    found = _ask(network, bind_limit)
    posteriors, possible = found.run(rows)
    wanted = exact_posterior(network, rows)
    assert possible.all()
    assert ((wanted > 0.01) & (wanted < 0.99)).sum() > 5
    assert np.abs(posteriors[:, 0] - wanted).max() < 1e-9


def test_precision_600_extreme_leaves_use_logarithms() -> None:
    assert _ask(naive_bayes(600, 1e-12)).precision == "log"


def test_precision_tables_of_one_scale_are_rescaled() -> None:
    """Leaves have many states of like probability: rows are tiny, but their entries are alike."""
    rng = np.random.default_rng(0)
    names = [f"E{i}" for i in range(200)]
    tables = {"H": np.array([0.3, 0.7])}
    for name in names:
        table = 1 + 0.5 * rng.random((2, 40))
        tables[name] = table / table.sum(axis=1, keepdims=True)
    states = {n: tuple(f"s{i}" for i in range(tables[n].shape[-1])) for n in tables}
    network = Network(states, {"H": (), **{n: ("H",) for n in names}}, tables)
    found = _ask(network, 0)
    rows = rng.integers(0, 40, (20, 200))
    assert (found.precision, found.is_rescaled) == ("float64", True)
    assert found.least_log10 < -300
    assert np.abs(found.run(rows)[0][:, 0] - exact_posterior(network, rows)).max() < 1e-9


def many_causes(causes: int) -> Network:
    """Return a network in which one of many causes has four leaves."""
    rng = np.random.default_rng(0)
    names = ["E0", "E1", "E2", "E3"]
    tables: dict[str, NDArray[np.float64]] = {"H": np.full(causes, 1 / causes)}
    for name in names:
        rare = rng.uniform(0.1, 0.9, causes)
        tables[name] = np.stack([rare, 1 - rare], axis=-1)
    states = {n: tuple(f"s{i}" for i in range(t.shape[-1])) for n, t in tables.items()}
    return Network(states, {"H": (), **{n: ("H",) for n in names}}, tables)


def test_precision_few_roundings_in_range_allow_float32() -> None:
    network = many_causes(200)
    found = _ask(network, 0)
    rows = np.array([[0, 1, 0, 1], [1, 1, 1, 1]])
    weights = [
        np.prod([network.tables[f"E{i}"][:, state] for i, state in enumerate(row)], axis=0)
        for row in rows
    ]
    assert found.precision == "float32"
    assert np.abs(found.run(rows)[0] - [each / each.sum() for each in weights]).max() < 1e-6


def test_precision_little_work_is_done_in_float64() -> None:
    """No time is saved there, and thresholds at a probability decide as the reference does."""
    found = _ask(many_causes(20), 0)
    assert found.cost <= FLOAT32_COST
    assert (found.precision, found.is_rescaled) == ("float64", False)


def test_precision_many_roundings_need_float64() -> None:
    found = _ask(naive_bayes(20, 0.3), 0)
    assert (found.precision, found.is_rescaled) == ("float64", False)


def test_precision_small_products_need_float64() -> None:
    assert _ask(naive_bayes(4, 1e-12)).precision == "float64"


def test_precision_forced_is_taken() -> None:
    network = naive_bayes(4, 1e-3)
    leaves = ["E0", "E1", "E2", "E3"]
    assert plan(network, "H", leaves, precision="log").precision == "log"
    assert plan(network, "H", leaves, precision="float64").precision == "float64"


def test_precision_products_beyond_float64_need_logarithms() -> None:
    large = np.array([[1e200, 1e199]])
    steps = [Bind(large, ((0, 1),)), Bind(large, ((1, 1),)), Multiply(0, 1)]
    assert analyse(steps).precision == "log"
