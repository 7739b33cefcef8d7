"""Whether a delivery still belongs to this worker, and whether this process has slept."""

import asyncio
from collections.abc import Callable

from kumeo_runtime.engine.shared import Shared
from kumeo_runtime.transport.api import Delivery

SAFE = 0.9
"""Part of the ack wait that a worker trusts; the rest is for the way of a message."""


class Lease:
    """Checks deliveries of one consumer by the time since they came or were last renewed."""

    __slots__ = ("_length", "_time")

    def __init__(self, ack_wait_s: float, time: Callable[[], float]) -> None:
        self._length = ack_wait_s * SAFE
        self._time = time

    def holds(self, delivery: Delivery) -> bool:
        """Return whether nobody else can have got the delivery."""
        return self._time() - delivery.at < self._length


class Watch:
    """Notices that the process stood still: a stop, a debugger, a closed laptop.

    What arrives right after a stop may have waited long in a buffer, and another worker may have
    it already. So deliveries are dropped until the store has answered once more.
    """

    def __init__(self, shared: Shared, limit_s: float) -> None:
        self._shared = shared
        self._limit_s = limit_s
        self._beat = shared.loop.time()
        self._timer: asyncio.TimerHandle | None = None
        self.is_stale = False

    def start(self) -> None:
        """Beat a few times in each limit."""
        self._beat = self._shared.loop.time()
        self._tick()

    def stop(self) -> None:
        """End."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def awake(self, now: float) -> bool:
        """Return whether a delivery that arrives now can be trusted."""
        if now - self._beat > self._limit_s and not self.is_stale:
            self.is_stale = True
            self._shared.observer.count("stalls")
            self._shared.spawn(self._freshen())
        return not self.is_stale

    def _tick(self) -> None:
        now = self._shared.loop.time()
        if self.awake(now):
            self._beat = now
        self._timer = self._shared.loop.call_later(self._limit_s / 4, self._tick)

    async def _freshen(self) -> None:
        await self._shared.transport.flush()
        self._beat = self._shared.loop.time()
        self.is_stale = False
