"""Holds a reader back while an output edge has too many live messages.

Live messages are those that are not acknowledged. Stored ones do not count: a straggler keeps the
finished messages behind it stored, and a gate on those would never open again.
"""

import asyncio
from collections.abc import Iterable

from kumeo_runtime.engine.credit import Credit
from kumeo_runtime.engine.observer import HandlerStats
from kumeo_runtime.engine.shared import Shared
from kumeo_runtime.spec import Handler
from kumeo_runtime.transport.api import TransportError

UNLIMITED = 1 << 30


class Gate:
    """The output edges of one handler."""

    def __init__(self, shared: Shared, handler: Handler, stats: HandlerStats) -> None:
        self._shared = shared
        self._limit = handler.consumer.live_max
        self._stats = stats
        self._edges = [edge for edge in handler.sends if not edge.is_parked]
        self._live = 0
        self._seen_outputs = 0
        self._is_known = False

    def room(self) -> int:
        """Return how many more messages the fullest output edge may get."""
        if not self._edges:
            return UNLIMITED
        if not self._is_known:
            return 0
        room = self._limit - self._live - (self._stats.outputs - self._seen_outputs)
        if room <= 0:
            self._stats.gate_closed += 1
        return room

    async def look(self) -> None:
        """Ask how many messages of the output edges are live."""
        is_idle = self._is_known and self._live == 0 and self._seen_outputs == self._stats.outputs
        if not self._edges or is_idle:
            return
        before = self._stats.outputs
        names, live = self._shared.names, 0
        for edge in self._edges:
            live = max(live, await self.live_of(names.edges, names.edge_durable(edge)))
        self._live, self._seen_outputs, self._is_known = live, before, True
        self._stats.live = live

    async def live_of(self, stream: str, durable: str) -> int:
        """Return the live messages of one edge."""
        info = await self._shared.transport.consumer_info(stream, durable)
        return info.pending + info.unacknowledged if info is not None else 0


async def watch_gates(shared: Shared, gates: Iterable[tuple[Gate, Credit]]) -> None:
    """Look at all gates for ever; each reader asks for more when it may."""
    pairs = list(gates)
    while True:
        for gate, credit in pairs:
            try:
                await gate.look()
            except TransportError:
                shared.observer.count("gate_unknown")
            credit.top_up()
        await asyncio.sleep(shared.settings.gate_poll_s)
