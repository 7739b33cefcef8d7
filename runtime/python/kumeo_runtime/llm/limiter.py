"""How many requests go to a server at once, and how many in a minute.

All agents of a process that ask the same server share one limiter. What the server tells about its
limits holds as well: when no request is left, the next one waits until there are more.
"""

import asyncio
import re
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from weakref import WeakKeyDictionary

from kumeo_runtime.llm.api import ModelFault

CONCURRENT_MAX = 256
"""Requests at once when nobody says another number."""
CLOSED_MAX_S = 3600.0
"""How long a server can keep requests back; then one tries."""
_PARTS = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


class Limiter:
    """The limits of one server."""

    def __init__(
        self, max_concurrent: int | None = None, requests_per_minute: int | None = None
    ) -> None:
        self._most = CONCURRENT_MAX
        self._free = asyncio.Semaphore(self._most)
        self._gap_s = 0.0
        self._next = 0.0
        self._closed_until = 0.0
        self.restrict(max_concurrent, requests_per_minute)

    def restrict(self, max_concurrent: int | None, requests_per_minute: int | None) -> None:
        """Take limits; the lower ones hold. Called before requests are sent."""
        if max_concurrent and max_concurrent < self._most:
            self._most = max_concurrent
            self._free = asyncio.Semaphore(max_concurrent)
        if requests_per_minute:
            self._gap_s = max(self._gap_s, 60.0 / requests_per_minute)

    @asynccontextmanager
    async def slot(self, deadline: float) -> AsyncGenerator[None]:
        """Wait for the turn of a request. Raises: ModelFault when it comes after the deadline."""
        async with self._free:
            await self._turn(deadline)
            yield

    async def _turn(self, deadline: float) -> None:
        loop = asyncio.get_running_loop()
        while (turn := max(self._next, self._closed_until)) > (now := loop.time()):
            if turn >= deadline:
                problem = f"the limit of requests leaves no room for {turn - now:.1f} s"
                raise ModelFault("rate-limited", problem)
            await asyncio.sleep(turn - now)
        self._next = max(self._next, now) + self._gap_s

    def learn(self, headers: Mapping[str, str]) -> None:
        """Take what a response says about the limits of the server."""
        for what in ("requests", "tokens"):
            left = headers.get(f"x-ratelimit-remaining-{what}")
            reset = duration_s(headers.get(f"x-ratelimit-reset-{what}") or "")
            if left == "0" and reset is not None:
                self.close_for(reset)

    def close_for(self, seconds: float) -> None:
        """Send nothing for a while."""
        until = asyncio.get_running_loop().time() + min(seconds, CLOSED_MAX_S)
        self._closed_until = max(self._closed_until, until)


def duration_s(text: str) -> float | None:
    """Return the seconds of a text such as `6m0s` or `20ms`; None for anything else.

    >>> duration_s("1m0.5s"), duration_s("20ms"), duration_s("7"), duration_s("soon")
    (60.5, 0.02, 7.0, None)
    """
    if text.isascii() and text.isdigit():
        return float(text)
    parts = _PARTS.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        return None
    return sum(float(number) * _SECONDS[unit] for number, unit in parts)


_LIMITERS: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[str, Limiter]] = WeakKeyDictionary()


def limiter_of(url: str, max_concurrent: int | None, requests_per_minute: int | None) -> Limiter:
    """Return the limiter of a server in this event loop; the lowest limits that were said hold."""
    known = _LIMITERS.setdefault(asyncio.get_running_loop(), {})
    found = known.setdefault(url, Limiter())
    found.restrict(max_concurrent, requests_per_minute)
    return found
