"""Who may do what with a task: one table, asked before every step and for every list."""

from collections.abc import Callable
from typing import Literal

from msgspec import Struct

from kumeo_runtime.tasks.people import Person
from kumeo_runtime.tasks.state import TaskState

Act = Literal["claim", "release", "delegate", "comment", "decide", "withdraw"]


class FieldError(Struct, frozen=True):
    """What is wrong with a field that somebody has filled in."""

    field: str
    message: str


class Refusal(Struct, frozen=True):
    """Why a step is not done."""

    code: Literal[
        "unknown-task",
        "stale",
        "closed",
        "forbidden",
        "held",
        "not-held",
        "invalid",
    ]
    message: str
    errors: tuple[FieldError, ...] = ()
    revision: int | None = None
    """The revision that is there now."""


def may_see(person: Person, state: TaskState) -> bool:
    """Say whether a task is in the lists of somebody."""
    if person.has("manager") or person.has("auditor"):
        return True
    if not person.has("worker"):
        return False
    decided = state.answer.by if state.answer is not None else ""
    return person.is_among(state.assignees) or person.name in (state.holder, decided)


def may_see_trail(person: Person, state: TaskState | None) -> bool:
    """Say whether somebody may read what was done; of tasks that have gone, only who sees all."""
    if state is None:
        return person.has("manager") or person.has("auditor")
    return may_see(person, state)


def refused(person: Person, act: Act, state: TaskState) -> Refusal | None:
    """Return why somebody may not do something with a task, or None."""
    if not person.may_work or not may_see(person, state):
        return Refusal("forbidden", f"{person.name} has no right to {act} this task")
    if state.status != "open" and act != "comment":
        return Refusal("closed", f"the task is {state.status} already")
    return _RULES[act](person, state)


def allowed(person: Person, state: TaskState) -> tuple[Act, ...]:
    """Return what somebody may do with a task now."""
    return tuple(act for act in _RULES if refused(person, act, state) is None)


def _claim(person: Person, state: TaskState) -> Refusal | None:
    if state.holder and state.holder != person.name:
        return Refusal("held", f"{state.holder} has the task")
    if not person.is_among(state.assignees):
        return Refusal("forbidden", "the task is for somebody else; delegate it first")
    return None


def _hand_over(person: Person, state: TaskState) -> Refusal | None:
    if person.has("manager") or state.holder == person.name:
        return None
    who = f"{state.holder} has the task" if state.holder else "claim the task first"
    return Refusal("held" if state.holder else "not-held", who)


def _release(person: Person, state: TaskState) -> Refusal | None:
    if not state.holder:
        return Refusal("not-held", "nobody has the task")
    return _hand_over(person, state)


def _decide(person: Person, state: TaskState) -> Refusal | None:
    if state.holder == person.name:
        return None
    if state.holder:
        return Refusal("held", f"{state.holder} has the task")
    return Refusal("not-held", "claim the task before you decide it")


def _comment(person: Person, state: TaskState) -> Refusal | None:
    return None


def _withdraw(person: Person, state: TaskState) -> Refusal | None:
    if person.has("manager"):
        return None
    return Refusal("forbidden", "only managers withdraw tasks")


_RULES: dict[Act, Callable[[Person, TaskState], Refusal | None]] = {
    "claim": _claim,
    "release": _release,
    "delegate": _hand_over,
    "comment": _comment,
    "decide": _decide,
    "withdraw": _withdraw,
}
