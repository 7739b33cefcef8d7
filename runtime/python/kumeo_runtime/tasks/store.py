"""Tasks in the store: reading them, and writing a step.

A step is one atomic batch: the new state, its entry in the audit trail, and what goes on. It is
stored only if the state is still the one that was read.
"""

import asyncio
import base64
import sys

import msgspec

from kumeo_runtime.engine.shared import EngineError, Shared
from kumeo_runtime.parked import Answer, Resume, Task
from kumeo_runtime.tasks.audit import Step, Trail, entry_of, trail_of
from kumeo_runtime.tasks.state import Closed, Status, TaskState, read_state
from kumeo_runtime.transport.api import CREATE, Accepted, Outgoing, Stored, TransportError
from kumeo_runtime.values import msgpack_encoder

_encode = msgpack_encoder().encode
PAGE = 256


class TaskStore:
    """The tasks of one workflow."""

    def __init__(self, shared: Shared) -> None:
        self._shared = shared
        self._names = shared.names

    # -- reading
    async def find(self, task: str) -> tuple[TaskState, int] | None:
        """Return a task and the sequence of its state."""
        found = await self._shared.transport.get_last(self._names.tasks, self._names.task(task))
        return None if found is None else (read_state(found.payload), found.seq)

    async def trail(self, task: str) -> Trail:
        """Return what was done with a task; also of one that is not there any more."""
        messages = await self._all(self._names.audit(task))
        found = await self.find(task)
        last = found[0].trail if found is not None else None
        return trail_of([message.payload for message in messages], last or None)

    async def trails(self) -> "dict[str, Trail]":
        """Return the trails of all tasks, in the order in which they were asked."""
        payloads: dict[str, list[bytes]] = {}
        for message in await self._all(self._names.audit("*")):
            payloads.setdefault(message.subject.rsplit(".", 1)[1], []).append(message.payload)
        states = {state.id: state for state in await self.list(only_open=False, limit=sys.maxsize)}
        lasts = {id: states[id].trail or None if id in states else None for id in payloads}
        return {id: trail_of(found, lasts[id]) for id, found in payloads.items()}

    async def _all(self, subject: str) -> list[Stored]:
        found: list[Stored] = []
        while True:
            start = found[-1].seq + 1 if found else 1
            page = await self._shared.transport.read(self._names.tasks, subject, start, PAGE)
            found += page
            if len(page) < PAGE:
                return found

    # -- writing
    async def decide(self, task: str, answer: Answer, via: str = "") -> TaskState | Closed:
        """Answer a task, whoever holds it; the first answer wins."""
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
            step = Step("decided", answer.by, self._now(), state.label, via=via)
            if await self.close(state, seq, answer, "decided", step):
                return state

    async def close(
        self, state: TaskState, seq: int, answer: Answer, status: Status, step: Step
    ) -> bool:
        """End a task, and let its message go on with the answer."""
        state.status, state.answer = status, answer
        state.due_us = None
        step = msgspec.structs.replace(step, decision=answer.decision, form=answer.form)
        body = _encode(Resume(with_value(answer, state.task), base64.b64decode(state.body)))
        resume = Outgoing(self._names.resume(state.edge, state.id), body, None, CREATE)
        if not await self.move(state, seq, step, resume):
            return False
        self._shared.observer.count(f"tasks_{status}")
        if status == "decided":  # a timer that has fired is gone
            await self.forget_timers(state)
        return True

    async def move(self, state: TaskState, seq: int, step: Step, *more: Outgoing) -> bool:
        """Store a new state with the entry of its step; False when somebody else was faster."""
        entry = self.entry(state, step)
        if await self._batch([self.message(state, seq), entry, *more]):
            return True
        found = await self.find(state.id)
        return found is not None and found[0].trail == state.trail

    def entry(self, state: TaskState, step: Step) -> Outgoing:
        """Return the entry of a step; it comes before the state, which names it."""
        return Outgoing(self._names.audit(state.id), entry_of(state, step))

    def message(self, state: TaskState, expect: int) -> Outgoing:
        """Return a state as it is stored."""
        return Outgoing(self._names.task(state.id), msgspec.json.encode(state), None, expect)

    async def _batch(self, messages: list[Outgoing]) -> bool:
        outcome = await self._shared.transport.publish_batch(messages)
        if isinstance(outcome, Accepted):
            return True
        if outcome.reason in ("too-large", "invalid", "denied"):
            self._shared.is_passing(outcome, messages[0])
            problem = f"the task cannot be changed: {outcome.message}"
            raise EngineError(outcome.reason, problem, "enter less, or look at the server")
        self._shared.is_passing(outcome, messages[0])
        await asyncio.sleep(self._shared.backoff(1))
        return False

    async def forget_timers(self, state: TaskState) -> None:
        """Remove timers that nobody needs; one that stays fires and finds the task closed."""
        try:
            subject = self._names.schedule(state.id, "*")
            await self._shared.transport.purge(self._names.tasks, subject)
        except TransportError:
            self._shared.observer.count("timers_left")

    def _now(self) -> int:
        return self._shared.clock.now_us()

    async def list(self, only_open: bool = True, limit: int = 1000) -> list[TaskState]:
        """Return the tasks, oldest first."""
        states: dict[str, TaskState] = {}
        for message in await self._all(self._names.task("*")):
            states[message.subject] = read_state(message.payload)
        found = [s for s in states.values() if s.status == "open" or not only_open]
        return found[:limit]


def with_value(answer: Answer, task: Task) -> Answer:
    """Return an answer with the value of the task, unless somebody has changed it."""
    if answer.is_edited or not task.has_edit:
        return answer
    return msgspec.structs.replace(answer, value=task.edit)
