"""Holds a reader back while an output edge has too many live messages.

Live messages are those that are not acknowledged. Stored ones do not count: what is finished stays
until it may be purged, and a gate on that would never open again.

But no purge by a floor removes what lies behind a straggler, finished or not. If such messages fill
the stream, the straggler itself finds no room for its outputs, and nothing ever moves. So while the
stream is nearly full, everything from the first message that is not done counts as live. A reader
without open messages has no straggler, so the gates open again, the last ones first.
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
        self.edges = [edge for edge in handler.sends if not edge.is_parked]
        self._live = 0
        self._seen_outputs = 0
        self._is_known = False
        self._is_tight = False

    def room(self) -> int:
        """Return how many more messages the fullest output edge may get."""
        if not self.edges:
            return UNLIMITED
        if not self._is_known:
            return 0
        room = self._limit - self._live - (self._stats.outputs - self._seen_outputs)
        if room <= 0:
            self._stats.gate_closed += 1
        return room

    async def look(self, is_tight: bool = False) -> None:
        """Ask how many messages of the output edges are live; `is_tight`: there is little room."""
        is_idle = self._is_known and self._live == 0 and self._seen_outputs == self._stats.outputs
        if not self.edges or is_idle:
            return
        self._is_tight = is_tight
        before = self._stats.outputs
        names, live = self._shared.names, 0
        for edge in self.edges:
            live = max(live, await self.live_of(names.edges, names.edge_durable(edge)))
        self._live, self._seen_outputs, self._is_known = live, before, True
        self._stats.live = live

    async def live_of(self, stream: str, durable: str) -> int:
        """Return the live messages of one edge."""
        info = await self._shared.transport.consumer_info(stream, durable)
        if info is None:
            return 0
        behind = max(0, info.delivered - info.ack_floor) if self._is_tight else 0
        return info.pending + max(info.unacknowledged, behind)


async def is_nearly_full(shared: Shared) -> bool:
    """Return whether the edges have little room."""
    most = shared.workflow.sizes.edges_bytes
    if most <= 0:
        return False
    info = await shared.transport.stream_info(shared.names.edges)
    return info is not None and info.bytes >= shared.settings.valve * most


async def watch_gates(shared: Shared, gates: Iterable[tuple[Gate, Credit]]) -> None:
    """Look at all gates for ever; each reader asks for more when it may."""
    pairs = list(gates)
    is_sending = any(gate.edges for gate, _ in pairs)
    while True:
        is_tight = is_sending and await _is_tight(shared)
        for gate, credit in pairs:
            try:
                await gate.look(is_tight)
            except TransportError:
                shared.observer.count("gate_unknown")
            credit.top_up()
        await asyncio.sleep(shared.settings.gate_poll_s)


async def _is_tight(shared: Shared) -> bool:
    """Return whether the edges have little room; yes, when that cannot be seen now."""
    try:
        return await is_nearly_full(shared)
    except TransportError:
        shared.observer.count("gate_unknown")
        return True
