"""What counts about a run, and how two runs may differ.

    messages   the multiset of (id, target, payload): equal
    reports    the multiset of (target or dead letters, code, message, event, agent): equal, but
               the agent may be another one that failed alike (see `blame_may_move`)
    order      for each key of a keyed source and each target, the ids in order: equal
    calls      the set of (event, agent id, iteration path, attempt): not more than before
    acts       the calls of agents that act: equal

Attempts are part of a call: a pass may not make an agent try more often either. Nothing that is
sent tells of a person who was asked in vain, so acts are compared for themselves.

The agent of a report is the site that is blamed for the failure. A pass may run one of two agents
that do the same work; their failure then names the one that runs.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from xdsl.dialects.builtin import ModuleOp

from kumeo.interp.oracle.events import Trial, object_in
from kumeo.interp.results import Called, Reported, Run, canonical_json, recordings_of
from kumeo.interp.run import run
from kumeo.interp.values import Failure, Path
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
    message: str
    event: str
    agent: str
    """The site of the agent that failed; empty for an operation on data."""
    payload: str = ""
    """The event that is told about, as JSON."""


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
    failed: Mapping[tuple[str, str], frozenset[tuple[str, str]]]
    """By event and site of each agent that ran: the codes and messages of the failures that follow
    from its inputs."""
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
        Counter(map(_report, done.reports)),
        _calls(done.calls),
        _calls([call for call in done.calls if call.acts]),
        _failures(done.calls),
        _orders(done, trial),
        {e.id: e.site for e in done.emitted} | {c.agent: c.site for c in done.calls},
        recordings_of(done),
    )


def blame_may_move(before: Observation, after: Observation, old: Report, new: Report) -> bool:
    """Return whether two reports differ only in the agent, because that was merged into another.

    It was if it does not run any more and if the other failed in the same way, before too. Answers
    from outside are no proof: that two of them are equal is chance.
    """
    if old._replace(agent=new.agent) != new or (new.event, old.agent) in after.failed:
        return False
    failure = (old.code, old.message)
    ran = [before.failed.get((new.event, agent), frozenset()) for agent in (old.agent, new.agent)]
    return all(failure in failures for failures in ran)


def _report(reported: Reported) -> Report:
    failure = reported.failure
    event, agent = reported.event.id, failure.agent or ""
    payload = canonical_json(reported.event.payload)
    return Report(reported.target, failure.code, failure.message, event, agent, payload)


def _failures(calls: Iterable[Called]) -> dict[tuple[str, str], frozenset[tuple[str, str]]]:
    found: dict[tuple[str, str], frozenset[tuple[str, str]]] = {}
    for call in calls:
        failure = call.outcome
        known = found.setdefault((call.event, call.site), frozenset())
        if isinstance(failure, Failure) and not call.given:
            found[call.event, call.site] = known | {(failure.code, failure.message)}
    return found


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
