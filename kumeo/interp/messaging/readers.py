"""Readers: pull with credit and a gate, hand messages to jobs, keep order and leases.

A replica is one process of a service, with a reader for each place that its handlers read. Of a
keyed place only the first replica reads.
"""

from collections import deque
from collections.abc import Generator, Mapping
from typing import TYPE_CHECKING, Any

from kumeo.dialects.data.failures import DataFailure
from kumeo.dialects.workflow import SourceOp
from kumeo.interp.messaging.activations import Meta
from kumeo.interp.messaging.clock import TIMEOUT, Effects, Process, Wait
from kumeo.interp.messaging.jobs import BACKOFF_MS, Job, LeaseLost, Opened
from kumeo.interp.messaging.program import Handler
from kumeo.interp.messaging.server import ACK_WAIT_MS, LIVE_MAX, OK, Delivery
from kumeo.interp.values import Failure, Value
from kumeo.interp.wire import from_json

if TYPE_CHECKING:
    from kumeo.interp.messaging.simulation import Simulation

CREDIT = 6
FETCH = 4
LANES = 3
GATE_MS = 50
PULL_MS = 3 * ACK_WAIT_MS
"""How long a pull waits; then it is made again."""
RECOVER_MS = 100
STALE_MS = ACK_WAIT_MS // 2


class Replica:
    """One process of a service."""

    def __init__(self, sim: "Simulation", service: str, number: int) -> None:
        self.sim = sim
        self.service = service
        self.number = number
        self.process = Process(f"{service}#{number}", self.start)
        self.suspects: deque[Job] = deque()
        self.is_working = False
        self.readers: list[Reader] = []

    def start(self, process: Process) -> None:
        """Begin, for the first time or after a kill: nothing is known from before."""
        self.suspects, self.is_working = deque(), False
        self.readers = [
            Reader(self, handler, place)
            for handler in self.sim.prepared.handlers.values()
            if handler.service == self.service and (self.number == 0 or not handler.is_keyed)
            for place in handler.places
        ]
        for reader in self.readers:
            reader.start()
        self.spawn(self._sweep())

    def spawn(self, effects: Effects) -> None:
        """Start a task of this process."""
        self.sim.clock.spawn(self.process, effects)

    def suspect(self, job: Job) -> None:
        """Handle a message that came again: alone, when it is its turn."""
        if not self.sim.rules.count_alone:
            self.spawn(self._together(job))
            return
        self.suspects.append(job)
        if not self.is_working:
            self.is_working = True
            self.spawn(self._alone())

    def _alone(self) -> Effects:
        while self.suspects:
            job = self.suspects.popleft()
            if not job.is_over:
                yield from self._counted(job)
        self.is_working = False

    def _together(self, job: Job) -> Effects:
        yield from self._counted(job, 100)

    def _counted(self, job: Job, pause_ms: int = 0) -> Effects:
        try:
            may_run = yield from job.count()
            if pause_ms:
                yield pause_ms
            if not may_run:
                yield from job.bury()
                return
        except LeaseLost:
            job.reader.drop(job)
            return
        yield from job.run()

    def _sweep(self) -> Effects:
        """Drop what is lost, and ask for more time for the rest."""
        sim, place = self.sim, f"jobs/{self.process.name}"
        while True:
            jobs = [job for reader in self.readers for job in reader.jobs.values()]
            if not jobs:
                yield Wait(place)
            yield ACK_WAIT_MS // 4
            for reader in self.readers:
                for job in list(reader.jobs.values()):
                    if sim.rules.lease and not job.holds:
                        reader.drop(job)
                    elif sim.rules.renew and sim.clock.now - job.leased > ACK_WAIT_MS // 3:
                        yield from self._renew(job)

    def _renew(self, job: Job) -> Effects:
        asked = self.sim.clock.now
        seq = job.delivery.message.seq
        answer = yield (self.sim.server.in_progress, job.reader.name, seq)
        if answer == OK:
            job.leased = asked


