"""One handler and its consumer: deliver, decode, run, publish everything, confirm, acknowledge.

A plain handler runs in the callback of its delivery: no task and no future per event. What can
go wrong has a class of its own: `Lease`, `Outbox`, `Suspects`, `Lanes`, `Gate`, `Letters`.
"""

import asyncio
import inspect
import logging
import traceback
from typing import Any

from kumeo_runtime.activation import Activation, LeaseLost, Postponed, Routes
from kumeo_runtime.engine.credit import Credit
from kumeo_runtime.engine.crew import Crew
from kumeo_runtime.engine.flow import Input, credit_of, is_keyed, pin_of
from kumeo_runtime.engine.gate import Gate
from kumeo_runtime.engine.job import Job
from kumeo_runtime.engine.lanes import Lanes, recover
from kumeo_runtime.engine.lease import Lease, Watch
from kumeo_runtime.engine.letters import Letters
from kumeo_runtime.engine.openers import Opener, SourceOpener
from kumeo_runtime.engine.outbox import Outbox
from kumeo_runtime.engine.parking import Parking
from kumeo_runtime.engine.shared import Shared
from kumeo_runtime.engine.suspects import Suspects
from kumeo_runtime.engine.waiting import KeptOpener, Waiting
from kumeo_runtime.ids import partition_of
from kumeo_runtime.meta import Meta
from kumeo_runtime.spec import PARTITIONS, Edge
from kumeo_runtime.transport.api import Delivery, TransportError
from kumeo_runtime.values import Failure

log = logging.getLogger("kumeo.engine")
GRACE_S = 5.0
"""How long a suspect may take to be acknowledged before the next one runs."""


