"""Probabilities at the ends of float64: the verdict is right, and the error stays below 1e-9."""

from collections.abc import Sequence
from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from numpy.typing import NDArray

from kumeo.models.elimination import plan
from kumeo.models.network import Network, Table
from kumeo.testing.networks import all_rows, random_network

EXPONENTS = {"beyond float64": [0, -5, -40, -150, -300, -320], "near its end": [0, -2, -90, -140]}


def extreme_network(seed: int, exponents: Sequence[int]) -> Network:
    """Return a network whose probabilities are of very different sizes; some are zero."""
    rng = np.random.default_rng(seed)
    network = random_network(seed, 6, 0.25)
    tables: dict[str, Table] = {}
    for name, table in network.tables.items():
        powers: Table = rng.choice(np.array(exponents, np.float64), table.shape)
        small: Table = table * 10.0**powers
        for place in product(*map(range, table.shape[:-1])):
            rest = (*place, int(rng.integers(0, len(network.states[name]))))
            small[rest] = 0.0
            small[rest] = max(0.0, 1.0 - small[place].sum())
        tables[name] = small
    return Network(network.states, network.parents, tables)


def weights_of(
    network: Network, query: str, evidence: Sequence[str], row: Sequence[int]
) -> list[Fraction]:
    """Return P(query, evidence) for each state, without rounding."""
    names = list(network.states)
    given = dict(zip(evidence, row, strict=True))
    every = {n: range(len(network.states[n])) for n in names}
    choices = [[given[n]] if given.get(n, -1) >= 0 else every[n] for n in names]
    weights = [Fraction(0)] * len(network.states[query])
    for states in product(*choices):
        known = dict(zip(names, states, strict=True))
        chance = Fraction(1)
        for name in names:
            axes = (*network.parents[name], name)
            chance *= Fraction(float(network.tables[name][tuple(known[a] for a in axes)]))
        weights[known[query]] += chance
    return weights


@pytest.mark.parametrize("bind_limit", [0, 4096])
@pytest.mark.parametrize("sizes", EXPONENTS)
@pytest.mark.parametrize("seed", range(12))
def test_plan_of_extreme_probabilities_is_exact(seed: int, sizes: str, bind_limit: int) -> None:
    network = extreme_network(seed, EXPONENTS[sizes])
    rng = np.random.default_rng(seed)
    names = [str(name) for name in rng.permutation(list(network.states))]
    query, evidence, optional = names[0], names[1:4], names[1:2]
    found = plan(network, query, evidence, optional, bind_limit=bind_limit, effort=2)
    rows: NDArray[np.int64] = rng.permutation(all_rows(network, evidence, optional))[:8]
    for row, shares, possible in zip(rows, *found.run(rows), strict=True):
        weights = weights_of(network, query, evidence, row.tolist())
        total = sum(weights)
        assert bool(possible) == (total > 0)
        wanted = [float(each / total) if total else 0.0 for each in weights]
        np.testing.assert_allclose(shares, wanted, rtol=0.0, atol=1e-9)


def test_plan_of_constants_that_leave_float64_takes_logarithms() -> None:
    """B is `s0` with a probability of 1e-400, which no table of the network shows."""
    rare = np.array([1e-200, 1.0 - 1e-200])
    tables = {
        "A": rare,
        "B": np.array([rare, [0.0, 1.0]]),
        "E": np.array([[1.0, 0.0], [0.0, 1.0]]),
        "Q": np.array([[0.3, 0.7], [0.6, 0.4]]),
    }
    parents = {"A": (), "B": ("A",), "E": ("B",), "Q": ("B",)}
    network = Network({name: ("s0", "s1") for name in tables}, parents, tables)
    found = plan(network, "Q", ["E"])
    shares, possible = found.run(np.array([[0], [1]]))
    assert (found.precision, possible.tolist()) == ("log", [True, True])
    np.testing.assert_allclose(shares, tables["Q"], atol=1e-12)
