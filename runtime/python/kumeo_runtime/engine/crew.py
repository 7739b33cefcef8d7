"""Runs coroutine handlers: so many at a time, each with a limit."""

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Any

from kumeo_runtime.activation import Activation, LeaseLost, Postponed
from kumeo_runtime.engine.job import Job
from kumeo_runtime.engine.shared import Shared

if TYPE_CHECKING:
    from kumeo_runtime.engine.reader import Reader


class Crew:
    """The activations of one coroutine handler, whichever of its readers took the message."""

    def __init__(self, shared: Shared, concurrency: int) -> None:
        self._shared = shared
        self._free = concurrency
        self._queue: deque[tuple[Job, Activation, Any]] = deque()

    def enter(self, job: Job, act: Activation, value: Any) -> None:
        """Run now or when somebody is free."""
        if self._free == 0:
            self._queue.append((job, act, value))
            return
        self._free -= 1
        self._shared.spawn(self._work(job, act, value))

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
        try:
            async with asyncio.timeout(self._shared.settings.activation_timeout_s):
                await reader.function(act, value)
        except LeaseLost:
            reader.drop(job)
        except Postponed as later:
            reader.postponed(job, act, later)
        except Exception as error:
            reader.crashed(job, error)
        else:
            reader.returned(job, act)
