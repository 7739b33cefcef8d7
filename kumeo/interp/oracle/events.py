"""Trials: the events and the world on which two modules are compared.

A trial is made from one module and used for both. Everything in it follows from the seed. Most
events are valid; a few have a wrong payload, because a pass may not change what is reported about
them, and a few come twice. Dynamic configuration changes between events. Answers of agents come
from stubs by place; in most trials some attempts fail.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Operation

from kumeo.dialects.workflow import ConfigOp, SourceOp, WorkflowOp
from kumeo.interp.oracle.palette import palette_of
from kumeo.interp.oracle.payloads import Payloads
from kumeo.interp.stages import bodies_of, sources_of
from kumeo.interp.world import Event, World

FAIL_ONE_IN = (3, 6, 0)
"""How often attempts fail, by the number of the trial and the seed; 0 is never."""
_INVALID, _AGAIN, _CHANGE = 0.05, 0.08, 0.3
_START_US = 1_767_225_600_000_000


@dataclass(frozen=True)
class Trial:
    """One run that two modules have to do alike."""

    workflow: str
    events: tuple[Event, ...]
    world: World
    keys: tuple[tuple[str, str], ...] = ()
    """For each source with a key: its name and the field that is the key."""


def make_trials(
    module: ModuleOp, events: int = 8, seed: int = 0, count: int = 3
) -> tuple[Trial, ...]:
    """Return `count` trials of `events` events for each workflow of a module."""
    palette, shared = palette_of(module), list(module.ops)
    trials: list[Trial] = []
    for workflow in module.ops:
        if not isinstance(workflow, WorkflowOp):
            continue
        for number in range(count):
            rng = random.Random(f"{seed}/{workflow.symbol}/{number}")
            payloads = Payloads(palette, rng)
            # The first trial of every third seed has no failures, and so on.
            how = (number + seed) % len(FAIL_ONE_IN)
            trials.append(_Maker(workflow, shared, payloads, rng).trial(events, FAIL_ONE_IN[how]))
    return tuple(trials)


def object_in(payload: Any) -> Mapping[str, Any]:
    """Return a payload that is an object; anything else has no fields."""
    return cast(Mapping[str, Any], payload) if isinstance(payload, dict) else {}


class _Maker:
    """Makes the trials of one workflow."""

    def __init__(
        self,
        workflow: WorkflowOp,
        shared: Sequence[Operation],
        payloads: Payloads,
        rng: random.Random,
    ) -> None:
        ops: list[Operation] = list(workflow.body.block.ops)
        read = {name for body in bodies_of(workflow) for name in sources_of(body)}
        self.name = workflow.symbol
        self.sources = [op for op in ops if isinstance(op, SourceOp) and op.symbol in read]
        configs = [op for op in (*ops, *shared) if isinstance(op, ConfigOp)]
        self.dynamic = list({op.symbol: op for op in reversed(configs) if op.is_dynamic}.values())
        self.payloads = payloads
        self.rng = rng

    def trial(self, count: int, fail_one_in: int) -> Trial:
        """Return one trial of `count` events."""
        events = self._events(count) if self.sources else []
        times = {e.id: _START_US + i * self.rng.randrange(1, 10**9) for i, e in enumerate(events)}
        world = World(
            now_us=_START_US,
            times=times,
            config_changes=self._changes(events),
            seed=self.rng.randrange(1000),
            fail_one_in=fail_one_in,
            fail_work_one_in=fail_one_in,
            trace="none",
        )
        keys = tuple((s.symbol, s.key.data) for s in self.sources if s.key is not None)
        return Trial(self.name, tuple(events), world, keys)

    def _events(self, count: int) -> list[Event]:
        events: list[Event] = []
        for index in range(count):
            if events and self.rng.random() < _AGAIN:
                events.append(self.rng.choice(events))
                continue
            source = self.rng.choice(self.sources)
            events.append(Event(f"e{index}", source.symbol, self._payload(source)))
        return events

    def _payload(self, source: SourceOp) -> Any:
        payload = self.payloads.value(source.payload)
        if self.rng.random() >= _INVALID:
            return payload
        fields = object_in(payload)
        if fields and self.rng.random() < 0.7:
            return {**fields, self.rng.choice(sorted(fields)): ["wrong"]}
        return ["wrong"]

    def _changes(self, events: list[Event]) -> dict[str, dict[str, Any]]:
        changes: dict[str, dict[str, Any]] = {}
        for event in events:
            changed = [op for op in self.dynamic if self.rng.random() < _CHANGE]
            if changed:
                changes[event.id] = {op.symbol: self.payloads.value(op.type) for op in changed}
        return changes
