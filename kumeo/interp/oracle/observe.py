"""What counts about a run, and how two runs may differ.

    messages   the multiset of (id, target, payload): equal
    reports    the multiset of (target or dead letters, code, event): equal
    order      for each key of a keyed source and each target, the ids in order: equal
    calls      the set of (event, agent id, iteration path, attempt): not more than before
    acts       the calls of agents that act: equal

Attempts are part of a call: a pass may not make an agent try more often either. Nothing that is
sent tells of a person who was asked in vain, so acts are compared for themselves.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from xdsl.dialects.builtin import ModuleOp

from kumeo.interp.oracle.events import Trial, object_in
from kumeo.interp.results import Called, Run, canonical_json, recordings_of
from kumeo.interp.run import run
from kumeo.interp.values import Path
from kumeo.interp.world import CallKey


class Message(NamedTuple):
    """A message that was sent, as far as it counts."""

    id: str
    target: str
    payload: str


class Report(NamedTuple):
    """A failure that somebody observed, as far as it counts."""

    target: str | None
    code: str
    event: str


class Call(NamedTuple):
    """An attempt of an agent, as far as it counts."""

    event: str
    agent: str
    path: Path
    attempt: int


@dataclass(frozen=True)
class Observation:
    """What counts about one run."""

    messages: Counter[Message]
    reports: Counter[Report]
    calls: frozenset[Call]
    acts: frozenset[Call]
    orders: Mapping[tuple[str, str], tuple[str, ...]]
    """Ids of messages by key and target."""
    sites: Mapping[str, str]
    """Where a message came from and where a call was made, by id or by agent."""
    journal: Mapping[CallKey, Any]
    """The answers from outside."""


def observe(module: ModuleOp, trial: Trial) -> Observation:
    """Run a module on a trial."""
    done = run(module, trial.workflow, trial.events, trial.world)
    messages = [Message(e.id, e.target, canonical_json(e.payload)) for e in done.emitted]
    return Observation(
        Counter(messages),
        Counter(Report(r.target, r.failure.code, r.event.id) for r in done.reports),
        _calls(done.calls),
        _calls([call for call in done.calls if call.acts]),
        _orders(done, trial),
        {e.id: e.site for e in done.emitted} | {c.agent: c.site for c in done.calls},
        recordings_of(done),
    )


def _calls(calls: Iterable[Called]) -> frozenset[Call]:
    return frozenset(Call(c.event, c.agent, c.path, c.attempt) for c in calls)


def _orders(done: Run, trial: Trial) -> dict[tuple[str, str], tuple[str, ...]]:
    """Return the ids of the messages of each key and target in order of sending."""
    if not trial.keys:
        return {}
    fields = dict(trial.keys)
    keys = {
        event.id: canonical_json([event.source, object_in(event.payload).get(fields[event.source])])
        for event in trial.events
        if event.source in fields
    }
    orders: dict[tuple[str, str], tuple[str, ...]] = {}
    for sent in done.emitted:
        key = keys.get(sent.event)
        if key is not None:
            orders[key, sent.target] = (*orders.get((key, sent.target), ()), sent.id)
    return orders
