"""What people do with tasks: claim, release, delegate, comment, decide, withdraw.

Each is optimistic: it names the revision that the person has seen, which is the sequence of the
state. If the task has changed since, nothing is done. Without a revision the newest state counts.
"""

from collections.abc import Callable
from itertools import islice
from typing import Any, NamedTuple

import msgspec

from kumeo_runtime.client import RuntimeClient
from kumeo_runtime.engine.letters import Letter
from kumeo_runtime.tasks.answers import Forms, Given
from kumeo_runtime.tasks.audit import Action, Change, Step, changes_between
from kumeo_runtime.tasks.people import People, Person
from kumeo_runtime.tasks.rules import Act, FieldError, Refusal, refused
from kumeo_runtime.tasks.state import TaskState
from kumeo_runtime.tasks.store import TaskStore

COMMENT_MAX = 4000
CHANGES_MAX = 200
"""Places of an edit that the trail names one by one; beyond, it names the whole value."""


class Current(NamedTuple):
    """A task as it is now."""

    state: TaskState
    revision: int


Make = Callable[[TaskState], Step]
"""Changes a state and returns the step."""


class Actions:
    """Steps of people, on the tasks of one workflow."""

    def __init__(
        self, client: RuntimeClient, people: People | None = None, *, via: str = "command"
    ) -> None:
        self._client = client
        self._people = people
        self._via = via
        self.store = TaskStore(client.shared)
        self.forms = Forms(client.workflow)

    async def find(self, task: str) -> Current | Refusal:
        """Return a task."""
        found = await self.store.find(task)
        return _unknown(task) if found is None else Current(*found)

    # -- steps
    async def claim(self, who: Person, task: str, revision: int | None = None) -> Current | Refusal:
        """Take a task: nobody else decides it then."""

        def make(state: TaskState) -> Step:
            step = self._step("claimed", who, state)
            state.holder = who.name
            return step

        return await self._act(who, "claim", task, revision, make)

    async def release(
        self, who: Person, task: str, revision: int | None = None, comment: str = ""
    ) -> Current | Refusal:
        """Give a task back to everybody whom it is for."""

        def make(state: TaskState) -> Step:
            step = self._step("released", who, state, comment)
            state.holder = ""
            return step

        return await self._act(who, "release", task, revision, make, comment)

    async def delegate(
        self,
        who: Person,
        task: str,
        to: str,
        revision: int | None = None,
        comment: str = "",
        *,
        is_group: bool = False,
    ) -> Current | Refusal:
        """Give a task to another person, who holds it then, or to a group.

        Where the people are known, they say what is a group.
        """
        if not to or (self._people is not None and not self._people.takes(to)):
            error = FieldError("to", "nobody of this name works on tasks")
            return Refusal("invalid", "the task cannot be delegated", (error,))
        holds = to in self._people.all if self._people is not None else not is_group

        def make(state: TaskState) -> Step:
            step = self._step("delegated", who, state, comment)
            state.assignees, state.holder = (to,), to if holds else ""
            return msgspec.structs.replace(step, to=(to,))

        return await self._act(who, "delegate", task, revision, make, comment)

    async def comment(
        self, who: Person, task: str, comment: str, revision: int | None = None
    ) -> Current | Refusal:
        """Write something into the trail."""
        if not comment.strip():
            error = FieldError("comment", "write something")
            return Refusal("invalid", "there is no comment", (error,))

        def make(state: TaskState) -> Step:
            return self._step("commented", who, state, comment)

        return await self._act(who, "comment", task, revision, make, comment)

    async def decide(
        self,
        who: Person,
        task: str,
        given: Given,
        revision: int | None = None,
        comment: str = "",
        *,
        claims: bool = False,
    ) -> Current | Refusal:
        """Decide a task; `claims` takes it before, if nobody has it."""
        while True:
            found = await self.store.find(task)
            if found is None:
                return _unknown(task)
            state, seq = found
            step = self._step("decided", who, state, comment)
            if claims and not state.holder and refused(who, "claim", state) is None:
                state.holder = who.name
            problem = _too_old(seq, revision) or refused(who, "decide", state)
            problem = problem or _too_long(comment)
            if problem is not None:
                return problem
            answer = self.forms.read(state.task, given, who.name, step.at_us)
            if isinstance(answer, list):
                return Refusal("invalid", "the answer does not fit", tuple(answer))
            if answer.is_edited:
                changes = _changes(state.task.edit, answer.value)
                step = msgspec.structs.replace(step, changes=changes)
            if await self.store.close(state, seq, answer, "decided", step):
                return await self.find(task)

    async def withdraw(
        self, who: Person, task: str, reason: str, revision: int | None = None
    ) -> Letter | Refusal:
        """End a task without an answer; its event becomes a dead letter."""
        if not reason.strip():
            return Refusal("invalid", "say why", (FieldError("reason", "write something"),))
        found = await self.find(task)
        if isinstance(found, Refusal):
            return found
        problem = _too_old(found.revision, revision) or refused(who, "withdraw", found.state)
        if problem is not None:
            return problem
        letter = await self._client.withdraw(task, reason, by=who.name)
        return letter if isinstance(letter, Letter) else Refusal("closed", letter.message)

    async def _act(
        self,
        who: Person,
        act: Act,
        task: str,
        revision: int | None,
        make: Make,
        comment: str = "",
    ) -> Current | Refusal:
        while True:
            found = await self.store.find(task)
            if found is None:
                return _unknown(task)
            state, seq = found
            problem = _too_old(seq, revision) or refused(who, act, state)
            problem = problem or _too_long(comment)
            if problem is not None:
                return problem
            step = make(state)
            if await self.store.move(state, seq, step):
                return await self.find(task)

    def _step(self, action: Action, who: Person, state: TaskState, comment: str = "") -> Step:
        now = self._client.shared.clock.now_us()
        return Step(action, who.name, now, state.label, comment=comment, via=self._via)


def _unknown(task: str) -> Refusal:
    return Refusal("unknown-task", f"there is no task {task}")


def _too_old(seq: int, revision: int | None) -> Refusal | None:
    if revision in (None, seq):
        return None
    return Refusal("stale", "the task has changed; look at it again", revision=seq)


def _too_long(comment: str) -> Refusal | None:
    if len(comment) <= COMMENT_MAX:
        return None
    error = FieldError("comment", f"write at most {COMMENT_MAX} characters")
    return Refusal("invalid", "the comment is too long", (error,))


def _changes(before: Any, after: Any) -> tuple[Change, ...]:
    found = tuple(islice(changes_between(before, after), CHANGES_MAX + 1))
    return found if len(found) <= CHANGES_MAX else (Change("", before, after),)
