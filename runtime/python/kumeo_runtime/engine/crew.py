"""Runs coroutine handlers: so many at a time, each with a limit.

A handler has a task, unless it is light: it awaits nothing but numeric programs (`Handler`). Then
its crew takes its steps, those of a whole batch of answers in one turn of the loop. A task and
turns of its own would cost more than the rest of what such a handler does.
"""

import asyncio
from collections import deque
from collections.abc import Generator
from contextvars import copy_context
from typing import TYPE_CHECKING, Any, cast

from kumeo_runtime.activation import Activation, LeaseLost, Postponed
from kumeo_runtime.engine.job import Job
from kumeo_runtime.engine.shared import Shared
from kumeo_runtime.engine.watchdog import Watchdog
from kumeo_runtime.ticket import Ticket

if TYPE_CHECKING:
    from kumeo_runtime.engine.reader import Reader


class Crew:
    """The activations of one coroutine handler, whichever of its readers took the message."""

    def __init__(self, shared: Shared, concurrency: int, *, is_light: bool = False) -> None:
        self._shared = shared
        self._loop = shared.loop
        self._free = concurrency
        self._is_light = is_light
        self._queue: deque[tuple[Job, Activation, Any]] = deque()
        self._ready: deque[Steps] = deque()
        self._context = copy_context()
        """Steps that go on are nobody else's business than that of this crew."""
        self.watchdog = Watchdog(shared.loop, shared.settings.activation_timeout_s)

    def enter(self, job: Job, act: Activation, value: Any) -> None:
        """Run now or when somebody is free."""
        if self._is_light:
            self._queue.append((job, act, value))
            self._fill()
            return
        if self._free == 0:
            self._queue.append((job, act, value))
            return
        self._free -= 1
        self._shared.spawn(self._work(job, act, value))

    def close(self) -> None:
        """Go on with nothing: the messages are given back."""
        self._queue.clear()
        self._ready.clear()
        for run in self.watchdog.close():
            if isinstance(run, Steps):
                run.close()

    # -- with a task
    async def _work(self, job: Job, act: Activation, value: Any) -> None:
        try:
            await self._run(job, act, value)
            while self._queue:
                await self._run(*self._queue.popleft())
        finally:
            self._free += 1

    async def _run(self, job: Job, act: Activation, value: Any) -> None:
        reader: Reader = job.reader
        if job.ended:
            return
        task = asyncio.current_task()
        assert task is not None, "work is spawned"
        run = Tasked(task)
        self.watchdog.enter(run)
        try:
            await reader.function(act, value)
        except (Exception, asyncio.CancelledError) as error:
            found = run.error_of(error)
            if found is error and not isinstance(error, Exception):
                raise
            failed(job, act, found)
        else:
            reader.returned(job, act)
        finally:
            self.watchdog.leave(run)

    # -- light
    def _fill(self) -> None:
        """Begin what is in the queue, as long as somebody is free."""
        queue = self._queue
        while self._free and queue:
            job, act, value = queue.popleft()
            if job.ended:
                continue
            run = Steps(self, job, act, value)
            self.watchdog.enter(run)
            self._free -= 1
            if not run.step():
                self._free += 1

    def ready(self, run: "Steps") -> None:
        """Go on with an activation in the next turn of the loop, together with others."""
        self._ready.append(run)
        if len(self._ready) == 1:
            self._loop.call_soon(self._go_on, context=self._context)

    def _go_on(self) -> None:
        ready = self._ready
        try:
            while ready:
                if not ready.popleft().step():
                    self._free += 1
        finally:
            if ready:
                self._loop.call_soon(self._go_on, context=self._context)
        self._fill()


class Tasked:
    """An activation that has a task."""

    __slots__ = ("_is_overdue", "_task")

    def __init__(self, task: "asyncio.Task[Any]") -> None:
        self._task = task
        self._is_overdue = False

    def overdue(self) -> None:
        """End the activation, as `asyncio.timeout` does."""
        self._is_overdue = True
        self._task.cancel()

    def error_of(self, error: BaseException) -> BaseException:
        """Return `TimeoutError` for the end that the watchdog has asked for, and nobody else."""
        if not self._is_overdue or not isinstance(error, asyncio.CancelledError):
            return error
        return error if self._task.uncancel() else late(error)


class Steps:
    """An activation without a task: its crew takes its steps."""

    __slots__ = ("_act", "_awaited", "_coroutine", "_crew", "_is_overdue", "_job")

    def __init__(self, crew: Crew, job: Job, act: Activation, value: Any) -> None:
        self._crew = crew
        self._job = job
        self._act = act
        made: Any = job.reader.function(act, value)
        self._coroutine: Generator[Any] = made
        self._awaited: asyncio.Future[Any] | None = None
        self._is_overdue = False

    def step(self) -> bool:
        """Take a step; return whether the activation waits for something now."""
        try:
            awaited = self._coroutine.send(None)
        except StopIteration:
            self._crew.watchdog.leave(self)
            self._job.reader.returned(self._job, self._act)
            return False
        except (Exception, asyncio.CancelledError) as error:
            self._crew.watchdog.leave(self)
            is_late = self._is_overdue and isinstance(error, asyncio.CancelledError)
            failed(self._job, self._act, late(error) if is_late else error)
            return False
        self._awaited = awaited
        if type(awaited) is Ticket:
            awaited.told = self.ready
        else:
            self._wait(awaited)
        return True

    def _wait(self, awaited: Any) -> None:
        """Wait for what a task could wait for; None is a turn of the loop."""
        if awaited is None:
            self.ready()
            return
        awaited.add_done_callback(self.ready)

    def ready(self, _: Any = None) -> None:
        """What it waits for is there."""
        self._crew.ready(self)

    def overdue(self) -> None:
        """End the activation, unless it can go on just now."""
        self._is_overdue = True
        awaited = self._awaited
        if type(awaited) is Ticket:
            awaited.withdraw()
        elif awaited is not None:
            awaited.cancel()

    def close(self) -> None:
        """Forget the activation where it stands."""
        awaited = self._awaited
        if type(awaited) is Ticket:
            awaited.told = None
        if awaited is not None:
            awaited.cancel()
        self._coroutine.close()


def late(error: BaseException) -> TimeoutError:
    """Return the error of an activation whose time is over; it tells where that happened."""
    return TimeoutError().with_traceback(error.__traceback__)


def failed(job: Job, act: Activation, error: BaseException) -> None:
    """Tell the reader how an activation has failed; one that was cancelled is no longer its own."""
    reader = cast("Reader", job.reader)
    if isinstance(error, LeaseLost):
        reader.drop(job)
    elif isinstance(error, Postponed):
        reader.postponed(job, act, error)
    elif isinstance(error, Exception):
        reader.crashed(job, error)
