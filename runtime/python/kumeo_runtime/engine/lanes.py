"""Keeps the order of messages with one key: one after the other until its outputs are stored.

After a crash or a lost lease older messages may come again after younger ones. Then nothing new
starts until everything that is not acknowledged is in the hands of this reader, and what is there
starts in the order of the stream. They come within one ack wait; only then the store gives them
before new ones, and exactly those that are missing are asked for, whatever the limits are.

One process at a time is served by a keyed consumer (`pin_of`). Another one takes over when that
one is silent, and may wait for messages which the first still has. If both only wait, nothing ever
starts: so who waits for too long gives back what he has not begun, and the one that is served
gets all of it.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

from kumeo_runtime.engine.job import Job
from kumeo_runtime.transport.api import Delivery

DONE_KEPT = 4096
"""Finished messages that are remembered: copies of them may be under way."""


class Lanes:
    """Messages by partition of their key."""

    def __init__(self, begin: Callable[[Job], None]) -> None:
        self._begin = begin
        self._queues: dict[int, deque[Job]] = {}
        self._running: dict[int, Job] = {}
        self._held: list[Job] = []
        self.is_recovering = False
        self.arrivals = 0
        """Messages that came and did not start at once."""
        self._last = 0
        self._done: dict[int, int] = {}
        """When finished messages were stored, by sequence."""

    def is_gap(self, delivery: Delivery) -> bool:
        """Return whether a delivery before this one was lost on the way."""
        number, last = number_of(delivery), self._last
        self._last = number
        return number != last + 1

    def finished(self, delivery: Delivery) -> None:
        """Remember that a message is done."""
        self._done[delivery.seq] = delivery.stored_us
        if len(self._done) > DONE_KEPT:
            del self._done[next(iter(self._done))]

    def is_done(self, delivery: Delivery) -> bool:
        """Return whether this is a copy of a message that is done: it must not count as held."""
        return self._done.get(delivery.seq) == delivery.stored_us

    def enter(self, job: Job) -> None:
        """Begin a job when its lane is free, else keep it."""
        if self.is_recovering:
            self._held.append(job)
            self.arrivals += 1
            return
        lane = job.lane or 0
        queue = self._queues.get(lane)
        if queue is not None:
            queue.append(job)
            return
        self._queues[lane] = deque()
        self._running[lane] = job
        self._begin(job)

    def leave(self, job: Job) -> None:
        """Begin the next job of a lane."""
        lane = job.lane or 0
        if self._running.get(lane) is not job:
            return
        del self._running[lane]
        queue = self._queues[lane]
        while queue:
            following = queue.popleft()
            if not following.ended:
                self._running[lane] = following
                self._begin(following)
                return
        del self._queues[lane]

    def replace(self, job: Job, by: Job) -> None:
        """Let another job for the same delivery have the place of a job."""
        if self._running.get(job.lane or 0) is job:
            self._running[job.lane or 0] = by

    def hold(self) -> None:
        """Begin nothing new: an older message may come again."""
        self.is_recovering = True
        for lane in [lane for lane, queue in self._queues.items() if queue]:
            self._held += self._queues[lane]
            self._queues[lane].clear()

    def give_up(self) -> list[Job]:
        """Return what was kept, and keep it no longer."""
        held, self._held = self._held, []
        return held

    def go_on(self) -> None:
        """Begin what was kept, in the order of the stream."""
        held, self._held = self._held, []
        self.is_recovering = False
        for job in sorted(held, key=lambda job: job.delivery.seq):
            if not job.ended:
                self.enter(job)


def number_of(delivery: Delivery) -> int:
    """Return the number of a delivery in its consumer, from its reply subject; 0 if unknown."""
    parts = delivery.reply.split(".")
    where = 6 if len(parts) < 11 else 8
    return int(parts[where]) if len(parts) > where else 0


async def recover(
    lanes: Lanes,
    missing: Callable[[], Awaitable[int | None]],
    take: Callable[[int], None],
    give_back: Callable[[], None],
    ack_wait_s: float,
    patience_s: float,
) -> None:
    """Wait until all messages that are not acknowledged are here, then go on."""
    time = asyncio.get_running_loop().time
    arrivals, since = lanes.arrivals, time()
    due = since + ack_wait_s
    while True:
        await asyncio.sleep(0.1)
        number = await missing()
        if number is not None and number <= 0:
            lanes.go_on()
            return
        if lanes.arrivals != arrivals:
            arrivals, since = lanes.arrivals, time()
        elif time() - since > patience_s:
            give_back()
            since = time()
        if number is not None and time() >= due:
            take(number)
