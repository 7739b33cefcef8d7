"""A message whose next attempt is far away waits in the store, not in the handler.

The message goes into the stream of timers as a schedule, with everything that the journal says
about its activation. Then its input is acknowledged. When the time has come the server stores it
for the second consumer of the same handler (`Input.origin`), and the handler begins anew: what was
recorded is there, and the attempt with the next number is made.

The name of a schedule is the call and the number of the attempt that failed. It is stored only
while neither it exists nor what it became: an input that comes again is handed over already.
Messages with a key wait in their lane: order goes before.
"""

import asyncio
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct

from kumeo_runtime.activation import Activation, LeaseLost, Note, Postponed
from kumeo_runtime.engine.flow import Input
from kumeo_runtime.engine.job import Job
from kumeo_runtime.engine.openers import Opened, Opener
from kumeo_runtime.engine.parking import moment
from kumeo_runtime.engine.shared import Shared
from kumeo_runtime.transport.api import CREATE, Accepted, Delivery, Outgoing
from kumeo_runtime.values import Failure

if TYPE_CHECKING:
    from kumeo_runtime.engine.reader import Reader


class Kept(Struct, array_like=True):
    """A message that waits, as it was delivered first."""

    subject: str
    payload: bytes
    headers: dict[str, str] | None
    seq: int
    stored_us: int
    step: str
    """Which attempt may be made now."""
    notes: dict[str, Note]
    """What the journal says about the activation, by subject."""


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Kept).decode


class KeptOpener:
    """Reads messages that have waited, by the opener of the handler's own input."""

    def __init__(self, inner: Opener) -> None:
        self._inner = inner

    def open(self, delivery: Delivery) -> Opened | Failure:
        """Return what the message said when it came first, and what happened since."""
        kept = kept_in(delivery)
        if isinstance(kept, Failure):
            return kept
        opened = self._inner.open(first_of(delivery, kept))
        if isinstance(opened, Opened):
            opened.step, opened.notes = kept.step, kept.notes
        return opened

    def original(self, delivery: Delivery) -> Delivery:
        """Return the delivery as it was, to be answered as it is now."""
        kept = kept_in(delivery)
        return delivery if isinstance(kept, Failure) else first_of(delivery, kept)


def kept_in(delivery: Delivery) -> Kept | Failure:
    """Return what has waited, or why nobody can read it."""
    try:
        return _decode(delivery.payload)
    except (msgspec.DecodeError, ValueError) as error:
        return Failure("invalid-message", f"what has waited was written differently: {error}")


def first_of(delivery: Delivery, kept: Kept) -> Delivery:
    """Return a delivery as it was when it came first, to be answered as it is now."""
    return Delivery(
        kept.subject,
        kept.payload,
        kept.headers,
        delivery.reply,
        kept.seq,
        delivery.attempt,
        kept.stored_us,
        delivery.at,
    )


class Waiting:
    """Sets the messages of one reader aside."""

    def __init__(self, shared: Shared, reader: "Reader", entry: Input) -> None:
        self._shared = shared
        self._reader = reader
        self._durable = (entry.origin or entry).durable
        self._is_allowed = entry.can_wait

    def enter(self, job: Job, act: Activation, later: Postponed) -> None:
        """Wait for the next attempt: in the store if that may be, else here."""
        job.ran()
        if not self._is_allowed:
            self._wait_here(job, later)
            return
        self._shared.spawn(self._set_aside(job, act, later))

    async def _set_aside(self, job: Job, act: Activation, later: Postponed) -> None:
        shared, tries = self._shared, 0
        try:
            due_us = await self._failed_us(act, later) + int(later.seconds * 1e6)
        except LeaseLost:
            self._reader.drop(job)
            return
        message = self._schedule(job, act, later.step, due_us)
        while not job.ended:
            if not self._reader.lease.holds(job.delivery):
                self._reader.drop(job)
                return
            outcome = await shared.ask(message)
            if isinstance(outcome, Accepted):
                self._handed_over(job)
                return
            if not shared.is_passing(outcome, message):
                self._wait_here(job, later)
                return
            tries += 1
            await asyncio.sleep(shared.backoff(tries))

    def _handed_over(self, job: Job) -> None:
        if not job.ended:
            self._shared.observer.count("set_aside")
            self._reader.acknowledge(job)
            self._reader.end(job)

    async def _failed_us(self, act: Activation, later: Postponed) -> int:
        """Return when an attempt has failed, by the clock of the store: the schedule goes by it."""
        if later.since_us:
            return later.since_us
        subject = self._shared.names.entry(act.id, later.step)
        found = await self._shared.last(subject, act.lease)
        return self._shared.clock.now_us() if found is None else found.stored_us

    def _schedule(self, job: Job, act: Activation, step: str, due_us: int) -> Outgoing:
        names, origin = self._shared.names, self._reader.original(job.delivery)
        kept = Kept(
            origin.subject,
            origin.payload,
            dict(origin.headers) if origin.headers else None,
            origin.seq,
            origin.stored_us,
            step,
            act.notes or {},
        )
        headers = {
            "Nats-Schedule": f"@at {moment(due_us)}",
            "Nats-Schedule-Target": names.waited(self._durable, step),
            "Nats-Expected-Last-Subject-Sequence-Subject": names.wait(self._durable, step),
        }
        subject = names.waiting(self._durable, step)
        return Outgoing(subject, _encode(kept), headers, CREATE)

    def _due_us(self, later: Postponed) -> int:
        since = later.since_us or self._shared.clock.now_us()
        return since + int(later.seconds * 1e6)

    # -- without the store
    def _wait_here(self, job: Job, later: Postponed) -> None:
        wait = max(0, self._due_us(later) - self._shared.clock.now_us()) / 1e6
        self._shared.loop.call_later(wait, self._go_on, job, later.step)

    def _go_on(self, job: Job, step: str) -> None:
        if job.ended:
            return
        if not self._reader.is_running:
            self._shared.loop.call_later(1.0, self._go_on, job, step)
            return
        job.step, job.opened = step, None
        self._reader.run(job)


async def waiting_in(shared: Shared, durable: str = "*", limit: int = 256) -> list[str]:
    """Return the durables whose messages wait for another attempt, one for each message."""
    if await shared.transport.stream_info(shared.names.tasks) is None:
        return []
    subject = shared.names.waiting(durable, "*.*")
    found: list[Any] = await shared.transport.read(shared.names.tasks, subject, 1, limit)
    return [message.subject.split(".")[-3] for message in found]
