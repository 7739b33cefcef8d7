"""A delivery on its way through a handler, and the outputs that it waits for."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from kumeo_runtime.transport.api import Delivery, Outcome, Outgoing, Refused

if TYPE_CHECKING:
    from kumeo_runtime.activation import Parked
    from kumeo_runtime.engine.openers import Opened
    from kumeo_runtime.engine.reader import Reader


class Job:
    """One delivery. It ends by an acknowledgement, a nak, or silently when its lease is lost."""

    __slots__ = (
        "delivery",
        "ended",
        "is_buried",
        "is_renewing",
        "lane",
        "on_ran",
        "opened",
        "parked",
        "reader",
        "runs",
        "started",
        "waiting",
    )

    def __init__(self, reader: "Reader", delivery: Delivery, started: float) -> None:
        self.reader = reader
        self.delivery = delivery
        self.started = started
        self.waiting = 0
        """Outputs that the store has not confirmed."""
        self.parked: list[Parked] | None = None
        self.opened: Opened | None = None
        self.lane: int | None = None
        self.runs = 1
        """Attempts as the journal counts them; 1 for a first delivery."""
        self.ended = False
        self.is_buried = False
        self.is_renewing = False
        self.on_ran: Callable[[], None] | None = None
        """Told once when the next suspect may run."""

    def ran(self) -> None:
        """Let the next suspect run."""
        told, self.on_ran = self.on_ran, None
        if told is not None:
            told()

    def replaced(self) -> "Job":
        """End this job and return another one for the same delivery: outputs no longer count."""
        self.ended = True
        self.ran()
        job = Job(self.reader, self.delivery, self.started)
        job.opened, job.lane, job.runs = self.opened, self.lane, self.runs
        return job


class Sending:
    """One output of a job; called with the answer of the store."""

    __slots__ = ("job", "message", "tries")

    def __init__(self, job: Job, message: Outgoing) -> None:
        self.job = job
        self.message = message
        self.tries = 0

    def __call__(self, outcome: Outcome) -> None:
        """Take the answer. Nobody waits for the outputs of a job that has ended."""
        job = self.job
        if job.ended:
            return
        if isinstance(outcome, Refused):
            job.reader.outbox.refused(self, outcome)
            return
        if outcome.duplicate:
            job.reader.stats.duplicates += 1
        job.waiting -= 1
        if job.waiting == 0:
            job.reader.confirmed(job)
