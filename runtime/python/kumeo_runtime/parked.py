"""What is asked of people, and what comes back: messages that wait in the store for an answer."""

from typing import Any

from msgspec import Struct

from kumeo_runtime.ids import Path
from kumeo_runtime.spec import Edge
from kumeo_runtime.values import Failure


class Task(Struct, frozen=True, omit_defaults=True):
    """What a person is asked. It waits in the store and costs nothing."""

    site: str
    path: Path = ()
    title: str = ""
    text: str = ""
    form: Any = None
    """JSON schema of the fields to fill in, plain data."""
    decisions: tuple[str, ...] = ()
    assignees: tuple[str, ...] = ()
    timeout_s: float | None = None
    on_timeout: str = "fail"
    """`fail`, `escalate`, or the decision that holds when nobody answers."""
    escalate_to: tuple[str, ...] = ()
    attempts: int = 1
    """How often it is asked in all when nobody answers."""
    instructions: str = ""
    data: Any = None
    """What the person sees, as JSON data; then `text` is empty."""
    has_edit: bool = False
    edit: Any = None
    """The value that the person may change, as JSON data."""
    due_s: float | None = None
    """When it should be done, after it was asked; shown, without effect."""
    reminder_s: float | None = None
    """When whoever has it is reminded, after each time it is asked."""
    priority: int = 0
    """Higher ones come first."""


class Answer(Struct, frozen=True, omit_defaults=True):
    """What came back for a task: a decision, or nothing in time."""

    decision: str | None = None
    by: str = ""
    at: int = 0
    """Microseconds since 1970 UTC."""
    form: Any = None
    failure: Failure | None = None
    attempt: int = 1
    is_edited: bool = False
    value: Any = None
    """The value as the person left it, as JSON data, where there is one to edit."""


class Resume(Struct, array_like=True):
    """The body of a message that goes on with an answer."""

    answer: Answer
    body: bytes


NOBODY_ASKED = Answer(failure=Failure("no-answer", "nobody was asked"))


class Parked(Struct, frozen=True):
    """A message that waits for an answer."""

    edge: Edge
    body: bytes
    id: str
    task: Task
