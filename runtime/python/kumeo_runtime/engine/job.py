"""A delivery on its way through a handler, and the outputs that it waits for."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from kumeo_runtime.transport.api import Delivery, Outcome, Outgoing, Refused

if TYPE_CHECKING:
    from kumeo_runtime.engine.openers import Opened
    from kumeo_runtime.meta import Meta
    from kumeo_runtime.parked import Parked


class Job(Struct, eq=False, gc=False):
    """One delivery. It ends by an acknowledgement, a nak, or silently when its lease is lost.

    A struct, like all that is made for each message: those cost a fraction of other objects, and
    the collector of cycles does not visit them.
    """

    reader: Any
    delivery: Delivery
    started: float
    waiting: int = 0
    """Outputs that the store has not confirmed."""
    parked: "list[Parked] | None" = None
    opened: "Opened | None" = None
    """What was read, until the handler has it."""
    meta: "Meta | None" = None
    lane: int | None = None
    runs: int = 1
    """Attempts as the journal counts them; 1 for a first delivery."""
    step: str = ""
    """The failed attempt after which it goes on, where it has waited here."""
    ended: bool = False
    is_buried: bool = False
    is_renewing: bool = False
    on_ran: Callable[[], None] | None = None
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
        job.meta, job.lane, job.runs = self.meta, self.lane, self.runs
        return job


class Sending(Struct, eq=False, gc=False):
    """One output of a job; called with the answer of the store."""

    job: Job
    message: Outgoing
    tries: int = 0

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
