"""Asks the store from time to time for what the process does not know by itself."""

import asyncio
from collections.abc import Iterable
from typing import NamedTuple

from kumeo_runtime.engine.shared import Shared
from kumeo_runtime.engine.worker import Worker
from kumeo_runtime.observe.metrics import Metrics
from kumeo_runtime.transport.api import TransportError

HORIZON = "purge_horizon_seconds"


class Watched(NamedTuple):
    """One consumer."""

    name: str
    stream: str
    durable: str
    filter: str


class Gauges:
    """Ages of messages, by consumer, and of the oldest message that edges still hold."""

    def __init__(self, shared: Shared, metrics: Metrics, watched: Iterable[Watched]) -> None:
        self._shared = shared
        self._metrics = metrics
        self._watched = tuple(watched)
        self._task = Worker(shared, "gauges")

    def start(self) -> None:
        """Look from now on."""
        self._task.start(self._run())

    async def stop(self) -> None:
        """Look no more."""
        await self._task.stop()

    async def _run(self) -> None:
        while True:
            try:
                await self.look()
            except TransportError:
                self._shared.observer.count("gauges_unknown")
            self._metrics.absorb()
            await asyncio.sleep(self._shared.settings.gauges_s)

    async def look(self) -> None:
        """Ask once. Raises: TransportError."""
        for each in self._watched:
            self._metrics.ages[each.name] = await self._look_at(each)
        names = self._shared.names
        horizon = await self._age(names.edges, f"{names.prefix}.e.>", 1)
        self._shared.observer.gauges[HORIZON] = horizon

    async def _look_at(self, each: Watched) -> tuple[float, int]:
        info = await self._shared.transport.consumer_info(each.stream, each.durable)
        if info is None or info.pending + info.unacknowledged == 0:
            return 0.0, 0
        age = await self._age(each.stream, each.filter, info.ack_floor + 1)
        return age, info.pending + info.unacknowledged

    async def _age(self, stream: str, subject: str, seq: int) -> float:
        """Return the age of the first message from a sequence on; 0 when there is none."""
        found = await self._shared.transport.read(stream, subject, seq, 1)
        if not found:
            return 0.0
        return max(0.0, (self._shared.clock.now_us() - found[0].stored_us) / 1e6)
