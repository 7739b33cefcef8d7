"""Diagnostics of the commands that build, run and look at workflows."""

from dataclasses import dataclass
from typing import ClassVar

from kumeo.diagnostics import Diagnostic, Severity


@dataclass(frozen=True)
class ForeignFolder(Diagnostic):
    """`kumeo build` is to write into a folder with files that it did not make.

    Kumeo remembers what it wrote in `.kumeo-build.json`. A folder without that file may hold
    anything, so nothing in it is touched.

    Example::

        kumeo build flow.kumeo -o src

    Fix::

        kumeo build flow.kumeo -o build/flow
    """

    code = "foreign-folder"
    title = "the folder `{path}` holds files that Kumeo did not make"

    path: str

    def help(self) -> str | None:
        """Return what to do."""
        return "name a new folder, or add `--force` to write beside what is there"


@dataclass(frozen=True)
class FileChangedByHand(Diagnostic):
    """A file that `kumeo build` is to replace was changed, or made, by somebody else.

    Generated files are replaced by every build, so changes do not belong there.

    Example::

        edit build/flow/flow/agents.py, then kumeo build flow.kumeo -o build/flow

    Fix::

        kumeo build flow.kumeo -o build/flow --force
    """

    code = "file-changed-by-hand"
    title = "`{path}` was changed since Kumeo wrote it"

    path: str

    def help(self) -> str | None:
        """Return what to do."""
        return "move the change to the `.kumeo` file or to a Python agent, then add `--force`"


@dataclass(frozen=True)
class AlreadyRunning(Diagnostic):
    """Another `kumeo run` has this workflow, with the same state folder.

    Two of them would share the work, and the second would seem to do half of it.

    Example::

        kumeo run flow.kumeo & kumeo run flow.kumeo

    Fix::

        kumeo publish flow.kumeo orders event.json
    """

    code = "already-running"
    title = "the workflow `{name}` runs already{who}"

    name: str
    who: str = ""

    def help(self) -> str | None:
        """Return what to do."""
        return "send it events by `kumeo publish`, end it, or give this run a `--state DIR`"


@dataclass(frozen=True)
class NotBuilt(Diagnostic):
    """A command names a workflow that was not built in this folder.

    Commands that look at a workflow take a `.kumeo` file, or the name of a workflow that
    `kumeo run` or another command has built into the state folder.

    Example::

        kumeo tail FruadDetection

    Fix::

        kumeo tail FraudDetection
    """

    code = "not-built"
    title = "no workflow `{name}` was built in `{folder}`"

    name: str
    folder: str
    nearest: str | None = None

    def help(self) -> str | None:
        """Return the nearest name, or how to build."""
        if self.nearest:
            return f"write `{self.nearest}`"
        return "name its `.kumeo` file, or start it by `kumeo run FILE`"


@dataclass(frozen=True)
class EventTooLarge(Diagnostic):
    """An event is larger than the message store takes, so it is not sent.

    NATS takes 1 MiB unless its `max_payload` says otherwise. The other events of the input go on.

    Example::

        a line of 10 MB in events.jsonl

    Fix::

        put the large part into a file or an object store, and its address into the event
    """

    code = "event-too-large"
    title = "an event of {size} bytes is larger than the {limit} bytes that the server takes"
    label = "not sent"

    size: str
    limit: str

    def help(self) -> str | None:
        """Return what to do."""
        return "send the address of the large part, or raise `max_payload` of your NATS server"


@dataclass(frozen=True)
class InvalidEvent(Diagnostic):
    """An event does not have the shape that its source declares.

    `kumeo publish` refuses it. `kumeo run --input` sends it all the same: it becomes a dead
    letter with this reason, and costs the other events nothing.

    Example::

        kumeo publish flow.kumeo orders '{ "amount": "a lot" }'

    Fix::

        kumeo publish flow.kumeo orders '{ "amount": 12.5 }'
    """

    code = "invalid-event"
    title = "the event does not fit the source `{source}`: {reason}"
    label = "does not fit"

    source: str
    reason: str

    def help(self) -> str | None:
        """Return how to send it all the same."""
        return "correct the event, or add `--unchecked` to send it and get a dead letter"


@dataclass(frozen=True)
class NoSuchId(Diagnostic):
    """Nothing is stored under an id that a command names.

    Example::

        kumeo trace FraudDetection 00000000000000000000000000000000

    Fix::

        kumeo tail FraudDetection     shows the ids of events
    """

    code = "no-such-id"
    title = "there is no {what} `{id}`"

    what: str
    id: str
    where: str

    def help(self) -> str | None:
        """Return where ids are shown."""
        return f"`{self.where}` shows what there is"


@dataclass(frozen=True)
class TaskDecided(Diagnostic):
    """Somebody else, or the time limit, decided a task first. One decision counts.

    Example::

        kumeo tasks decide FraudDetection 5f0c --answer approve     for the second time

    Fix::

        kumeo tasks list FraudDetection
    """

    code = "task-decided"
    title = "the task `{id}` is decided already"

    id: str

    def help(self) -> str | None:
        """Return where open tasks are shown."""
        return "`kumeo tasks list` shows the open ones"


@dataclass(frozen=True)
class StillPending(Diagnostic):
    """A run was told to end before everything was handled. Nothing is lost.

    Example::

        Ctrl-C, twice, while a language model answers

    Fix::

        kumeo run flow.kumeo     goes on where it stopped
    """

    code = "still-pending"
    severity: ClassVar[Severity] = Severity.WARNING
    title = "{count} messages are not handled yet"

    count: str

    def help(self) -> str | None:
        """Return what happens to them."""
        return "they stay stored; the next `kumeo run` goes on with them"


@dataclass(frozen=True)
class AllFailed(Diagnostic):
    """A run has handled events, and not one of them came through.

    Each is a dead letter, or was sent to `on_error`. That is seldom the fault of the events one by
    one: the input has another form than the source declares, or a service that every event needs
    does not answer. The exit code is 1; as soon as one event comes through it is 0.

    Example::

        kumeo run flow.kumeo --input other.jsonl     whose events have other fields

    Fix::

        kumeo dlq show flow.kumeo ID
        kumeo dlq retry flow.kumeo --all     after the correction
    """

    code = "all-failed"
    title = "no event came through, the last of {count} failed{reason}"

    count: str
    reason: str
    workflow: str

    def help(self) -> str | None:
        """Return where to look."""
        return f"`kumeo dlq list {self.workflow}` shows each; correct it, then `kumeo dlq retry`"
