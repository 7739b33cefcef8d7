"""One worker that dies at a named step of the protocol, when a file tells it to.

    python stepped.py PACKAGE_FOLDER URL all|janitor

The file is named by KUMEO_CRASH_STEP. It holds a step and how many of its kind pass before. Who
reaches the step takes the file away and kills itself at once, so one process dies for each file.
"""

import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

from kumeo_runtime.engine.janitor import Janitor
from kumeo_runtime.engine.reader import Reader
from kumeo_runtime.engine.waiting import Waiting
from kumeo_runtime.transport.nats import NatsTransport
from worker import main

KINDS = {"e": "edge", "j": "journal", "s": "state", "a": "attempt", "d": "letter", "t": "schedule"}
STEPS = (
    *(f"{when} {what}" for what in ("value", *KINDS.values()) for when in ("before", "after")),
    *(f"told {what}" for what in ("value", *KINDS.values())),
    "before ack",
    "after ack",
    "before batch",
    "after batch",
    "before look",
    "before purge",
    "after purge",
    "after clean",
    "before aside",
    "after aside",
    "before resumed",
    "after resumed",
)
"""`before`: nothing is sent. `after`: it is sent, nobody waits. `told`: the answer is here."""
"""`aside`: the input of a schedule is acknowledged. `resumed`: what the schedule became comes, and
is acknowledged."""
POLL_S = 0.02


class Fuse:
    """Reads the file now and then, and ends the process at its step."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._looked = 0.0
        self._step = ""
        self._left = 0

    def reach(self, step: str, transport: Any = None) -> None:
        """Die if this is the step; what was sent before is on its way."""
        now = time.monotonic()
        if now - self._looked > POLL_S:
            self._looked = now
            self._look()
        if step != self._step:
            return
        self._left -= 1
        if self._left >= 0:
            return
        try:
            self._file.rename(self._file.with_suffix(".done"))
        except FileNotFoundError:  # another process was first
            self._step = ""
            return
        if transport is not None:
            transport._link.write_out()
        os.kill(os.getpid(), signal.SIGKILL)

    def _look(self) -> None:
        try:
            step, _, left = self._file.read_text(encoding="utf-8").rpartition(" ")
        except FileNotFoundError:
            self._step = ""
            return
        if step != self._step:
            self._step, self._left = step, int(left)


def kind_of(subject: str) -> str:
    """Return what a message is."""
    parts = subject.split(".")
    return KINDS.get(parts[3], "value") if parts[0] == "kumeo" else "value"


def is_resumed(delivery: Any) -> bool:
    """Return whether a message has waited for another attempt."""
    return ".t.w." in delivery.subject


def arm(fuse: Fuse) -> None:
    """Put the steps around what the transport and the janitor do."""
    made: Any = NatsTransport
    publish, ack, batch, purge = made.publish, made.ack, made.publish_batch, made.purge
    clean = Janitor.clean

    def publishing(self: Any, message: Any, on_outcome: Any) -> None:
        kind = kind_of(message.subject)

        def told(outcome: Any) -> None:
            fuse.reach(f"told {kind}", self)
            on_outcome(outcome)

        fuse.reach(f"before {kind}")
        publish(self, message, told)
        fuse.reach(f"after {kind}", self)

    def acking(self: Any, delivery: Any) -> None:
        fuse.reach("before ack", self)
        ack(self, delivery)
        fuse.reach("after ack", self)

    async def batching(self: Any, messages: Any) -> Any:
        fuse.reach("before batch", self)
        outcome = await batch(self, messages)
        fuse.reach("after batch", self)
        return outcome

    async def purging(self: Any, stream: str, subject: str, up_to_seq: int | None = None) -> int:
        fuse.reach("before purge", self)
        gone: int = await purge(self, stream, subject, up_to_seq)
        fuse.reach("after purge", self)
        return gone

    async def cleaning(self: Janitor) -> None:
        fuse.reach("before look")
        await clean(self)
        fuse.reach("after clean")

    made.publish, made.ack, made.publish_batch, made.purge = publishing, acking, batching, purging
    Janitor.clean = cleaning


def arm_waiting(fuse: Fuse) -> None:
    """Put the steps around what messages do that wait in the store."""
    waiting: Any = Waiting
    aside = waiting._handed_over
    take, acknowledge = Reader.on_delivery, Reader.acknowledge

    def setting_aside(self: Any, job: Any) -> None:
        fuse.reach("before aside", self._shared.transport)
        aside(self, job)
        fuse.reach("after aside", self._shared.transport)

    def taking(self: Any, delivery: Any) -> None:
        if is_resumed(delivery):
            fuse.reach("before resumed", self._shared.transport)
        take(self, delivery)

    def acknowledging(self: Any, job: Any) -> None:
        acknowledge(self, job)
        if is_resumed(job.delivery):
            fuse.reach("after resumed", self._shared.transport)

    waiting._handed_over = setting_aside
    Reader.on_delivery, Reader.acknowledge = taking, acknowledging


if __name__ == "__main__":
    the_fuse = Fuse(Path(os.environ["KUMEO_CRASH_STEP"]))
    arm(the_fuse)
    arm_waiting(the_fuse)
    sys.exit(main(*sys.argv[1:]))
