"""`reduce_trial`: the smallest trial, by trying, on which two modules still differ.

Events are dropped first, then the world is made plain, then payloads are simplified: fields are
dropped, lists are cut, numbers and texts become short ones. Every step is kept only if the
difference stays. The result is the same on every run, and no more than `TRIES_MAX` runs are made.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

from kumeo.interp.oracle.events import Trial
from kumeo.interp.world import World

TRIES_MAX = 300

Differs = Callable[[Trial], bool]


@dataclass
class _Reducer:
    """Owns the best trial so far."""

    trial: Trial
    differs: Differs
    tries: int = TRIES_MAX

    def accept(self, candidate: Trial) -> bool:
        """Keep a candidate if it still differs."""
        if self.tries <= 0:
            return False
        self.tries -= 1
        if not self.differs(candidate):
            return False
        self.trial = candidate
        return True


def reduce_trial(trial: Trial, differs: Differs) -> Trial:
    """Return a small trial for which `differs` holds, as it does for `trial`."""
    reducer = _Reducer(trial, differs)
    _drop_events(reducer)
    _simplify_world(reducer)
    for index in range(len(reducer.trial.events)):
        _simplify_payload(reducer, index)
    return reducer.trial


def _drop_events(reducer: _Reducer) -> None:
    """Try each event alone, then drop them one by one."""
    events = reducer.trial.events
    if any(reducer.accept(replace(reducer.trial, events=(event,))) for event in events):
        return
    for index in reversed(range(len(events))):
        kept = reducer.trial.events
        reducer.accept(replace(reducer.trial, events=(*kept[:index], *kept[index + 1 :])))


def _simplify_world(reducer: _Reducer) -> None:
    plain: tuple[dict[str, Any], ...] = (
        {"fail_one_in": 0},
        {"fail_work_one_in": 0},
        {"config_changes": {}},
        {"times": {}},
        {"seed": 0},
    )
    for change in plain:
        world: World = replace(reducer.trial.world, **change)
        if world != reducer.trial.world:
            reducer.accept(replace(reducer.trial, world=world))


def _simplify_payload(reducer: _Reducer, index: int) -> None:
    """Take the first simpler payload that differs, until none does."""
    progress = True
    while progress:
        payload = reducer.trial.events[index].payload
        progress = any(_try_payload(reducer, index, simpler) for simpler in simpler_data(payload))


def _try_payload(reducer: _Reducer, index: int, payload: Any) -> bool:
    trial = reducer.trial
    events = list(trial.events)
    old = events[index]
    events = [replace(e, payload=payload) if e == old else e for e in events]
    return reducer.accept(replace(trial, events=tuple(events)))


def simpler_data(data: Any) -> Iterator[Any]:
    """Yield JSON data that is simpler than `data`, the simplest first. Chains of it end."""
    match data:
        case bool():
            yield from (False,) if data else ()
        case int() | float():
            yield from _simpler_numbers(data)
        case str():
            yield from (text for text in ("", "a") if len(text) < len(data))
        case list():
            yield from _simpler_list(cast(Sequence[Any], data))
        case dict():
            yield from _simpler_object(cast(Mapping[str, Any], data))
        case _:
            return


def _simpler_numbers(number: float) -> Iterator[float]:
    kind = type(number)
    yield from (kind(n) for n in (0, 1, 2) if abs(n) < abs(number))


def _simpler_list(items: Sequence[Any]) -> Iterator[Any]:
    if items:
        yield []
    for index in range(len(items)) if len(items) > 1 else ():
        yield [*items[:index], *items[index + 1 :]]
    for index, item in enumerate(items):
        for simpler in simpler_data(item):
            yield [*items[:index], simpler, *items[index + 1 :]]


def _simpler_object(entries: Mapping[str, Any]) -> Iterator[Any]:
    for key in entries:
        yield {k: v for k, v in entries.items() if k != key}
    for key, value in entries.items():
        for simpler in simpler_data(value):
            yield {k: simpler if k == key else v for k, v in entries.items()}
