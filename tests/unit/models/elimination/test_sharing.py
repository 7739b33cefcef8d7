"""Plans are shared by content, do not vary from run to run, and end for large networks."""

import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from kumeo.models.elimination import cache, plan, search
from kumeo.models.elimination.planning import make_plan
from kumeo.models.network import Network
from kumeo.testing.networks import random_network

DESCRIBE = """
from kumeo.models.elimination import plan
from kumeo.testing.networks import random_network
found = plan(random_network(3, 24), "A", ["V", "W", "X"], ["W"])
print(found.order, found.strategy, found.cost, found.steps)
"""


@pytest.fixture
def planned(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Empty the cache and note each query that is really planned."""
    asked: list[str] = []

    def noted(network: Network, query: str, *arguments: object, **options: object) -> object:
        asked.append(query)
        return make_plan(network, query, *arguments, **options)  # type: ignore[arg-type]

    cache._planned.cache_clear()  # pyright: ignore[reportPrivateUsage]
    monkeypatch.setattr(cache, "make_plan", noted)
    return asked


def test_plan_of_an_equal_network_is_made_once(planned: list[str]) -> None:
    assert plan(random_network(1), "A", ["B", "G"]) is plan(random_network(1), "A", ["B", "G"])
    assert planned == ["A"]


def test_plan_of_other_numbers_is_another_plan(planned: list[str]) -> None:
    one = random_network(1)
    changed = {**one.tables, "A": one.tables["A"][::-1] * 1.0}
    assert not np.array_equal(changed["A"], one.tables["A"])
    plan(one, "A", ["B", "G"])
    plan(replace(one, tables=changed), "A", ["B", "G"])
    assert planned == ["A", "A"]


def test_plan_with_optional_evidence_is_another_plan(planned: list[str]) -> None:
    plan(random_network(1), "A", ["B", "G"])
    plan(random_network(1), "A", ["B", "G"], ["G"])
    plan(random_network(1), "A", ["B", "G"], ["G"], precision="log")
    plan(random_network(1), "A", ["G", "B"], ["G"])
    assert planned == ["A"] * 4


def test_plan_is_the_same_for_every_seed_of_hashes() -> None:
    texts = {
        subprocess.run(
            [sys.executable, "-c", DESCRIBE],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(texts) == 1


def test_plan_of_a_large_network_stops_noisy_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    runs: list[float] = []
    greedy = search._Joining.greedy  # pyright: ignore[reportPrivateUsage]

    def noted(self: object, alpha: float, noise: float, seed: int) -> object:
        runs.append(noise)
        return greedy(self, alpha, noise, seed)  # type: ignore[arg-type]

    monkeypatch.setattr(search._Joining, "greedy", noted)  # pyright: ignore[reportPrivateUsage]
    network = random_network(5, 20)
    make_plan(network, "A", ["S", "T"])
    assert sum(noise > 0 for noise in runs) > 2
    runs.clear()
    monkeypatch.setattr(search, "MAX_LOOKS", 0)
    make_plan(network, "A", ["S", "T"])
    assert runs
    assert all(noise == 0 for noise in runs)
