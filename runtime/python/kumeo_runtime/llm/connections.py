"""Connections to model servers: one pool for all agents of a process, and how bodies are read.

A body has at most `ANSWER_MAX` bytes, a stream at most `STREAM_MAX`; what is longer is not read to
its end. Nothing is unpacked: a small body cannot become a large one.
"""

import asyncio
from collections.abc import Callable
from weakref import WeakKeyDictionary

import aiohttp

from kumeo_runtime.llm.api import ModelFault

ANSWER_MAX, STREAM_MAX = 8 << 20, 64 << 20
CONNECT_S = 10.0
"""How long a connection may take to be made."""
REST_S = 0.1
"""How long the end of a stream may take after the model has said that there is no more."""


class Pool:
    """The connections of an event loop, for as long as somebody uses them."""

    def __init__(self) -> None:
        self._users = 0
        self._session: aiohttp.ClientSession | None = None

    def enter(self) -> None:
        """Count one more user."""
        self._users += 1

    async def leave(self) -> None:
        """Count one user less; the last one closes the connections."""
        self._users -= 1
        session = self._session
        if self._users <= 0 and session is not None:
            self._session = None
            await session.close()

    @property
    def session(self) -> aiohttp.ClientSession:
        """What requests are sent by."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_S),
                # How many requests run at once is a matter of the limiter.
                connector=aiohttp.TCPConnector(limit=0),
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                trust_env=False,
            )
        return self._session


_POOLS: WeakKeyDictionary[asyncio.AbstractEventLoop, Pool] = WeakKeyDictionary()


def pool() -> Pool:
    """Return the pool of the running loop."""
    return _POOLS.setdefault(asyncio.get_running_loop(), Pool())


async def whole_body(response: aiohttp.ClientResponse) -> bytes:
    """Return a body. Raises: ModelFault when it is too large."""
    parts: list[bytes] = []
    size = 0
    async for piece in response.content.iter_any():
        size += len(piece)
        check_size(size, ANSWER_MAX)
        parts.append(piece)
    return b"".join(parts)


async def each_line(response: aiohttp.ClientResponse, take: Callable[[bytes], bool]) -> None:
    """Hand over the lines of a body until `take` says that it has all.

    Raises: ModelFault when the body is too large, and what `take` raises.
    """
    rest, size = b"", 0
    async for piece in response.content.iter_any():
        size += len(piece)
        check_size(size, STREAM_MAX)
        *whole, rest = (rest + piece).split(b"\n")
        check_size(len(rest), ANSWER_MAX)
        for line in whole:
            if take(line.rstrip(b"\r")):
                return
    if rest:
        take(rest)


async def read_rest(response: aiohttp.ClientResponse) -> None:
    """Read a stream to its end, so that its connection can be used again; give up soon."""
    try:
        async with asyncio.timeout(REST_S):
            while await response.content.readany():
                pass
    except (TimeoutError, aiohttp.ClientError, OSError):
        response.close()


def check_size(size: int, most: int) -> None:
    """Refuse an answer that is too large. Raises: ModelFault."""
    if size > most:
        raise ModelFault("too-large", f"the answer is larger than {most >> 20} MiB")