class Reader:
    """Handles the messages of one consumer."""

    def __init__(
        self,
        shared: Shared,
        entry: Input,
        routes: Routes,
        opener: Opener,
        crew: Crew,
        suspects: Suspects,
        parking: Parking,
        watch: Watch,
    ) -> None:
        handler = entry.handler
        self._shared = shared
        self._handler = handler
        self._routes = routes
        self._opener = opener
        is_source = isinstance(opener, SourceOpener)
        self._revisions = shared.revisions if is_source else None
        self._open = opener.open
        self._time = shared.loop.time
        self._suspects = suspects
        self._parking = parking
        self._watch = watch
        self._is_async = inspect.iscoroutinefunction(handler.function)
        self.stream = entry.stream
        self.durable = entry.durable
        self.function: Any = handler.function
        self.attempts = handler.consumer.attempts
        self.stats = shared.observer.handler(handler.name)
        self.jobs: dict[int, Job] = {}
        self.lease = Lease(handler.consumer.ack_wait_s, shared.loop.time)
        self.gate = Gate(shared, handler, self.stats)
        self.credit = Credit(credit_of(handler), handler.consumer.credit_bytes, self.gate.room)
        self.outbox = Outbox(shared, self)
        self.crew = crew
        self._can_wait = entry.can_wait
        origin = entry.origin or entry
        self.original = opener.original if isinstance(opener, KeptOpener) else same
        self._letters = Letters(shared, handler, origin.stream, self.original)
        self._waiting = Waiting(shared, self, entry)
        self.lanes = Lanes(self._begin) if is_keyed(handler) else None
        self.is_running = False
        self._sweeper: asyncio.TimerHandle | None = None

    # -- life
    async def start(self) -> None:
        """Ask for messages."""
        if self.lanes is not None:
            self._recover(self.lanes)
        self.is_running = True
        pin_s = pin_of(self._handler)
        pull = self._shared.transport.pull(self.stream, self.durable, self.on_delivery, pin_s=pin_s)
        self.credit.open(pull)
        self._sweep()

    async def pause(self) -> None:
        """Take no more messages; what is here goes on."""
        self.is_running = False
        pull = self.credit.shut()
        if pull is not None:
            await pull.stop()

    def close(self) -> None:
        """Give back what has not ended, for the next worker."""
        self.is_running = False
        for job in tuple(self.jobs.values()):
            self._shared.transport.nak(job.delivery)
            self.end(job)
        self.crew.close()
        if self._sweeper is not None:
            self._sweeper.cancel()

    # -- the way of a message
    def on_delivery(self, delivery: Delivery) -> None:
        """Take a message; drop it when it may be somebody else's by now."""
        now = self._time()
        size = len(delivery.payload)
        self.stats.received += 1
        self.credit.arrived(size)
        lanes = self.lanes
        is_gap = lanes is not None and lanes.is_gap(delivery)
        if not self.is_running:
            self._shared.transport.nak(delivery)
            self.credit.released(size)
            return
        is_awake = self._watch.awake(now)
        if lanes is not None and (is_gap or not is_awake):
            self._recover(lanes)
        if not is_awake or self._is_here(delivery):
            self.credit.released(size)
            return
        if lanes is None:
            job = self.jobs[delivery.seq] = Job(self, delivery, now)
            self._begin(job)
            return
        if lanes.is_done(delivery):
            self._shared.transport.ack(delivery)
            self.credit.released(size)
            return
        job = self.jobs[delivery.seq] = Job(self, delivery, now)
        job.lane = self._lane_of(job)
        lanes.enter(job)

    def _is_here(self, delivery: Delivery) -> bool:
        job = self.jobs.get(delivery.seq)
        if job is None:
            return False
        if self.lease.holds(job.delivery):
            return True
        self.drop(job)
        return False

    def _begin(self, job: Job) -> None:
        if job.delivery.attempt > 1:
            self._suspects.enter(job)
        else:
            self.run(job)

    def run(self, job: Job) -> None:
        """Call the handler."""
        revisions = self._revisions
        if revisions is not None and not revisions.is_sure(job.delivery.stored_us):
            self.drop(job)
            return
        opened = job.opened or self._open(job.delivery)
        if isinstance(opened, Failure):
            self._invalid(job, opened)
            return
        job.opened = None
        job.meta = meta = opened.meta
        value = opened.value
        act = Activation(self._routes, meta, job.delivery, opened.answer)
        if self._is_async:
            act.step = job.step or opened.step
            act.notes = opened.notes or ({} if self._can_wait else None)
            self.crew.enter(job, act, value)
            return
        try:
            self.function(act, value)
        except LeaseLost:
            self.drop(job)
        except Exception as error:
            self.crashed(job, error)
        else:
            self.returned(job, act)

    def returned(self, job: Job, act: Activation) -> None:
        """Publish what the handler has put out."""
        if job.ended:
            return
        if job.on_ran is not None:
            self._shared.loop.call_later(GRACE_S, job.ran)
        failure = act.meta.first
        if failure is not None and not act.sent:
            self.stats.reported += 1
            act.outputs.append(self._letters.report(act, failure))
        job.parked = act.parked
        self.outbox.ship(job, act.outputs)

    def confirmed(self, job: Job) -> None:
        """Acknowledge: the store has every output."""
        if job.parked is not None:
            self._shared.spawn(self._park(job))
            return
        self.finish(job)

    def postponed(self, job: Job, act: Activation, later: Postponed) -> None:
        """The next attempt of a call is far away."""
        if not job.ended:
            self._waiting.enter(job, act, later)

    def finish(self, job: Job) -> None:
        """The message is done."""
        self.acknowledge(job)
        stats = self.stats
        stats.done += 1
        if stats.done & 7 == 0 and job.meta is not None:
            since = job.meta.now if job.meta.stored is None else job.meta.stored
            age = (self._shared.clock.now_us() - since) / 1e6
            stats.samples.append((self._time() - job.started, age))
        self.end(job)

    def acknowledge(self, job: Job) -> None:
        """Let the store forget a message; somebody has what it led to."""
        self._shared.transport.ack(job.delivery)
        if self.lanes is not None:
            self.lanes.finished(job.delivery)

    def end(self, job: Job) -> None:
        """Forget a job, however it ended."""
        if job.ended:
            return
        job.ended = True
        if job.on_ran is not None:
            job.ran()
        if self.jobs.get(job.delivery.seq) is job:
            del self.jobs[job.delivery.seq]
        self.credit.released(len(job.delivery.payload))
        if self.lanes is not None:
            self.lanes.leave(job)

    # -- what goes wrong
    def drop(self, job: Job) -> None:
        """The lease is lost: another worker goes on. Nothing is acknowledged."""
        if job.ended:
            return
        self.stats.dropped += 1
        if self.lanes is not None:
            self._recover(self.lanes)
        self.end(job)

    def crashed(self, job: Job, error: Exception) -> None:
        """The handler raised: again after a while, at last a dead letter."""
        self.stats.failed += 1
        log.error("handler %s raised: %s", self._handler.name, place_of(error))
        if job.ended:
            return
        job.ran()
        if job.runs >= self.attempts:
            text = f"{place_of(error)}, in {job.runs} attempts"
            self.bury(job, Failure("handler-crashed", text))
            return
        settings = self._shared.settings
        wait = min(settings.rerun_max_s, settings.rerun_min_s * 2 ** min(job.runs, 20))
        if self.lanes is not None:
            self._shared.loop.call_later(wait, self._again, job)
            return
        self._shared.transport.nak(job.delivery, wait)
        self.end(job)

    def _again(self, job: Job) -> None:
        if not job.ended and self.is_running:
            job.opened = None
            self._suspects.enter(job)

    def _invalid(self, job: Job, failure: Failure) -> None:
        self.stats.invalid += 1
        if isinstance(self._opener, SourceOpener) and self._handler.on_error is not None:
            act = Activation(self._routes, self._opener.meta(job.delivery), job.delivery)
            act.meta.first = failure
            self.returned(job, act)
            return
        self.bury(job, failure)

    def bury(self, job: Job, failure: Failure) -> None:
        """Make a dead letter of the message, then acknowledge it."""
        if job.ended:
            return
        self.stats.buried += 1
        again = self.jobs[job.delivery.seq] = job.replaced()
        again.is_buried = True
        if self.lanes is not None:
            self.lanes.replace(job, again)
        meta = job.meta or self._meta_of(job.delivery)
        letter = self._letters.letter(job.delivery, failure, meta=meta, attempts=job.runs)
        log.error("dead letter %s: %s", failure.code, letter.subject)
        self.outbox.ship(again, [letter])

    def _meta_of(self, delivery: Delivery) -> Meta | None:
        """Return what a message says about its event, although no handler has seen it."""
        if isinstance(self._opener, SourceOpener):
            return self._opener.meta(delivery)
        opened = self._open(delivery)
        return None if isinstance(opened, Failure) else opened.meta

    async def _park(self, job: Job) -> None:
        for parked in job.parked or ():
            if job.ended or not self.lease.holds(job.delivery):
                self.drop(job)
                return
            failure = await self._parking.park(parked, job.meta)
            if failure is not None:
                self.bury(job, failure)
                return
        if not job.ended:
            self.finish(job)

    # -- leases
    def _sweep(self) -> None:
        wait = self._handler.consumer.ack_wait_s / 3
        now = self._time()
        for job in tuple(self.jobs.values()):
            if not self.lease.holds(job.delivery):
                self.drop(job)
            elif now - job.delivery.at > wait / 2 and not job.is_renewing:
                job.is_renewing = True
                self._shared.spawn(self._renew(job))
        self.stats.in_flight = len(self.jobs)
        self._sweeper = self._shared.loop.call_later(wait / 2, self._sweep)

    async def _renew(self, job: Job) -> None:
        try:
            await self._shared.transport.in_progress(job.delivery)
        finally:
            job.is_renewing = False

    # -- order
    def _lane_of(self, job: Job) -> int:
        if isinstance(self._handler.reads, Edge):
            return int(job.delivery.subject.rsplit(".", 2)[1])
        opened = self._open(job.delivery)
        if isinstance(opened, Failure):
            return 0
        job.opened = opened
        return partition_of(opened.meta.key or "", PARTITIONS)

    def _recover(self, lanes: Lanes) -> None:
        """Begin nothing new until all that is open is here."""
        if lanes.is_recovering:
            return
        lanes.hold()
        ack_wait_s = self._handler.consumer.ack_wait_s
        patience_s = ack_wait_s * (1.5 + self._shared.random.random())
        take = self.credit.at_least
        work = recover(lanes, self._missing, take, self._give_back, ack_wait_s, patience_s)
        self._shared.spawn(work)

    def _give_back(self) -> None:
        """Another process is served now and waits for what is kept here."""
        for job in self.lanes.give_up() if self.lanes is not None else ():
            if not job.ended:
                self._shared.transport.nak(job.delivery)
                self.end(job)

    async def _missing(self) -> int | None:
        """Return how many messages are handed out and neither done nor here.

        After a crash the store may not know of the youngest messages here: those do not count.
        """
        try:
            info = await self._shared.transport.consumer_info(self.stream, self.durable)
        except TransportError:
            return None
        if info is None:
            return None
        return info.unacknowledged - sum(seq <= info.delivered for seq in self.jobs)


def same(delivery: Delivery) -> Delivery:
    """Return a delivery that came as it was first."""
    return delivery


def place_of(error: Exception) -> str:
    """Return the type of an exception and where it was raised: its text may hold secrets."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f" in {frames[-1].name}, line {frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{where}"