class Reader:
    """What a replica reads from one place."""

    def __init__(self, replica: Replica, handler: Handler, place: str) -> None:
        self.replica = replica
        self.sim = replica.sim
        self.handler = handler
        self.place = place
        self.name = f"{handler.name}<{place}"
        """The consumer."""
        self.jobs: dict[int, Job] = {}
        self.lanes: dict[str, deque[Job]] = {}
        self.running: dict[str, Job] = {}
        """The job that each lane waits for."""
        self.held: list[Job] = []
        self.is_recovering = False
        self.last = 0
        """Number of the last delivery that came."""
        self.done: set[int] = set()
        """What was finished here: copies may be under way."""
        self.is_keyed = handler.is_keyed and self.sim.rules.keyed_lanes
        self._credit = 1 if self.sim.scenario.is_small else CREDIT
        self._room = f"room/{replica.process.name}/{self.name}"

    def start(self) -> None:
        """Pull."""
        if self.is_keyed:
            self.recover()
        self.replica.spawn(self._pull())

    def _pull(self) -> Effects:
        clock, server = self.sim.clock, self.sim.server
        while True:
            is_greedy = self.is_recovering and self.sim.rules.recovery == "greedy"
            is_full = len(self.jobs) >= self._credit or self.is_recovering
            if is_full and not is_greedy:
                yield Wait(self._room)
                continue
            if self._is_gated() and not is_greedy:
                yield GATE_MS
                continue
            pull = (server.fetch, self.name, FETCH if is_greedy else min(FETCH, self._credit))
            answer = yield pull
            if answer != TIMEOUT and not answer[0] and not server.is_ready(self.name):
                until = min(answer[1] or clock.now + PULL_MS, clock.now + PULL_MS)
                answer = (yield Wait(self.place, until, pull)) or ((), None)
            if answer == TIMEOUT:
                self.recover()
                yield BACKOFF_MS
                continue
            for delivery in answer[0]:
                self._take(delivery)

    def _is_gated(self) -> bool:
        server, gate = self.sim.server, self.sim.rules.gate
        if gate == "span":
            return any(server.span(edge) >= LIVE_MAX for edge in self.handler.sends)
        if gate == "live":
            return any(server.live(edge) >= LIVE_MAX for edge in self.handler.sends)
        return gate == "stored" and bool(self.handler.sends) and server.is_half_full()

    def _take(self, delivery: Delivery) -> None:
        now, seq = self.sim.clock.now, delivery.message.seq
        leased = delivery.at if self.sim.rules.awake else now
        if delivery.number != self.last + 1 and self.sim.rules.sees_gaps:
            self.recover()
        self.last = delivery.number
        known = self.jobs.get(seq)
        if known is not None and known.holds:
            known.leased = max(known.leased, leased)
            return
        if known is not None:
            self.drop(known)
        if self.sim.rules.awake and now - leased > STALE_MS:
            self.recover()
            return
        if self.is_keyed and seq in self.done and self.sim.rules.done_stays_done:
            self.replica.spawn(self._acknowledge(seq))
            return
        if not self.jobs:
            self.sim.clock.wake(f"jobs/{self.replica.process.name}")
        job = self.jobs[seq] = Job(self, delivery, leased)
        if not self.is_keyed:
            self._begin(job)
            return
        job.lane = self.sim.lane_of(delivery)
        self._enter(job)

    def _acknowledge(self, seq: int) -> Effects:
        yield (self.sim.server.ack, self.name, seq)

    def _begin(self, job: Job) -> None:
        if job.delivery.tries > 1:
            self.replica.suspect(job)
        else:
            self.replica.spawn(job.run())

    # -- what became of a job
    def end(self, job: Job) -> None:
        """Forget a job."""
        if job.is_over:
            return
        job.is_over = True
        seq = job.delivery.message.seq
        if self.jobs.get(seq) is job:
            del self.jobs[seq]
        self.sim.clock.wake(self._room)
        if self.is_keyed:
            self._leave(job)

    def drop(self, job: Job) -> None:
        """The lease is lost: the message will come again, here or elsewhere."""
        self.sim.clock.tell(self.replica.process.name, "drops", job.delivery.message.id)
        self.recover()
        self.end(job)

    # -- order
    def recover(self) -> None:
        """Begin nothing new until the messages that are not done are all here."""
        if not self.is_keyed or self.is_recovering or not self.sim.rules.lanes_recover:
            return
        self.is_recovering = True
        for queue in self.lanes.values():
            self.held += queue
            queue.clear()
        self.replica.spawn(self._recovery())
        if self.sim.rules.recovery == "greedy":
            self.sim.clock.wake(self._room)

    def _recovery(self) -> Effects:
        """Take all old messages. Those of a worker that is gone are due after the ack wait: only
        then does the server give them before new ones."""
        rules, waited = self.sim.rules, False
        while True:
            yield RECOVER_MS
            found = yield (self.sim.server.unacknowledged, self.name)
            missing = 1 if found == TIMEOUT else found[0] - self._held_until(found[1])
            if missing <= 0:
                break
            if found == TIMEOUT or not waited:
                yield ACK_WAIT_MS
                waited = True
            elif rules.recovery != "greedy":
                waited = yield from self._take_old(missing)
        self.is_recovering = False
        held, self.held = self.held, []
        for job in sorted(held, key=lambda job: job.delivery.message.seq):
            if not job.is_over:
                self._enter(job)
        self.sim.clock.wake(self._room)

    def _held_until(self, last: int) -> int:
        """Return how many messages are here of those that the server knows to be handed out."""
        if not self.sim.rules.recovery_by_sequence:
            return len(self.jobs)
        return sum(seq <= last for seq in self.jobs)

    def _take_old(self, number: int) -> Effects:
        """Fetch old messages; return whether they have come."""
        if self.sim.rules.recovery == "in-credit":
            number = min(number, self._credit - len(self.jobs))
        answer = yield (self.sim.server.fetch, self.name, number)
        if answer == TIMEOUT:
            return False
        for delivery in answer[0]:
            self._take(delivery)
        return True

    def _enter(self, job: Job) -> None:
        if self.is_recovering:
            self.held.append(job)
        elif job.lane in self.lanes:
            self.lanes[job.lane].append(job)
        else:
            self.lanes[job.lane] = deque()
            self.running[job.lane] = job
            self._begin(job)

    def _leave(self, job: Job) -> None:
        lane, queue = job.lane, self.lanes.get(job.lane)
        if self.sim.rules.own_lane and self.running.get(lane) is not job:
            return
        while queue:
            following = queue.popleft()
            if not following.is_over:
                self.running[lane] = following
                self._begin(following)
                return
        self.lanes.pop(lane, None)
        self.running.pop(lane, None)

    # -- reading
    def open(self, job: Job) -> Generator[Any, Any, Opened | Failure]:
        """Return the values of a message and what somebody has answered, or why it is invalid."""
        message = job.delivery.message
        source = self.sim.prepared.session.symbols.get(self.place)
        if isinstance(source, SourceOp):
            return (yield from self._open_event(job, source))
        job.meta = message.data[0]
        answers: Mapping[int, Value] = message.data[2] if len(message.data) > 2 else {}
        assert self.handler.layout is not None, "what reads no source reads an edge"
        return self.handler.layout.read(message.data[1]), answers

    def _open_event(self, job: Job, source: SourceOp) -> Generator[Any, Any, Opened | Failure]:
        sim, message = self.sim, job.delivery.message
        event, now_us = message.data, sim.time_of(message.at)
        key = sim.lane_of(job.delivery)
        job.meta = Meta(event, now_us, {}, None, key, ())
        try:
            payload = from_json(event.payload, source.payload)
        except DataFailure as failure:
            return Failure("invalid-event", failure.message)
        if source.time is not None:
            now_us = payload
            for name in source.time.data.split("."):
                now_us = now_us[name]
        revision = sim.config_now()
        if sim.rules.pinned and sim.prepared.dynamic:
            revision = yield from job.insist(sim.server.create, ("config", event.id), revision)
        sim.read_config[event.id] = revision
        config = sim.configs[revision][0]
        job.meta = job.meta._replace(now_us=now_us, config=config)
        return [payload], {}
