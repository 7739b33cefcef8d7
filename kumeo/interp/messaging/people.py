"""Parked tasks: people who answer, and timers that fire, sometimes at the same moment.

Parking creates the task and its timer together. Whoever answers changes the task and stores the
message that goes on together, and only if the task is still as it was read.
"""

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from xdsl.dialects.builtin import IntegerAttr
from xdsl.ir import BlockArgument

from kumeo.dialects.agent import AgentOp, ReviewOp
from kumeo.dialects.settings import from_setting
from kumeo.interp.messaging.activations import Meta
from kumeo.interp.messaging.clock import TIMEOUT, Effects
from kumeo.interp.messaging.server import CONFLICT, OK
from kumeo.interp.messaging.wire import Body
from kumeo.interp.reviews import TIMEOUT as NOBODY
from kumeo.interp.stages import Way
from kumeo.interp.values import Failure, Value
from kumeo.interp.world import CallKey

if TYPE_CHECKING:
    from kumeo.interp.messaging.jobs import Job
    from kumeo.interp.messaging.simulation import Simulation

DUE_MS = 1_500
RETRY_MS = 60


@dataclass(frozen=True)
class Parked:
    """A task."""

    id: str
    edge: str
    meta: Meta
    body: Body
    is_open: bool = True
    attempt: int = 1
    answers: dict[int, Value] = field(default_factory=dict[int, Value])

    def message(self) -> tuple[str, str, tuple[Meta, Body, dict[int, Value]]]:
        """Return the message that goes on."""
        return self.edge, self.id, (self.meta, self.body, self.answers)


class People:
    """Everybody who answers tasks."""

    def __init__(self, sim: "Simulation") -> None:
        self.sim = sim
        self.asked: list[Parked] = []
        """The tasks that were created, in order."""
        self.resumed: list[str] = []
        """The tasks that went on."""

    def park(self, job: "Job", way: Way, name: str, meta: Meta, body: Body) -> Effects:
        """Store a task unless it is there. A task whose question is a failure is answered."""
        rules = self.sim.rules
        id = f"{name}/{way.target}" + ("" if rules.park_once else f"/{self.sim.clock.now}")
        parked = Parked(id, way.target, meta, body)
        op = self._agent(way.target)
        is_cancelled = op is None or _is_failing(op, way.values)
        while True:
            job.check()
            answer = yield (self._skip if is_cancelled else self._create, parked)
            if answer in (OK, CONFLICT):
                return
            yield RETRY_MS

    def _agent(self, edge: str) -> AgentOp | None:
        sim = self.sim
        return sim.prepared.handlers[sim.prepared.readers[edge]].answered

    def _create(self, parked: Parked) -> str:
        """Store a new task and its timer."""
        answer = self.sim.server.batch([(("task", parked.id), parked, 0)])
        if answer == OK:
            self.asked.append(parked)
            clock, rng = self.sim.clock, self.sim.rng
            due = DUE_MS if self._has_timer(parked) else None
            delay = rng.randrange(50, 1_000)
            if due is not None and rng.random() < 0.7:
                delay = max(due + rng.randrange(-20, 20), 1) if rng.random() < 0.7 else 4 * due
            clock.spawn(None, self._decide(parked.id, delay))
            if due is not None:
                clock.spawn(None, self._fire(parked.id, due))
        return answer

    def _skip(self, parked: Parked) -> str:
        """Store a task that nobody needs to answer, and what goes on."""
        closed = replace(parked, is_open=False)
        return self.sim.server.batch([(("task", closed.id), closed, 0)], closed.message())

    def _has_timer(self, parked: Parked) -> bool:
        op = self._agent(parked.edge)
        return isinstance(op, ReviewOp) and isinstance(
            op.settings.data.get("timeout_us"), IntegerAttr
        )

    def _decide(self, id: str, delay: int) -> Effects:
        """A person answers after a while."""
        yield delay
        while True:
            record = yield (self.sim.server.get, ("task", id))
            if record == TIMEOUT:
                yield RETRY_MS
                continue
            task: Parked = record.value
            if not task.is_open and self.sim.rules.resume_cas:
                return
            op = self._agent(task.edge)
            assert op is not None, "a task has an agent"
            key = CallKey(task.meta.event.id, op.site, (), task.attempt)
            value = self.sim.value_for(op, key)
            answers = {**task.answers, task.attempt: value}
            if (yield from self._close(task, record.revision, answers, "person")):
                return

    def _fire(self, id: str, due: int) -> Effects:
        """Nobody has answered in time: ask again, or give up."""
        yield due
        while True:
            record = yield (self.sim.server.get, ("task", id))
            if record == TIMEOUT:
                yield RETRY_MS
                continue
            task: Parked = record.value
            if not task.is_open and self.sim.rules.resume_cas:
                return
            op = self._agent(task.edge)
            assert isinstance(op, ReviewOp), "only reviews have timers"
            late = Failure(NOBODY, "nobody answered in time", op.site)
            answers = {**task.answers, task.attempt: late}
            if task.attempt < _attempts(op) and task.is_open:
                again = replace(task, attempt=task.attempt + 1, answers=answers)
                puts = [(("task", id), again, record.revision)]
                answer = yield (self.sim.server.batch, puts)
                if answer == OK:
                    yield DUE_MS
            elif (yield from self._close(task, record.revision, answers, "timer")):
                return

    def _close(self, task: Parked, revision: int, answers: dict[int, Value], who: str) -> Effects:
        closed = replace(task, is_open=False, answers=answers)
        cas, id = self.sim.rules.resume_cas, task.id
        resume = (task.edge, id if cas else f"{id}/{who}", (task.meta, task.body, answers))
        puts = [(("task", id), closed, revision if cas else None)]
        answer = yield (self._resume, puts, resume)
        return answer == OK

    def _resume(self, puts: Any, resume: Any) -> str:
        answer = self.sim.server.batch(puts, resume)
        if answer == OK:
            self.resumed.append(puts[0][1].id)
        return answer


def _is_failing(op: AgentOp, values: list[Value]) -> bool:
    """Say whether a task shows, or lets somebody change, a failure in the message."""
    shown = [v for v in op.operands if isinstance(v, BlockArgument)]
    return any(isinstance(values[value.index], Failure) for value in shown)


def _attempts(op: ReviewOp) -> int:
    """Return how often is asked in all."""
    attempts = 1 if op.policy is None else op.policy.attempts
    setting = op.settings.data.get("on_timeout")
    escalates = setting is not None and from_setting(setting) == "escalate"
    return attempts + escalates
