"""Tasks that wait for a person or a time: parked in the store, one decision wins.

Park stores the state of the task and its timers together. A decision, or the timer, stores the new
state and the message that goes on together, and only if the state is still the one that was read.
"""

import asyncio
import base64
from datetime import UTC, datetime

from kumeo_runtime.meta import Meta
from kumeo_runtime.parked import Answer, Parked
from kumeo_runtime.tasks.audit import TIMER, WORKFLOW, Action, Step
from kumeo_runtime.tasks.state import Closed, Status, TaskState
from kumeo_runtime.tasks.store import TaskStore
from kumeo_runtime.transport.api import CREATE, Accepted, Outgoing, TransportError
from kumeo_runtime.values import Failure

HEADROOM = 16 * 1024
"""Bytes that a state may grow by until its task is done."""


class Parking(TaskStore):
    """Parks tasks, and does what a time asks for."""

    # -- park
    async def park(self, parked: Parked, meta: Meta | None) -> Failure | None:
        """Store a task unless it is there; a failure says that it can never be stored."""
        task, now = parked.task, self._now()
        state = TaskState(
            id=parked.id,
            edge=parked.edge.token,
            workflow=self._shared.workflow.name,
            source=meta.source if meta else "",
            event_id=meta.event if meta else "",
            now=meta.now if meta else now,
            asked_us=now,
            task=task,
            body=base64.b64encode(parked.body).decode(),
            assignees=task.assignees,
        )
        timers = self._timers(state)
        step = Step("asked", WORKFLOW, now, "", to=task.assignees, via="workflow")
        entry = self.entry(state, step)
        messages = [self.message(state, CREATE), entry, *timers]
        most = self._shared.transport.max_payload
        if len(messages[0].payload) + HEADROOM > most:
            return Failure("too-large", f"task {task.site}: it has more than {most} bytes")
        tries = 0
        while True:
            outcome = await self._shared.transport.publish_batch(messages)
            if isinstance(outcome, Accepted) or await self._is_parked(parked.id):
                self._shared.observer.count("tasks_parked")
                return None
            if outcome.reason in ("too-large", "invalid"):
                return Failure(outcome.reason, f"task {task.site}: {outcome.message}")
            self._shared.is_passing(outcome, messages[0])
            tries += 1
            await asyncio.sleep(self._shared.backoff(tries))

    async def _is_parked(self, task: str) -> bool:
        try:
            return await self.find(task) is not None
        except TransportError:
            return False

    # -- timers
    async def fire(self, task: str, attempt: int) -> None:
        """Nobody has answered in time: decide, ask somebody else, or fail."""
        while True:
            found = await self.find(task)
            if found is None or found[0].status != "open" or found[0].attempt != attempt:
                return
            if await self._time_out(*found):
                return

    async def remind(self, task: str, attempt: int) -> None:
        """Write down that whoever has the task is reminded; notifications go by the trail."""
        while True:
            found = await self.find(task)
            if found is None:
                return
            state, seq = found
            is_done = state.status != "open" or state.reminded >= attempt
            if is_done or state.attempt != attempt:
                return
            state.reminded = attempt
            to = (state.holder,) if state.holder else state.assignees
            if await self.move(state, seq, self._step("reminded", state.label, to)):
                return

    async def _time_out(self, state: TaskState, seq: int) -> bool:
        """Ask again while there are attempts, then somebody else; then `on_timeout` holds."""
        task, before = state.task, state.label
        is_passed_on = task.on_timeout == "escalate"
        if state.attempt >= task.attempts + is_passed_on:
            step = self._step("timed-out", before)
            return await self.close(state, seq, _unanswered(state), "timeout", step)
        state.attempt += 1
        state.holder = ""
        is_escalated = state.attempt > task.attempts
        if is_escalated and task.escalate_to:
            state.assignees = task.escalate_to
        action = "escalated" if is_escalated else "asked-again"
        timers = self._timers(state)
        return await self.move(state, seq, self._step(action, before, state.assignees), *timers)

    def _step(self, action: Action, before: str, to: tuple[str, ...] = ()) -> Step:
        return Step(action, TIMER, self._now(), before, to=to, via="timer")

    def _timers(self, state: TaskState) -> list[Outgoing]:
        """Return the schedules of an attempt, and write when time is up into the state."""
        task, now, found = state.task, self._now(), list[Outgoing]()
        if task.timeout_s is not None:
            state.due_us = now + int(task.timeout_s * 1e6)
            found.append(self._timer(state, str(state.attempt), state.due_us))
        if task.reminder_s is not None:
            at = now + int(task.reminder_s * 1e6)
            if state.due_us is None or at < state.due_us:
                found.append(self._timer(state, f"r{state.attempt}", at))
        return found

    def _timer(self, state: TaskState, name: str, at_us: int) -> Outgoing:
        headers = {
            "Nats-Schedule": f"@at {moment(at_us)}",
            "Nats-Schedule-Target": self._names.firing(state.id, name),
        }
        return Outgoing(self._names.schedule(state.id, name), b"", headers)


def _unanswered(state: TaskState) -> Answer:
    """Return what holds when nobody has answered any attempt."""
    task = state.task
    if task.on_timeout in ("fail", "escalate"):
        failure = Failure("timeout", "nobody answered in time", task.site)
        return Answer(at=state.now, failure=failure, attempt=state.attempt)
    return Answer(task.on_timeout, "timeout", state.now, attempt=state.attempt)


def moment(micros: int) -> str:
    """Return a moment as the server reads it.

    >>> moment(0)
    '1970-01-01T00:00:00.000000Z'
    """
    return datetime.fromtimestamp(micros / 1e6, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


__all__ = ["HEADROOM", "Closed", "Parking", "Status", "TaskState", "moment"]
