"""`quick_cost` never calls a question cheap that the planner refuses."""

import random
from importlib.resources import files
from pathlib import Path

import pytest

from kumeo.analysis.networks import QUICK_LIMIT
from kumeo.models.elimination import plan
from kumeo.models.network import Network, load_network
from kumeo.models.quick_cost import quick_cost
from kumeo.testing.networks import random_network

MODELS = files("pgmpy") / "utils" / "example_models"
PLANT = Path(__file__).parents[2] / "errors" / "network-too-costly" / "memory" / "plant.bif"


def quick(network: Network, query: str, evidence: list[str], optional: list[str]) -> int:
    return quick_cost(network.states, network.parents, query, evidence, optional)


@pytest.mark.parametrize("name", ["alarm", "insurance", "water", "barley", "hepar2"])
def test_quick_cost_of_a_cheap_question_is_cheap_for_the_planner(name: str) -> None:
    network = load_network((MODELS / f"{name}.bif.gz").read_bytes(), name)
    assert isinstance(network, Network)
    rng = random.Random(name)
    for _ in range(6):
        query, *evidence = rng.sample(list(network.states), 7)
        optional = rng.sample(evidence, 3)
        if quick(network, query, evidence, optional) <= QUICK_LIMIT:
            assert plan(network, query, evidence, optional, effort=1).verdict != "fallback"


def test_quick_cost_of_a_chain_is_small() -> None:
    names = [f"v{i}" for i in range(100)]
    states = dict.fromkeys(names, ("a", "b"))
    parents = {n: (names[i - 1],) if i else () for i, n in enumerate(names)}
    assert quick_cost(states, parents, "v0", ["v99"]) == 98 * 4 + 2


def test_quick_cost_of_what_hangs_together_is_large() -> None:
    network = load_network(PLANT.read_bytes(), "plant")
    assert isinstance(network, Network)
    alarms = [name for name in network.states if name.startswith("X")]
    assert quick(network, "A1", alarms, []) >= 2**28


def test_quick_cost_leaves_out_what_is_not_needed() -> None:
    network = random_network(2, 12)
    root = next(name for name in network.states if not network.parents[name])
    assert quick(network, root, [], []) == len(network.states[root])
