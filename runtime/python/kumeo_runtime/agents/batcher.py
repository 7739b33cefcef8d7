"""`Batcher`: many callers, one model, as few runs of it as possible.

A call that finds nothing going on runs at once, without waiting for anybody. The calls that come
while a batch runs, or in the same turn of the loop, wait and run together: a batch is whatever has
come meanwhile. Nothing waits for company unless `max_wait_s` says so.

What is cheap runs in the thread of the loop. A batch that takes longer than `IN_LOOP_S` runs in a
thread of its own, so that heartbeats go on, and ends at its deadline. How long a batch takes is
measured as it goes; batches of a slow model are kept short enough for `BATCH_S`.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import Context
from typing import Any, NamedTuple, Protocol, TypeAlias

from kumeo_runtime.agents.base import Counters
from kumeo_runtime.ticket import Ticket
from kumeo_runtime.values import Failure

Row: TypeAlias = tuple[Any, ...]
IN_LOOP_S = 0.0005
"""The longest batch that may keep the loop from its other work."""
BATCH_S = 0.25
"""How long a batch may take; deadlines of neighbours are not far apart then."""
LEARNED = 0.1
"""Weight of a new measurement. One that was disturbed counts as at most four times the old one."""


class Limits(NamedTuple):
    """How large batches are and how long calls wait."""

    max_batch: int = 256
    max_wait_s: float = 0.0
    deadline_s: float = 30.0


class Work(Protocol):
    """What runs a batch. A row that fails has a Failure as its outcome."""

    def prepare(self, rows: Sequence[Row]) -> Any:
        """Return what `run` needs."""
        ...

    def run(self, prepared: Any, stop: "Stop | None") -> Any:
        """Run the model, perhaps in another thread; end early when `stop` is asked to."""
        ...

    def outcomes(self, found: Any) -> list[Any]:
        """Return a result or Failure for each row of what `run` has returned."""
        ...


class Stop:
    """Ends a run that takes too long. It is asked from another thread."""

    def __init__(self) -> None:
        self.is_asked = False
        self.ask: Callable[[], None] = lambda: None
        """What ends the run that goes on now."""

    def now(self) -> None:
        """Ask for an end."""
        self.is_asked = True
        self.ask()


class Pace:
    """What batches cost, by what they have cost so far."""

    def __init__(self) -> None:
        self.single_s = 0.0
        self.row_s = 0.0

    def of(self, number: int) -> float:
        """Return the seconds that a batch of so many rows takes."""
        return self.single_s + (number - 1) * self.row_s

    def learn(self, number: int, seconds: float) -> None:
        """Take a measurement into account."""
        if number == 1:
            self.single_s = _nearer(self.single_s, seconds)
        else:
            self.row_s = _nearer(self.row_s, max(seconds - self.single_s, 0.0) / (number - 1))


def _nearer(old: float, new: float) -> float:
    return new if old == 0.0 else old + LEARNED * (min(new, 4 * old) - old)


Waiting: TypeAlias = tuple[Row, Ticket, float]
"""A call that is not answered yet: its row, its answer, and when it came."""


class Batcher:
    """Runs rows of one model in batches, in the loop that asks."""

    def __init__(self, work: Work, limits: Limits, counters: Counters) -> None:
        self.pace = Pace()
        self._work = work
        self._limits = limits
        self._counters = counters
        self._queue: deque[Waiting] = deque()
        self.is_taken = False
        """Whether something runs, or has run in this turn of the loop."""
        self._flying = 0
        """Batches in the thread: one that runs, and perhaps a full one behind it."""
        self._timer: asyncio.TimerHandle | None = None
        self._thread: ThreadPoolExecutor | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._nobody = Context()
        """Batches belong to no single caller: what happens to one does not stop the others."""

    def measure(self, row: Row) -> None:
        """Find out what rows cost, before the first call."""
        self._timed(self._work.prepare([row]), None)
        for number in (1, 8):
            _, seconds = self._timed(self._work.prepare([row] * number), None)
            self.pace.learn(number, seconds)

    def close(self) -> None:
        """Answer nobody any more."""
        for _, ticket, _ in self._queue:
            ticket.withdraw()
        self._queue.clear()
        if self._thread is not None:
            self._thread.shutdown(wait=False)
        self._thread = None

    def at_once(self, row: Row) -> Any:
        """Return the outcome of a row if nothing is in its way, else None."""
        is_free = not self.is_taken and not self._queue and self._limits.max_wait_s <= 0.0
        if not is_free or self.pace.single_s > IN_LOOP_S:
            return None
        self.is_taken = True
        loop = self._loop or self._found_loop()
        loop.call_soon(self._next, context=self._nobody)
        return self._run_here([row])[0]

    def wait(self, row: Row) -> Ticket:
        """Return what will be the outcome of a row when its batch has run."""
        loop = self._loop or self._found_loop()
        ticket = Ticket.of(loop)
        self._queue.append((row, ticket, loop.time()))
        if not self.is_taken:
            self._come(loop)
        elif self._flying == 1 and len(self._queue) >= self._largest():
            self._next()
        return ticket

    def _found_loop(self) -> asyncio.AbstractEventLoop:
        """Return the loop of the first call; asking for it each time is a call of the system."""
        self._loop = asyncio.get_running_loop()
        return self._loop

    def _come(self, loop: asyncio.AbstractEventLoop) -> None:
        """Let a batch begin: in the next turn, or when it is full or its first call has waited."""
        wait_s = self._limits.max_wait_s
        if wait_s > 0.0 and len(self._queue) < self._limits.max_batch:
            self._timer = self._timer or loop.call_later(wait_s, self._next, context=self._nobody)
            return
        self.is_taken = True
        loop.call_soon(self._next, context=self._nobody)

    def _next(self) -> None:
        """Run the next batch. While one runs, only a full one is sent to wait behind it."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._flying and len(self._queue) < self._largest():
            return
        loop = self._loop or self._found_loop()
        batch = self._batch(loop.time())
        self.is_taken = bool(batch) or self._flying > 0
        if not batch:
            return
        if self._flying or self.pace.of(len(batch)) > IN_LOOP_S:
            self._run_elsewhere(loop, batch)
            return
        loop.call_soon(self._next, context=self._nobody)
        try:
            answer(batch, self._run_here([row for row, _, _ in batch]))
        except Exception as error:
            refuse(batch, error)

    def _batch(self, now: float) -> list[Waiting]:
        """Take calls from the queue: those that still wait and have time left."""
        found: list[Waiting] = []
        largest = self._largest()
        while self._queue and len(found) < largest:
            waiting = self._queue.popleft()
            _, ticket, since = waiting
            if ticket.done():
                continue
            if now - since > self._limits.deadline_s:
                ticket.answer(too_late(self._limits.deadline_s))
            else:
                found.append(waiting)
        self._counters.queue_seconds += len(found) * now - sum(since for _, _, since in found)
        return found

    def _largest(self) -> int:
        row_s = self.pace.row_s
        within = self._limits.max_batch if row_s == 0.0 else int(BATCH_S / row_s)
        return max(1, min(within, self._limits.max_batch))

    def _run_here(self, rows: Sequence[Row]) -> list[Any]:
        found, seconds = self._timed(self._work.prepare(rows), None)
        self._count(len(rows), seconds)
        return self._work.outcomes(found)

    def _run_elsewhere(self, loop: asyncio.AbstractEventLoop, batch: list[Waiting]) -> None:
        stop = Stop()
        rest = batch[-1][2] + self._limits.deadline_s - loop.time()
        timer = loop.call_later(max(rest, 0.0), stop.now, context=self._nobody)
        prepared = self._work.prepare([row for row, _, _ in batch])
        self._thread = self._thread or ThreadPoolExecutor(1, "kumeo-model")
        future = loop.run_in_executor(self._thread, self._timed, prepared, stop)
        self._flying += 1

        def done(future: "asyncio.Future[tuple[Any, float]]") -> None:
            timer.cancel()
            self._flying -= 1
            self._next()
            try:
                found, seconds = future.result()
                self._count(len(batch), seconds)
                answer(batch, self._work.outcomes(found))
            except (Exception, asyncio.CancelledError) as error:
                refuse(batch, error)

        future.add_done_callback(done, context=self._nobody)

    def _timed(self, prepared: Any, stop: Stop | None) -> tuple[Any, float]:
        begun = time.perf_counter()
        found = self._work.run(prepared, stop)
        return found, time.perf_counter() - begun

    def _count(self, rows: int, seconds: float) -> None:
        self.pace.learn(rows, seconds)
        counters = self._counters
        counters.attempts += rows
        counters.batches += 1
        counters.largest_batch = max(counters.largest_batch, rows)
        counters.seconds += seconds


def answer(batch: Sequence[Waiting], outcomes: Sequence[Any]) -> None:
    """Give each call that still waits what came out for its row."""
    for (_, ticket, _), outcome in zip(batch, outcomes, strict=True):
        ticket.answer(outcome)


def refuse(batch: Sequence[Waiting], error: BaseException) -> None:
    """Let each call that still waits raise what a fault of this program has raised."""
    for _, ticket, _ in batch:
        ticket.refuse(error)


def too_late(deadline_s: float) -> Failure:
    """Return the failure of a call whose time is over."""
    return Failure("timeout", f"there was no answer within {deadline_s:g} seconds")
