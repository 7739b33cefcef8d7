"""Diagnostics of tasks and of the people who work on them."""

from dataclasses import dataclass

from kumeo.diagnostics import Diagnostic
from kumeo.tools.store_errors import StoreDiagnostic


@dataclass(frozen=True)
class TaskRefused(Diagnostic):
    """A step of a task is not done: somebody else has it, or nobody does.

    Only who has a task decides it. A command line may take a task from somebody: release it first.

    Example::

        kumeo tasks decide flow.kumeo 5f0c approve --by ben     while ana has it

    Fix::

        kumeo tasks release flow.kumeo 5f0c --by max
    """

    code = "task-refused"
    title = "the task `{id}` stays as it is: {problem}"

    id: str
    problem: str

    def help(self) -> str | None:
        """Return what to do."""
        return "`kumeo tasks show` tells who has it; `kumeo tasks release` gives it back"


@dataclass(frozen=True)
class TrailBroken(Diagnostic):
    """Entries of the audit trail of a task are missing or were changed.

    Each entry names the SHA-256 of the one before it, and the task names the last one. Kumeo never
    removes or changes an entry, so somebody else has done it in the store.

    Example::

        nats stream rmm dev_flow_T 17, then kumeo tasks audit flow.kumeo 5f0c

    Fix::

        compare the trail with a copy of the stream
    """

    code = "trail-broken"
    title = "the audit trail of the task `{id}` is not whole"

    id: str

    def help(self) -> str | None:
        """Return what to do."""
        return "find out who may write to the stream of tasks, and restore it from a copy"


@dataclass(frozen=True)
class InvalidPeople(StoreDiagnostic):
    """A people file cannot be read or written, or does not say who may work on tasks.

    It is JSON: `{"people": [{"name": …, "groups": […], "roles": […], "token_sha256": …}]}`. Roles
    are `worker`, `manager` and `auditor`. A name stands there once, and no group has it.

    Example::

        {"people": [{"name": "ana", "roles": ["boss"]}]}

    Fix::

        kumeo people add people.json ana --role manager
    """

    code = "invalid-people"
