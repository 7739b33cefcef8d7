"""All tasks in memory, without what waits: lists are answered from here.

The store gives one message for each question, so a list is read once, and afterwards only what is
new. A closed task stays in the list for a while; whether it is still stored says the store.
"""

import asyncio
from collections.abc import Iterator
from typing import TypeAlias

import msgspec
from msgspec import Struct

from kumeo_runtime.engine.shared import Shared
from kumeo_runtime.parked import Answer
from kumeo_runtime.tasks.people import Person
from kumeo_runtime.tasks.rules import may_see
from kumeo_runtime.tasks.state import TaskState, read_state

PAGE = 256
CLOSED_MAX = 2000
"""Closed tasks that are kept."""
NEVER = 2**63 - 1
Order: TypeAlias = tuple[bool, int, int, int, str]
"""The place of a task in a list."""


class Listed(Struct, frozen=True):
    """A task in a list."""

    state: TaskState
    """Without the message that waits, the data and the answer's value."""
    revision: int


class Inbox:
    """The tasks of one workflow."""

    def __init__(self, shared: Shared) -> None:
        self._shared = shared
        self._names = shared.names
        self._tasks: dict[str, Listed] = {}
        self._last = 0
        self._created = ""
        self._lock = asyncio.Lock()

    async def refresh(self) -> None:
        """Read what is new. Raises: TransportError."""
        async with self._lock:
            info = await self._shared.transport.stream_info(self._names.tasks)
            if info is None or info.created != self._created or info.last_seq < self._last:
                self._tasks, self._last = {}, 0
                self._created = "" if info is None else info.created
            if info is not None and info.last_seq > self._last:
                await self._read(info.last_seq)

    async def _read(self, end: int) -> None:
        subject = self._names.task("*")
        while True:
            page = await self._shared.transport.read(
                self._names.tasks, subject, self._last + 1, PAGE
            )
            for message in page:
                state = read_state(message.payload)
                self._tasks.pop(state.id, None)
                self._tasks[state.id] = Listed(_light(state), message.seq)
            if len(page) < PAGE:
                break
            self._last = page[-1].seq
        self._last = max(end, page[-1].seq if page else 0)
        self._forget()

    def _forget(self) -> None:
        closed = [id for id, each in self._tasks.items() if each.state.status != "open"]
        for id in closed[: max(0, len(closed) - CLOSED_MAX)]:
            del self._tasks[id]

    def drop(self, task: str) -> None:
        """Forget a task that the store has not any more."""
        self._tasks.pop(task, None)

    def seen_by(self, person: Person) -> Iterator[Listed]:
        """Yield what somebody may see, in the order in which it should be done."""
        for each in sorted(self._tasks.values(), key=order_of):
            if may_see(person, each.state):
                yield each


def is_mine(person: Person, state: TaskState) -> bool:
    """Say whether somebody has an open task."""
    return state.status == "open" and state.holder == person.name


def matches(state: TaskState, words: str) -> bool:
    """Say whether a task holds all words, in what a list shows."""
    task = state.task
    shown = (state.id, state.event_id, state.source, task.title, task.instructions, task.site)
    text = " ".join((*shown, state.holder, *state.assignees)).casefold()
    return all(word in text for word in words.casefold().split())


def due_of(state: TaskState) -> int | None:
    """Return when a task should be done, in microseconds."""
    due_s = state.task.due_s
    return None if due_s is None else state.asked_us + int(due_s * 1e6)


def order_of(each: Listed) -> Order:
    """Open ones first; of these the most important, then the one that ends first."""
    state = each.state
    ends = [at for at in (due_of(state), state.due_us) if at is not None]
    soonest = min(ends, default=NEVER)
    return state.status != "open", -state.task.priority, soonest, state.asked_us, state.id


def _light(state: TaskState) -> TaskState:
    """Return a state without what lists do not show: it may be large."""
    replace = msgspec.structs.replace
    task = replace(state.task, data=None, edit=None, form=None, text="")
    answer = state.answer
    small = None if answer is None else Answer(answer.decision, answer.by, answer.at)
    return replace(state, body="", task=task, answer=small)
