"""Sample answers of a network: what it says before any evidence and after one finding at a time.

They let a user who knows the field see whether the network says what it should. The answers are
those of the reference interpreter, exact and in float64.
"""

from collections.abc import Iterator, Mapping
from typing import Protocol

from kumeo.backends.explain.view import Section
from kumeo.interp.bayes import ImpossibleEvidenceError, Network, posterior

ROWS_MAX = 30
"""With more findings than this, each variable shows only the one that changes most."""
STATES_MAX = 6
WORK_MAX = 200
"""Findings that are tried at all."""


class Asked(Protocol):
    """A question: what is asked for and what can be known."""

    @property
    def query(self) -> str:
        """The variable asked for."""
        ...

    @property
    def evidence(self) -> tuple[str, ...]:
        """The variables that can be known."""
        ...


def sample_answers(network: Network, question: Asked) -> Section:
    """Return the posterior of the query without evidence and for single findings."""
    query = question.query
    states = network.states[query]
    shown = range(min(len(states), STATES_MAX))
    prior = posterior(network, query, {})
    found = [_row({}, prior, prior), *_chosen(network, question, prior)]
    rows = tuple((text, *(None if p is None else p[i] for i in shown)) for text, p, _ in found)
    columns = ("finding", *(states[i] for i in shown))
    notes = [f"the probability of each state of {query} when one thing is known"]
    if len(states) > STATES_MAX:
        notes.append(f"the first {STATES_MAX} of {len(states)} states")
    if len(question.evidence) and len(found) - 1 < _findings(network, question):
        notes.append("of each variable, the finding that changes the answer most")
    return Section("answers", "sample answers", columns, rows, tuple(notes))


Answer = tuple[str, tuple[float, ...] | None, float]
"""A finding in words, the posterior (None when the finding is impossible), how far it moves."""


def _chosen(network: Network, question: Asked, prior: tuple[float, ...]) -> Iterator[Answer]:
    every = _findings(network, question) <= ROWS_MAX
    work = 0
    for name in question.evidence:
        answers: list[Answer] = []
        for state in network.states[name]:
            work += 1
            if work > WORK_MAX:
                return
            answers.append(_answer(network, question.query, {name: state}, prior))
        yield from answers if every else [max(answers, key=lambda answer: answer[2])]


def _findings(network: Network, question: Asked) -> int:
    return sum(len(network.states[name]) for name in question.evidence)


def _answer(
    network: Network, query: str, given: Mapping[str, str], prior: tuple[float, ...]
) -> Answer:
    try:
        return _row(given, posterior(network, query, given), prior)
    except ImpossibleEvidenceError:
        return f"{_words(given)}: impossible", None, 0.0


def _row(given: Mapping[str, str], found: tuple[float, ...], prior: tuple[float, ...]) -> Answer:
    moved = max(abs(a - b) for a, b in zip(found, prior, strict=True))
    return _words(given), found, moved


def _words(given: Mapping[str, str]) -> str:
    return ", ".join(f"{name} = {state}" for name, state in given.items()) or "nothing known"
