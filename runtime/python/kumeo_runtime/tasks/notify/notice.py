"""What people are told: who should look at which task, and where. Never what the task shows."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple
from urllib.parse import quote

from kumeo_runtime.moments import text_of
from kumeo_runtime.tasks.audit import Entry
from kumeo_runtime.tasks.state import TaskState

Addresses = Callable[[Sequence[str]], Sequence[str]]
"""Returns the e-mail addresses of people and groups."""
_SAID = {
    "asked": "waits for a decision",
    "asked-again": "still waits for a decision",
    "reminded": "still waits for a decision",
    "escalated": "was passed on to you",
    "delegated": "was given to you",
}


class Notice(NamedTuple):
    """One thing to tell."""

    key: str
    """Equal for a notice that is sent again."""
    action: str
    task: str
    workflow: str
    title: str
    who: tuple[str, ...]
    """People and groups that it is for."""
    due: str | None
    link: str | None

    def data(self) -> dict[str, Any]:
        """Return the body of a webhook."""
        return {**self._asdict(), "who": list(self.who), "text": self.text()}

    def text(self) -> str:
        """Return one line for people."""
        return f"{self.title} {_SAID[self.action]}"

    def body(self) -> str:
        """Return the text of an e-mail."""
        due = f"Decide until {self.due}.\n" if self.due else ""
        where = f"\n{self.link}\n" if self.link else ""
        return f"{self.text()}.\n{due}{where}\nWorkflow {self.workflow}, task {self.task}.\n"


def notice_of(entry: Entry, state: TaskState, link: str | None) -> Notice:
    """Return what to tell about a step of a task that is still open."""
    holder = (state.holder,) if state.holder else state.assignees
    address = None if link is None else f"{link.rstrip('/')}/#task={quote(state.id)}"
    return Notice(
        key=f"{state.id}-{entry.number}",
        action=entry.action,
        task=state.id,
        workflow=state.workflow,
        title=" ".join((state.task.title or state.task.site).split()),
        who=entry.to or holder,
        due=None if state.due_us is None else text_of(state.due_us),
        link=address,
    )
