"""Which questions are asked of which networks, and rows of evidence for them.

The networks come with pgmpy. A diagnostic question asks for a common cause of many findings; it is
chosen by rules, not by hand. Random questions come from fixed seeds.
"""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from kumeo.diagnostics import Diagnostic
from kumeo.models.network import Network, ancestors, load_network

FINDINGS: Mapping[str, int] = {
    "asia": 4,
    "alarm": 10,
    "child": 8,
    "insurance": 8,
    "hailfinder": 10,
    "win95pts": 10,
    "hepar2": 10,
    "andes": 10,
}
"""How many findings the diagnostic question of a network has."""

HARD: Mapping[str, int] = {"water": 8, "munin1": 8, "mildew": 8, "barley": 8}
RANDOM_QUESTIONS = 5
Rows = NDArray[np.int64]


@dataclass(frozen=True)
class Question:
    """A question to a network; `kind` is `diagnosis` or `random 1` and so on."""

    net: str
    kind: str
    query: str
    evidence: tuple[str, ...]


def load(net: str) -> Network:
    """Return a network of pgmpy."""
    path = files("pgmpy") / "utils" / "example_models" / f"{net}.bif.gz"
    network = load_network(path.read_bytes(), f"{net}.bif.gz")
    if isinstance(network, Diagnostic):
        raise RuntimeError(network.headline)
    return network


def diagnosis(net: str, network: Network, findings: int) -> Question:
    """Ask for the cause of most leaves, given leaves below it.

    The cause has the most leaves below it, then the fewest causes, then the most descendants. The
    findings are its leaves, evenly spread over the file; where they are too few, those of its
    descendants that have the fewest descendants.
    """
    below = descendants(network)
    place = {name: i for i, name in enumerate(network.states)}

    def rank(name: str) -> tuple[int, int, int, int]:
        leaves = sum(not below[each] for each in below[name])
        causes = len(ancestors(network, [name]))
        return (leaves, -causes, len(below[name]), -place[name])

    query = max((n for n in place if below[n]), key=rank)
    ordered = sorted(below[query], key=lambda n: (len(below[n]), place[n]))
    leaves = [n for n in ordered if not below[n]]
    spread = [leaves[i * len(leaves) // findings] for i in range(findings)]
    chosen = spread if len(leaves) > findings else ordered[:findings]
    return Question(net, "diagnosis", query, tuple(chosen))


def random_question(net: str, network: Network, seed: int) -> Question:
    """Ask for any variable, given 5 to 10 others (fewer in a smaller network)."""
    rng = random.Random(seed)
    names = list(network.states)
    count = min(rng.randint(5, 10), len(names) - 1)
    query, *evidence = rng.sample(names, count + 1)
    return Question(net, f"random {seed}", query, tuple(evidence))


def descendants(network: Network) -> dict[str, set[str]]:
    """Return what each variable leads to."""
    found: dict[str, set[str]] = {name: set() for name in network.states}
    for name in network.states:
        for cause in ancestors(network, [name]) - {name}:
            found[cause].add(name)
    return found


def sampled_rows(network: Network, question: Question, rows: int, seed: int = 1) -> Rows:
    """Return evidence drawn from the network: (rows, evidence)."""
    rng = np.random.default_rng(seed)
    states: dict[str, Rows] = {}

    def draw(name: str) -> None:
        if name in states:
            return
        for parent in network.parents[name]:
            draw(parent)
        table = network.tables[name][tuple(states[p] for p in network.parents[name])]
        chances = np.broadcast_to(table, (rows, table.shape[-1])).cumsum(axis=1)
        below = (chances < rng.random((rows, 1))).sum(axis=1)
        states[name] = np.minimum(below, table.shape[-1] - 1)

    for name in question.evidence:
        draw(name)
    return np.stack([states[name] for name in question.evidence], axis=1)


def uniform_rows(network: Network, question: Question, rows: int, seed: int = 2) -> Rows:
    """Return evidence in which all states are alike, also impossible combinations."""
    rng = np.random.default_rng(seed)
    columns = [rng.integers(0, len(network.states[n]), rows) for n in question.evidence]
    return np.stack(columns, axis=1)
