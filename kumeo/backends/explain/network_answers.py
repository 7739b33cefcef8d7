"""Sample answers of a network: what it says before any evidence and after one finding at a time.

They let a user who knows the field see whether the network says what it should. They are exact, and
computed by the plans that graphs are made of.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple, TypeAlias

import numpy as np

from kumeo.backends.explain.view import Section
from kumeo.models.elimination import plan
from kumeo.models.network import Network

ROWS_MAX = 30
"""With more findings than this, each variable shows only the one that changes most."""
STATES_MAX = 6
_EFFORTS = (0, 4)
"""Noisy orders that are tried: none is enough for a few rows, unless the answer costs too much."""

Chances = tuple[float, ...]
Tell: TypeAlias = Callable[[str], None]
"""Is told what is being worked out: a large network takes seconds."""


class Answer(NamedTuple):
    """A finding in words and the posterior: None when the finding is impossible or too costly."""

    finding: str
    chances: Chances | None

    def distance(self, prior: Chances) -> float:
        """Return how far the finding moves the answer."""
        if self.chances is None:
            return -1.0
        return max(abs(a - b) for a, b in zip(self.chances, prior, strict=True))


def sample_answers(network: Network, query: str, evidence: Sequence[str], tell: Tell) -> Section:
    """Return the posterior of the query without evidence and for single findings."""
    states = network.states[query]
    shown = range(min(len(states), STATES_MAX))
    every = sum(len(network.states[name]) for name in evidence) <= ROWS_MAX
    answers = list(_answers(network, query, evidence, every, tell))
    rows = tuple(
        (each.finding, *(None if each.chances is None else each.chances[i] for i in shown))
        for each in answers
    )
    notes = [f"the probability of each state of {query} when one thing is known"]
    if len(states) > STATES_MAX:
        notes.append(f"the first {STATES_MAX} of {len(states)} states")
    if not every:
        notes.append("of each variable, the finding that changes the answer most")
    columns = ("finding", *(states[i] for i in shown))
    return Section("answers", "sample answers", columns, rows, tuple(notes))


def _answers(
    network: Network, query: str, evidence: Sequence[str], every: bool, tell: Tell
) -> Iterator[Answer]:
    alone = _ask(network, query, None)
    if alone is None:
        yield Answer("too costly to ask", None)
        return
    prior = alone[0]
    yield Answer("nothing known", prior)
    for number, name in enumerate(evidence, 1):
        tell(f"sample answers: {number}/{len(evidence)} {name}")
        found = _ask(network, query, name)
        states = network.states[name]
        if found is None:
            yield Answer(f"{name}: too costly to ask", None)
            continue
        told = [_told(name, *pair) for pair in zip(states, found, strict=True)]
        yield from told if every else [max(told, key=lambda answer: answer.distance(prior or ()))]


def _told(name: str, state: str, chances: Chances | None) -> Answer:
    words = f"{name} = {state}"
    return Answer(words if chances is not None else f"{words}: impossible", chances)


def _ask(network: Network, query: str, name: str | None) -> list[Chances | None] | None:
    """Return the posterior for each state of a variable, or the one answer without evidence."""
    given = [] if name is None else [name]
    plans = (plan(network, query, given, effort=each) for each in _EFFORTS)
    found = next((each for each in plans if each.verdict != "fallback"), None)
    if found is None:
        return None
    count = 1 if name is None else len(network.states[name])
    rows = np.arange(count, dtype=np.int64)[:, None][:, : len(given)]
    chances, possible = found.run(rows)
    pairs = zip(chances.tolist(), possible.tolist(), strict=True)
    return [tuple(row) if is_possible else None for row, is_possible in pairs]
