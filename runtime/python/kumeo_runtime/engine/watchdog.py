"""Ends what takes too long. All have the same limit, so who came first is over first: one timer.

A timer for each activation would cost more than everything else that a short one does.
"""

import asyncio
from typing import Protocol


class Watched(Protocol):
    """What may take too long."""

    def overdue(self) -> None:
        """End: the time is over."""
        ...


class Watchdog:
    """Knows what runs, in the order in which it has begun."""

    def __init__(self, loop: asyncio.AbstractEventLoop, limit_s: float) -> None:
        self._loop = loop
        self._time = loop.time
        self._limit_s = limit_s
        self._due: dict[Watched, float] = {}
        self._timer: asyncio.TimerHandle | None = None

    def enter(self, run: Watched) -> None:
        """Give something its time, from now on."""
        due = self._due[run] = self._time() + self._limit_s
        if self._timer is None:
            self._timer = self._loop.call_at(due, self._look)

    def leave(self, run: Watched) -> None:
        """It has ended."""
        self._due.pop(run, None)

    def close(self) -> list[Watched]:
        """Watch no more; return what has not ended."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None
        left, self._due = list(self._due), {}
        return left

    def _look(self) -> None:
        """End what is over; look again when the time of the next one is over."""
        now = self._time()
        self._timer = None
        for run in [run for run, due in self._due.items() if due <= now]:
            del self._due[run]
            run.overdue()
        oldest = next(iter(self._due.values()), None)
        if oldest is not None and self._timer is None:
            self._timer = self._loop.call_at(oldest, self._look)
