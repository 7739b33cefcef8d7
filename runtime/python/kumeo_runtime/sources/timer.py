"""`TimerSource`: ticks of a clock as events, each stored once however many processes run.

A tick is known by its moment, and that follows from the schedule. Ticks that passed while nothing
ran are one tick: the last of them. Schedules of the store are not used: they cannot live in a
stream that refuses new messages when it is full, and a full stream must not lose events.
"""

import asyncio
import logging

import msgspec

from kumeo_runtime.engine.openers import TIME_HEADER
from kumeo_runtime.engine.shared import Shared
from kumeo_runtime.engine.worker import Worker
from kumeo_runtime.sources.cursor import Cursor
from kumeo_runtime.sources.schedule import schedule_of
from kumeo_runtime.spec import Source
from kumeo_runtime.transport.api import Outgoing, TransportError
from kumeo_runtime.transport.subjects import moment_text

log = logging.getLogger("kumeo.sources")
LONGEST_S = 30.0
"""The clock is looked at this often: it may be set."""
RETRY_S = 1.0


class TimerSource:
    """Ticks into the store."""

    is_done = False

    def __init__(self, shared: Shared, source: Source) -> None:
        self.name = source.name
        self._shared = shared
        self._schedule = schedule_of(source.name, source.settings, source.address)
        self._cursor = Cursor(shared, source)
        self._task = Worker(shared, f"timer {source.name}")

    async def start(self) -> None:
        """Begin to tick."""
        self._task.start(self._run())

    async def stop(self) -> None:
        """Tick no more."""
        await self._task.stop()

    async def _run(self) -> None:
        last: int | None = None
        while True:
            try:
                if last is None:
                    last = await self._last()
                last = await self._tick(last)
            except TransportError as error:
                log.warning("timer %s waits for the store: %s", self.name, error.code)
                await asyncio.sleep(RETRY_S)

    async def _last(self) -> int:
        """Return the last tick that is stored; a new timer starts now."""
        stored = await self._cursor.load()
        return msgspec.json.decode(stored, type=int) if stored else self._shared.clock.now_us()

    async def _tick(self, last: int) -> int | None:
        """Store the tick that is due, or wait for the next one; return the last tick."""
        now = self._shared.clock.now_us()
        due = self._schedule.latest(now)
        if due <= last:
            wait = (self._schedule.after(max(now, last)) - now) / 1e6
            await asyncio.sleep(min(max(wait, 0.001), LONGEST_S))
            return last
        moment = moment_text(due)
        headers = {"Kumeo-Id": f"{self.name}@{moment}", TIME_HEADER: str(due)}
        event = Outgoing(self._cursor.subject, msgspec.json.encode({"at": moment}), headers)
        is_mine = await self._cursor.move([event], msgspec.json.encode(due))
        return due if is_mine else None
