"""How many requests go to a server at once, and how many in a minute.

All agents of a process that ask the same server share one limiter. What the server tells about its
limits holds as well: when no request is left, the next one waits until there are more.
"""

import asyncio
import re
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from weakref import WeakValueDictionary

from kumeo_runtime.llm.api import ModelFault

CONCURRENT_MAX = 256
"""Requests at once when nobody says another number."""
_PARTS = re.compile(r"([\d.]+)(ms|s|m|h|d)")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


class Limiter:
    """The limits of one server."""

    def __init__(self, max_concurrent: int | None, requests_per_minute: int | None) -> None:
        self._free = asyncio.Semaphore(max_concurrent or CONCURRENT_MAX)
        self._gap_s = 60.0 / requests_per_minute if requests_per_minute else 0.0
        self._next = 0.0
        self._closed_until = 0.0

    @asynccontextmanager
    async def slot(self, deadline: float) -> AsyncGenerator[None]:
        """Wait for the turn of a request. Raises: ModelFault when it comes after the deadline."""
        async with self._free:
            await self._turn(deadline)
            yield

    async def _turn(self, deadline: float) -> None:
        loop = asyncio.get_running_loop()
        while True:
            now = loop.time()
            turn = max(self._next, self._closed_until)
            if turn <= now:
                self._next = max(self._next, now) + self._gap_s
                return
            if turn >= deadline:
                wait = turn - now
                problem = f"the limit of requests leaves no room for {wait:.1f} s"
                raise ModelFault("rate-limited", problem)
            await asyncio.sleep(turn - now)

    def learn(self, headers: Mapping[str, str]) -> None:
        """Take what a response says about the limits of the server."""
        for what in ("requests", "tokens"):
            left = headers.get(f"x-ratelimit-remaining-{what}")
            reset = duration_s(headers.get(f"x-ratelimit-reset-{what}") or "")
            if left == "0" and reset is not None:
                self.close_for(reset)

    def close_for(self, seconds: float) -> None:
        """Send nothing for a while."""
        until = asyncio.get_running_loop().time() + seconds
        self._closed_until = max(self._closed_until, until)


def duration_s(text: str) -> float | None:
    """Return the seconds of a text such as `6m0s` or `20ms`; None for anything else.

    >>> duration_s("1m0.5s"), duration_s("20ms"), duration_s("soon")
    (60.5, 0.02, None)
    """
    parts = _PARTS.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        return None
    try:
        return sum(float(number) * _SECONDS[unit] for number, unit in parts)
    except ValueError:
        return None


_LIMITERS: WeakValueDictionary[tuple[int, str], Limiter] = WeakValueDictionary()


def limiter_of(url: str, max_concurrent: int | None, requests_per_minute: int | None) -> Limiter:
    """Return the limiter of a server in this event loop; the first one to ask sets the limits."""
    key = (id(asyncio.get_running_loop()), url)
    found = _LIMITERS.get(key)
    if found is None:
        found = _LIMITERS[key] = Limiter(max_concurrent, requests_per_minute)
    return found
