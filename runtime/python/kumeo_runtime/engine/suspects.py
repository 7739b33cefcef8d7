"""Messages that come again run alone, after an attempt that is written down first.

A message that kills its worker takes its neighbours along. Alone it takes only itself, and the
count in the journal survives it. Alone means until it is acknowledged, so that the next one cannot
undo it. But an output that waits for room lets the next one run: that one may make room.
"""

import asyncio
from collections import deque
from functools import partial

from kumeo_runtime.engine.job import Job
from kumeo_runtime.engine.shared import Shared
from kumeo_runtime.transport.api import CREATE, Accepted, Outgoing, TransportError
from kumeo_runtime.values import Failure


class Suspects:
    """The redelivered messages of a process."""

    def __init__(self, shared: Shared) -> None:
        self._shared = shared
        self._queue: deque[Job] = deque()
        self._is_working = False

    def enter(self, job: Job) -> None:
        """Run a job when it is its turn."""
        job.reader.stats.redelivered += 1
        self._queue.append(job)
        if not self._is_working:
            self._is_working = True
            self._shared.spawn(self._work())

    async def _work(self) -> None:
        try:
            while self._queue:
                await self.handle(self._queue.popleft())
        finally:
            self._is_working = False

    async def handle(self, job: Job) -> None:
        """Count an attempt, then run the job to its end."""
        runs = await self.count(job)
        if job.ended or runs is None:
            return
        job.runs = runs
        if runs > job.reader.attempts:
            text = f"the handler did not finish in {job.reader.attempts} attempts"
            job.reader.bury(job, Failure("attempts-exhausted", text))
            return
        returned: asyncio.Future[None] = self._shared.loop.create_future()
        job.on_ran = partial(settle, returned)
        job.reader.run(job)
        await returned

    async def count(self, job: Job) -> int | None:
        """Write one more attempt down; None when the job ended meanwhile."""
        shared, reader = self._shared, job.reader
        subject = shared.names.attempts(reader.durable, job.delivery.seq)
        tries = 0
        while not job.ended:
            try:
                last = await shared.transport.get_last(shared.names.journal, subject)
            except TransportError:
                tries += 1
                await asyncio.sleep(shared.backoff(tries))
                continue
            runs = int(last.payload) + 1 if last is not None else 2
            if runs > reader.attempts:
                return runs
            expect = last.seq if last is not None else CREATE
            outcome = await shared.store(Outgoing(subject, b"%d" % runs, None, expect))
            if isinstance(outcome, Accepted) and not outcome.duplicate:
                return runs
        return None


def settle(future: "asyncio.Future[None]") -> None:
    """Set a future that may be set already."""
    if not future.done():
        future.set_result(None)
