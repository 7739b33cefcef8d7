"""Publishes the outputs of a job until the store has confirmed every one."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from kumeo_runtime.engine.job import Job, Sending
from kumeo_runtime.engine.shared import Shared
from kumeo_runtime.transport.api import Outgoing, Refused
from kumeo_runtime.values import Failure

if TYPE_CHECKING:
    from kumeo_runtime.engine.reader import Reader


class Outbox:
    """Sends outputs, again and again where that may help.

    conflict: another worker writes the same message now; full: wait for room; denied: stop loudly;
    too-large or invalid: it can never be stored, so the input becomes a dead letter.
    """

    def __init__(self, shared: Shared, reader: "Reader") -> None:
        self._shared = shared
        self._reader = reader
        self._publish: Callable[[Outgoing, Sending], None] = shared.transport.publish

    def ship(self, job: Job, outputs: Sequence[Outgoing]) -> None:
        """Publish all outputs; `Reader.confirmed` is called when the store has every one."""
        reader = self._reader
        if not reader.lease.holds(job.delivery):
            reader.drop(job)
            return
        number = len(outputs)
        if number == 0:
            reader.confirmed(job)
            return
        job.waiting = number
        reader.stats.outputs += number
        for message in outputs:
            self._publish(message, Sending(job, message))

    def refused(self, sending: Sending, refused: Refused) -> None:
        """Decide what becomes of an output that the store does not have."""
        shared, job = self._shared, sending.job
        if shared.is_passing(refused, sending.message):
            self._reader.stats.retried += 1
            if refused.reason == "full":
                shared.observer.count("stream_full")
                job.ran()
            shared.loop.call_later(shared.backoff(sending.tries), self._again, sending)
            sending.tries += 1
            return
        if refused.reason == "denied":
            return
        if job.is_buried:
            shared.fatal("dead-letter-refused", f"a dead letter is refused: {refused.message}")
            return
        failure = Failure(refused.reason, f"{sending.message.subject}: {refused.message}")
        self._reader.bury(job, failure)

    def _again(self, sending: Sending) -> None:
        job = sending.job
        if job.ended or self._shared.failure is not None:
            return
        if not self._reader.lease.holds(job.delivery):
            self._reader.drop(job)
            return
        self._publish(sending.message, sending)
