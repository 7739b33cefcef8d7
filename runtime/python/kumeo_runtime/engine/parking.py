"""Tasks that wait for a person or a time: parked in the store, one decision wins.

Park stores the state of the task and its timer together. A decision, or the timer, stores the new
state and the message that goes on together, and only if the state is still the one that was read.
"""

import asyncio
import base64
from datetime import UTC, datetime
from typing import Literal

import msgspec
from msgspec import Struct

from kumeo_runtime.activation import Answer, Parked, Resume, Task
from kumeo_runtime.engine.shared import Shared
from kumeo_runtime.meta import Meta
from kumeo_runtime.transport.api import CREATE, Accepted, Outgoing, Stored, TransportError
from kumeo_runtime.values import Failure, msgpack_encoder

Status = Literal["open", "decided", "timeout", "withdrawn"]
_encode = msgpack_encoder().encode


class TaskState(Struct, omit_defaults=True):
    """A parked task, as JSON in the task stream."""

    id: str
    edge: str
    workflow: str
    source: str
    event_id: str
    now: int
    """Time of the activation."""
    asked_us: int
    task: Task
    body: str
    """Base64 of the message that waits."""
    status: Status = "open"
    attempt: int = 1
    assignees: tuple[str, ...] = ()
    due_us: int | None = None
    answer: Answer | None = None


class Closed(Struct, frozen=True):
    """A decision that came too late, or for nothing."""

    code: str
    message: str


_read_state = msgspec.json.Decoder(TaskState).decode


class Parking:
    """Parks tasks and answers them."""

    def __init__(self, shared: Shared) -> None:
        self._shared = shared
        self._names = shared.names

    # -- park
    async def park(self, parked: Parked, meta: Meta | None) -> Failure | None:
        """Store a task unless it is there; a failure says that it can never be stored."""
        task, now = parked.task, self._shared.clock.now_us()
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
        timer = self._timer(state)
        messages = [self._state(state, CREATE), *timer]
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

    # -- answer
    async def find(self, task: str) -> tuple[TaskState, int] | None:
        """Return a task and the sequence of its state."""
        found = await self._shared.transport.get_last(self._names.tasks, self._names.task(task))
        return None if found is None else (_read_state(found.payload), found.seq)

    async def decide(self, task: str, answer: Answer) -> TaskState | Closed:
        """Answer a task; the first answer wins."""
        while True:
            found = await self.find(task)
            if found is None:
                return Closed("unknown-task", f"there is no task {task}")
            state, seq = found
            if state.status != "open" and state.answer == answer:
                return state
            if state.status != "open":
                return Closed("already-decided", f"task {task} is {state.status}")
            allowed = state.task.decisions
            if allowed and answer.decision not in allowed:
                text = f"`{answer.decision}` is none of {', '.join(allowed)}"
                return Closed("unknown-decision", text)
            if await self._close(state, seq, answer, "decided"):
                return state

    async def fire(self, task: str, attempt: int) -> None:
        """Nobody has answered in time: decide, ask somebody else, or fail."""
        while True:
            found = await self.find(task)
            if found is None or found[0].status != "open" or found[0].attempt != attempt:
                return
            if await self._time_out(*found):
                return

    async def _time_out(self, state: TaskState, seq: int) -> bool:
        """Ask again while there are attempts, then somebody else; then `on_timeout` holds."""
        task = state.task
        is_passed_on = task.on_timeout == "escalate"
        if state.attempt < task.attempts + is_passed_on:
            state.attempt += 1
            if state.attempt > task.attempts and task.escalate_to:
                state.assignees = task.escalate_to
            return await self._batch([*self._timer(state), self._state(state, seq)])
        return await self._close(state, seq, _unanswered(state), "timeout")

    async def _close(self, state: TaskState, seq: int, answer: Answer, status: Status) -> bool:
        state.status, state.answer = status, answer
        state.due_us = None
        body = _encode(Resume(answer, base64.b64decode(state.body)))
        resume = Outgoing(self._names.resume(state.edge, state.id), body, None, CREATE)
        if not await self._batch([self._state(state, seq), resume]):
            return False
        self._shared.observer.count(f"tasks_{status}")
        if status == "decided":  # a timer that has fired is gone
            await self._forget_timer(state)
        return True

    async def _batch(self, messages: list[Outgoing]) -> bool:
        outcome = await self._shared.transport.publish_batch(messages)
        if isinstance(outcome, Accepted):
            return True
        self._shared.is_passing(outcome, messages[0])
        await asyncio.sleep(self._shared.backoff(1))
        return False

    async def _forget_timer(self, state: TaskState) -> None:
        """Remove a timer that nobody needs; one that stays fires and finds the task closed."""
        try:
            subject = self._names.schedule(state.id, state.attempt)
            await self._shared.transport.purge(self._names.tasks, subject)
        except TransportError:
            self._shared.observer.count("timers_left")

    # -- messages
    def _state(self, state: TaskState, expect: int) -> Outgoing:
        return Outgoing(self._names.task(state.id), msgspec.json.encode(state), None, expect)

    def _timer(self, state: TaskState) -> list[Outgoing]:
        """Return the schedule that fires when time is up, and write the moment into the state."""
        if state.task.timeout_s is None:
            return []
        state.due_us = self._shared.clock.now_us() + int(state.task.timeout_s * 1e6)
        headers = {
            "Nats-Schedule": f"@at {moment(state.due_us)}",
            "Nats-Schedule-Target": self._names.firing(state.id, state.attempt),
        }
        subject = self._names.schedule(state.id, state.attempt)
        return [Outgoing(subject, b"", headers)]

    # -- for people
    async def list(self, only_open: bool = True, limit: int = 1000) -> list[TaskState]:
        """Return the tasks, oldest first."""
        states: dict[str, TaskState] = {}
        start = 1
        while True:
            page: list[Stored] = await self._shared.transport.read(
                self._names.tasks, self._names.task("*"), start, 256
            )
            for message in page:
                states[message.subject] = _read_state(message.payload)
            if len(page) < 256:
                break
            start = page[-1].seq + 1
        found = [s for s in states.values() if s.status == "open" or not only_open]
        return found[:limit]


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
