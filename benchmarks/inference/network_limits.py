"""What is compiled of networks that are hard: cost, verdict, precision, time and errors.

Also a network with one cause and 600 findings of extreme probabilities, against sums of logarithms
that are not rounded.
"""

import math
import time
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from benchmarks.inference.network_accuracy import agree
from benchmarks.inference.networks import compiled_cost, feed, open_session
from benchmarks.inference.peer import ENGINES, best_us, keeping, to_peer
from benchmarks.inference.questions import HARD, Rows, diagnosis, load, sampled_rows
from benchmarks.tables import Cell, Options, Table
from kumeo.models.elimination import plan
from kumeo.models.network import Network

LEAVES = 600
ROWS = 4


def measure(options: Options) -> Table:
    """Measure every hard network, with all evidence given and with all of it optional."""
    rows = [_row(net, findings, gaps) for net, findings in HARD.items() for gaps in (False, True)]
    rows.append(_naive_bayes())
    columns = ("network", "evidence", "verdict", "cost per row", "largest table", "numbers")
    columns += ("plan s", "us", "batch us", "pyAgrum us", "max error")
    return Table("Bayesian networks that are hard", columns, rows)


def _row(net: str, findings: int, gaps: bool) -> Sequence[Cell]:
    network = load(net)
    question = diagnosis(net, network, findings)
    optional = question.evidence if gaps else ()
    start = time.process_time()
    found = plan(network, question.query, question.evidence, optional)
    spent = time.process_time() - start
    known: list[Cell] = [net, "optional" if gaps else "given", found.verdict]
    known += [found.cost, found.largest, found.precision if found.steps else "-", spent]
    if not found.steps:
        return [*known, "-", "-", "-", "stays agent.bayes"]
    rows = sampled_rows(network, question, ROWS)
    peer = to_peer(network)
    cost = compiled_cost(network, found, rows, (found.batch_max or 16,), 4)
    theirs = best_us([keeping(*peer, question, each) for each in ENGINES[:1]], rows, 1)
    error = agree(network, peer, question, rows, optional)
    return [*known, cost.one_us, cost.batch_us, theirs, f"{error.error:.1e}"]


def _naive_bayes() -> Sequence[Cell]:
    network, rows = extreme_network(LEAVES), extreme_rows(LEAVES)
    leaves = [name for name in network.states if name != "H"]
    start = time.process_time()
    found = plan(network, "H", leaves)
    spent = time.process_time() - start
    session = open_session(network, found)
    given, _ = session.run(["p", "possible"], feed(found, rows))
    error = float(np.abs(given[:, 0] - exact(network, rows)).max())
    cost = compiled_cost(network, found, rows)
    known: list[Cell] = [f"{LEAVES} leaves", "given", found.verdict, found.cost, found.largest]
    return [*known, found.precision, spent, cost.one_us, cost.batch_us, "-", f"{error:.1e}"]


def extreme_network(leaves: int) -> Network:
    """Return one cause with findings of probabilities from 1e-12; pairs balance each other."""
    rng = np.random.default_rng(0)
    tables = {"H": np.array([0.3, 0.7])}
    for i in range(0, leaves, 2):
        rare, other = 10.0 ** -rng.uniform(2, 12, 2)
        tables[f"E{i}"] = np.array([[rare, 1 - rare], [other, 1 - other]])
        near = 10.0 ** rng.uniform(-0.05, 0.05, 2)
        rare, other = other * near[0], rare * near[1]
        tables[f"E{i + 1}"] = np.array([[rare, 1 - rare], [other, 1 - other]])
    parents = {name: () if name == "H" else ("H",) for name in tables}
    return Network({name: ("a", "b") for name in tables}, parents, tables)


def extreme_rows(leaves: int) -> Rows:
    """Return rows in which both findings of a pair are rare, or both are not."""
    pairs = np.random.default_rng(1).integers(0, 2, (200, leaves // 2))
    pairs[0] = 0
    return np.repeat(pairs, 2, axis=1)


def exact(network: Network, rows: Rows) -> NDArray[np.float64]:
    """Return the probability of the first state of H; sums of logarithms are exact."""
    logs = [np.log(network.tables[f"E{i}"]) for i in range(rows.shape[1])]
    prior = np.log(network.tables["H"])
    found: list[float] = []
    for row in rows:
        terms = [float(log[1, e] - log[0, e]) for log, e in zip(logs, row, strict=True)]
        found.append(
            1 / (1 + math.exp(min(700.0, math.fsum([float(prior[1] - prior[0]), *terms]))))
        )
    return np.array(found)
