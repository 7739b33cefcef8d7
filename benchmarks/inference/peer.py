"""pyAgrum behind a few functions: the same network, asked for one row after the other."""

import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pyagrum as gum
from numpy.typing import NDArray

from benchmarks.inference.questions import Question, Rows
from kumeo.models.network import Network

ENGINES = ("LazyPropagation", "ShaferShenoyInference", "VariableElimination")
Peer = tuple[Any, dict[str, int]]
Ask = Callable[[Sequence[int]], Any]


def to_peer(network: Network) -> Peer:
    """Return the network in pyAgrum, and its numbers of the variables."""
    peer: Any = gum.BayesNet()
    numbers: dict[str, int] = {}
    names = list(network.states)
    for i, name in enumerate(names):
        labels = [f"s{j}" for j in range(len(network.states[name]))]
        numbers[name] = peer.add(gum.LabelizedVariable(f"v{i}", "", labels))
    for name in names:
        for parent in network.parents[name]:
            peer.addArc(numbers[parent], numbers[name])
    for name in names:
        table: Any = peer.cpt(numbers[name])
        axes = (*network.parents[name], name)
        order = [axes.index(names[int(label[1:])]) for label in reversed(table.names)]
        table[:] = np.ascontiguousarray(np.transpose(network.tables[name], order))
    return peer, numbers


def keeping(peer: Any, numbers: dict[str, int], question: Question, engine: str) -> Ask:
    """Return a function that changes the evidence of one engine: it keeps what it can."""
    asked = numbers[question.query]
    given = [numbers[name] for name in question.evidence]
    inference: Any = getattr(gum, engine)(peer)
    inference.addTarget(asked)
    for number in given:
        inference.addEvidence(number, 0)

    def ask(row: Sequence[int]) -> Any:
        for number, state in zip(given, row, strict=True):
            inference.chgEvidence(number, state)
        inference.makeInference()
        return inference.posterior(asked)

    return ask


def fresh(peer: Any, numbers: dict[str, int], question: Question, engine: str) -> Ask:
    """Return a function that erases all evidence first; missing evidence (-1) is left out."""
    asked = numbers[question.query]
    given = [numbers[name] for name in question.evidence]
    inference: Any = getattr(gum, engine)(peer)
    inference.addTarget(asked)

    def ask(row: Sequence[int]) -> Any:
        inference.eraseAllEvidence()
        for number, state in zip(given, row, strict=True):
            if state >= 0:
                inference.addEvidence(number, state)
        inference.makeInference()
        return inference.posterior(asked)

    return ask


def best_us(asks: Sequence[Ask], rows: Rows, best_of: int) -> float:
    """Return the microseconds of thread time per row of the fastest way."""
    given = [tuple(int(state) for state in row) for row in rows]
    found = float("inf")
    for ask in asks:
        for _ in range(best_of):
            start = time.thread_time()
            for row in given:
                ask(row)
            found = min(found, (time.thread_time() - start) / len(given))
    return found * 1e6


def posteriors(ask: Ask, rows: Rows, states: int) -> NDArray[np.float64]:
    """Return the answers; a row of NaN where pyAgrum sees that the evidence is impossible.

    It does not look at evidence that the query does not depend on.
    """
    found = np.full((len(rows), states), np.nan)
    for i, row in enumerate(rows):
        try:
            found[i] = ask(tuple(int(state) for state in row)).toarray()
        except gum.IncompatibleEvidence:
            continue
    return found


def verdicts(
    peer: Any, numbers: dict[str, int], question: Question, rows: Rows
) -> NDArray[np.bool_]:
    """Return whether the probability of all evidence together is positive, row by row."""
    given = [numbers[name] for name in question.evidence]
    inference: Any = gum.LazyPropagation(peer)
    found = np.zeros(len(rows), np.bool_)
    for i, row in enumerate(rows):
        inference.eraseAllEvidence()
        for number, state in zip(given, row, strict=True):
            if state >= 0:
                inference.addEvidence(number, int(state))
        try:
            found[i] = inference.evidenceProbability() > 0
        except gum.IncompatibleEvidence:
            continue
    return found
