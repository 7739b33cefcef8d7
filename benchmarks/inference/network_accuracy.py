"""Compiled Bayesian networks against pyAgrum: errors, verdicts on impossible evidence, gaps.

Half of the rows are drawn from the network, half take any states alike, so that some are
impossible. A verdict is compared with the probability that pyAgrum gives to all evidence together:
its posterior alone ignores evidence that the query does not depend on. In rows with gaps a third of
the evidence is missing; there pyAgrum gets the rest.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from benchmarks.inference.networks import feed, open_session
from benchmarks.inference.peer import Peer, fresh, posteriors, to_peer, verdicts
from benchmarks.inference.questions import (
    FINDINGS,
    RANDOM_QUESTIONS,
    Question,
    Rows,
    diagnosis,
    load,
    random_question,
    sampled_rows,
    uniform_rows,
)
from benchmarks.tables import Cell, Options, Table
from kumeo.models.elimination import BIND_LIMIT, plan
from kumeo.models.network import Network

LIMITS = (0, BIND_LIMIT)
ROWS = 600
ROWS_WITH_GAPS = 100


class Agreement(NamedTuple):
    """How well the answers to one question agree."""

    rows: int
    impossible: int
    disagreed: int
    error: float


def measure(options: Options) -> Table:
    """Compare the answers; one row per network."""
    rows: list[Sequence[Cell]] = []
    for net, findings in FINDINGS.items():
        network = load(net)
        peer = to_peer(network)
        asked = [diagnosis(net, network, findings)]
        asked += [random_question(net, network, seed) for seed in range(RANDOM_QUESTIONS)]
        whole = [agree(network, peer, each, _rows(network, each), ()) for each in asked]
        gaps = [agree(network, peer, each, _gaps(network, each), each.evidence) for each in asked]
        rows.append([net, *_joined(whole), *_joined(gaps)])
    columns = ("network", "rows", "impossible", "verdicts differ", "max error")
    columns += ("rows with gaps", "impossible ", "verdicts differ ", "max error ")
    return Table("Compiled networks and pyAgrum: do they agree?", columns, rows)


def agree(
    network: Network, peer: Peer, question: Question, rows: Rows, optional: Sequence[str]
) -> Agreement:
    """Compare all rows with pyAgrum, for each limit of late binding."""
    states = len(network.states[question.query])
    wanted = posteriors(fresh(*peer, question, "LazyPropagation"), rows, states)
    possible = verdicts(*peer, question, rows)
    disagreed, error = 0, 0.0
    for limit in LIMITS:
        found = plan(network, question.query, question.evidence, optional, bind_limit=limit)
        session = open_session(network, found)
        given_p, given_possible = session.run(["p", "possible"], feed(found, rows))
        disagreed += int((given_possible != possible).sum())
        both = given_possible & possible
        disagreed += int((given_p[~given_possible] != 0).any(axis=1).sum())
        error = max(error, float(np.abs(given_p - wanted)[both].max(initial=0.0)))
    return Agreement(len(rows), int((~possible).sum()), disagreed, error)


def _rows(network: Network, question: Question) -> Rows:
    size = ROWS if question.kind == "diagnosis" else ROWS // 6
    drawn = sampled_rows(network, question, size)
    return np.concatenate([drawn, uniform_rows(network, question, size)])


def _gaps(network: Network, question: Question) -> Rows:
    drawn = sampled_rows(network, question, ROWS_WITH_GAPS // 2, 3)
    rows = np.concatenate([drawn, uniform_rows(network, question, ROWS_WITH_GAPS // 2, 4)])
    return np.where(np.random.default_rng(5).random(rows.shape) < 0.3, -1, rows)


def _joined(found: Sequence[Agreement]) -> list[Cell]:
    error = max(each.error for each in found)
    return [
        sum(each.rows for each in found),
        sum(each.impossible for each in found),
        sum(each.disagreed for each in found),
        f"{error:.1e}" if math.isfinite(error) else "NaN",
    ]
