"""How long the stream of the targets remembers ids: long, but not more ids than fit into memory.

A value that a target got is known by its id, and the server keeps ids in memory, about 280 bytes
each. So the window is ten minutes while values are few, and gets shorter when they are many. It
never gets as short as a delivery takes to come again: see `least_window`.
"""

from collections import deque

from kumeo_runtime.engine.names import handlers_of
from kumeo_runtime.engine.shared import Shared
from kumeo_runtime.spec import Workflow

WINDOW_S = 600.0
"""How long ids are remembered, if they fit."""
LEAST_S = 60.0
IDS_MAX = 500_000
"""Ids that the server may remember: 140 MB."""
RECENT_S = 30.0
"""The rate of values is that of so many seconds."""


class Windows:
    """Fits the window of one stream to the rate of its messages."""

    def __init__(self, shared: Shared, most: int = IDS_MAX) -> None:
        self._shared = shared
        self._most = most
        self._least_s = least_window(shared.workflow)
        self._seen: deque[tuple[float, int]] = deque()
        """Moments with the last sequence at that time, oldest first."""

    async def fit(self) -> None:
        """Look once, and change the window where that is needed. Raises: TransportError."""
        shared = self._shared
        info = await shared.transport.stream_info(shared.names.outputs)
        if info is None:
            return
        now = shared.loop.time()
        wanted = self._wanted(now, info.last_seq, info.duplicate_window_s)
        self._seen.append((now, info.last_seq))
        while self._seen[0][0] < now - RECENT_S:
            self._seen.popleft()
        if wanted != info.duplicate_window_s:
            await shared.transport.set_duplicate_window(info.name, wanted)
        shared.observer.gauges["duplicate_window_s"] = wanted

    def _wanted(self, now: float, last_seq: int, window_s: float) -> float:
        """Return the window: shorter at once, longer only when twice as much would fit easily."""
        if not self._seen:
            return window_s
        since, before = self._seen[0]
        rate = max(0, last_seq - before) / max(now - since, 0.001)
        fits_s = WINDOW_S if rate == 0 else min(WINDOW_S, self._most / rate)
        fits_s = max(fits_s, self._least_s)
        if fits_s < 0.9 * window_s or fits_s == self._least_s < window_s:
            return float(int(fits_s))
        is_easy = fits_s >= 2 * window_s or fits_s == WINDOW_S
        return min(2 * window_s, WINDOW_S) if is_easy else window_s


def least_window(workflow: Workflow) -> float:
    """Return the shortest window: whatever is not acknowledged comes again within half of it."""
    waits = [handler.consumer.ack_wait_s for handler in handlers_of(workflow)]
    return min(WINDOW_S, max(LEAST_S, 2 * max(waits, default=0.0)))
