"""The state of a task, as it stands in the store."""

import hashlib
from typing import Literal

import msgspec
from msgspec import Struct

from kumeo_runtime.parked import Answer, Task
from kumeo_runtime.prompts import shown

Status = Literal["open", "decided", "timeout", "withdrawn"]
CLAIMED = "claimed"
"""How an open task is called that somebody holds."""


class TaskState(Struct, omit_defaults=True):
    """A parked task, as JSON in the task stream. New fields have defaults: old states are read."""

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
    """When the timer fires."""
    answer: Answer | None = None
    holder: str = ""
    """Who has claimed it."""
    reminded: int = 0
    """The last attempt with a reminder."""
    steps: int = 0
    """How many entries the audit trail has."""
    trail: str = ""
    """SHA-256 of the last entry of the audit trail."""

    @property
    def label(self) -> str:
        """The status, or `claimed`."""
        return CLAIMED if self.status == "open" and self.holder else self.status


class Closed(Struct, frozen=True):
    """A decision that came too late, or for nothing."""

    code: str
    message: str


read_state = msgspec.json.Decoder(TaskState).decode


def text_of(task: Task) -> str:
    """Return what a person reads about a task, as text.

    >>> text_of(Task("s", instructions="Look.", data={"n": 1}))
    'Look.\\n\\n{"n": 1}'
    """
    if task.text:
        return task.text
    data = "" if task.data is None else shown(task.data)
    return "\n\n".join(part for part in (task.instructions, data) if part)


def shown_hash(task: Task) -> str:
    """Return the SHA-256 of everything that a task shows to whoever decides it."""
    parts = (task.title, text_of(task), task.data, task.edit, task.form, task.decisions)
    text = msgspec.json.encode(parts, order="deterministic")
    return hashlib.sha256(text).hexdigest()
