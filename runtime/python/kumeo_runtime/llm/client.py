"""Requests to one model server: the connection, when a request is sent again, and its limits.

- A fault of the network, 408, 409, 425, 429 and 5xx are sent again, at most `RESENDS` times, after
  the pause that the server asks for. Other answers are final.
- Everything ends at a deadline, also an answer that drips. A pause that ends after it is not made.
- An answer has at most `ANSWER_MAX` bytes.
- Redirects are not followed: what is asked goes to the address of the configuration or nowhere.
- Messages of errors never hold the key.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import msgspec

from kumeo_runtime.agents.resources import AgentError
from kumeo_runtime.llm.api import FaultCode, ModelFault
from kumeo_runtime.llm.limiter import Limiter
from kumeo_runtime.llm.openai import error_text
from kumeo_runtime.llm.waiting import pause_s
from kumeo_runtime.llm.wire import entry

RESENDS = 2
ANSWER_MAX = 8 << 20
CONNECT_S = 10.0
_AGAIN = frozenset({408, 409, 425, 429})
_CODES: Mapping[int, FaultCode] = {401: "denied", 403: "denied", 404: "unknown-model"}
_SPENT = ("insufficient_quota", "billing_hard_limit_reached")
"""Codes of 429 that no waiting mends."""
_NETWORK = (aiohttp.ClientError, ConnectionError, OSError)


class ModelClient:
    """Sends JSON to one server."""

    def __init__(
        self, url: str, key: str | None, limiter: Limiter, headers: Mapping[str, str]
    ) -> None:
        """Raises: AgentError when the address is none."""
        if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).netloc:
            message = f"`{_hidden(url, key)}` is no address of a model server"
            raise AgentError("invalid-setting", message, "write http://HOST:PORT or https://HOST")
        self._url = url.rstrip("/")
        self._key = key
        self._limiter = limiter
        self._headers = {"Content-Type": "application/json", **headers}
        if key:
            self._headers["Authorization"] = f"Bearer {key}"
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        """Close its connections."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def whole(self, path: str, body: Any, key: str, deadline: float) -> bytes:
        """Return the body of a response. Raises: ModelFault."""
        sent = 0
        while True:
            try:
                async with self._posted(path, body, key, deadline) as response:
                    return await _all(response)
            except _AgainError as again:
                await self._pause(again, sent, deadline)
                sent += 1

    async def lines(self, path: str, body: Any, key: str, deadline: float) -> AsyncGenerator[bytes]:
        """Give the lines of a streamed response. Raises: ModelFault.

        Once lines have come the request is not sent again: what breaks off is no answer.
        """
        sent, has_begun = 0, False
        while True:
            try:
                async with self._posted(path, body, key, deadline) as response:
                    async for line in _lines(response):
                        has_begun = True
                        yield line
                    return
            except _AgainError as again:
                if has_begun:
                    raise ModelFault("truncated-stream", again.message) from None
                await self._pause(again, sent, deadline)
                sent += 1

    @asynccontextmanager
    async def _posted(
        self, path: str, body: Any, key: str, deadline: float
    ) -> AsyncGenerator[aiohttp.ClientResponse]:
        """Give a response with the status 200. Raises: ModelFault, _AgainError."""
        content = msgspec.json.encode(body)
        headers = {**self._headers, "Idempotency-Key": key}
        try:
            async with (
                asyncio.timeout_at(deadline),
                self._limiter.slot(deadline),
                self._opened().post(
                    self._url + path, data=content, headers=headers, allow_redirects=False
                ) as response,
            ):
                self._limiter.learn(response.headers)
                await self._check(response)
                yield response
        except TimeoutError:
            raise ModelFault("timeout", f"{self._shown} did not answer in time") from None
        except _NETWORK as error:
            reason = str(error) or type(error).__name__
            problem = f"{self._shown} cannot be reached: {_hidden(reason, self._key)}"
            raise _AgainError("attempt-failed", problem) from None

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            timeout = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_S)
            connector = aiohttp.TCPConnector(limit=0)
            self._session = aiohttp.ClientSession(
                timeout=timeout, connector=connector, cookie_jar=aiohttp.DummyCookieJar()
            )
        return self._session

    async def _check(self, response: aiohttp.ClientResponse) -> None:
        """Refuse a response that is no answer. Raises: ModelFault, _AgainError."""
        status = response.status
        if status == 200:
            return
        if 300 <= status < 400:
            problem = f"{self._shown} answers {status}: redirects are not followed"
            raise ModelFault("attempt-failed", problem)
        data = await _all(response)
        said = _said(data)
        text = error_text(said) or " ".join(data.decode("utf-8", "replace").split())[:200]
        problem = f"the model server answers {status}: {_hidden(text, self._key)}"
        if _may_be_sent_again(response, said):
            raise _AgainError(_code(status), problem, response.headers)
        raise ModelFault(_code(status), problem)

    async def _pause(self, again: "_AgainError", sent: int, deadline: float) -> None:
        """Wait before a request is sent again. Raises: ModelFault when it is not."""
        fault = ModelFault(again.code, again.message)
        seconds = None if sent >= RESENDS else pause_s(again.headers, sent)
        if seconds is None or asyncio.get_running_loop().time() + seconds >= deadline:
            raise fault from None
        if again.code == "rate-limited":
            self._limiter.close_for(seconds)
        await asyncio.sleep(seconds)

    @property
    def _shown(self) -> str:
        return _hidden(self._url, self._key)


class _AgainError(Exception):
    """A request that may be sent again."""

    def __init__(
        self, code: FaultCode, message: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.code: FaultCode = code
        self.message = message
        self.headers = headers


def _code(status: int) -> FaultCode:
    if status == 429:
        return "rate-limited"
    is_passing = status >= 500 or status in _AGAIN
    return "attempt-failed" if is_passing else _CODES.get(status, "invalid-request")


def _may_be_sent_again(response: aiohttp.ClientResponse, said: Any) -> bool:
    asked = response.headers.get("x-should-retry")
    if asked in ("true", "false"):
        return asked == "true"
    if entry(entry(said, "error"), "code") in _SPENT:
        return False
    return response.status in _AGAIN or response.status >= 500


def _said(data: bytes) -> Any:
    try:
        return msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


async def _all(response: aiohttp.ClientResponse) -> bytes:
    """Return a body. Raises: ModelFault when it is too large."""
    parts: list[bytes] = []
    size = 0
    async for piece in response.content.iter_any():
        size += len(piece)
        _check_size(size)
        parts.append(piece)
    return b"".join(parts)


async def _lines(response: aiohttp.ClientResponse) -> AsyncIterator[bytes]:
    """Give the lines of a body. Raises: ModelFault when it is too large."""
    rest, size = b"", 0
    async for piece in response.content.iter_any():
        size += len(piece)
        _check_size(size)
        *whole, rest = (rest + piece).split(b"\n")
        for line in whole:
            yield line.rstrip(b"\r")
    if rest:
        yield rest


def _check_size(size: int) -> None:
    if size > ANSWER_MAX:
        raise ModelFault("too-large", f"the answer is larger than {ANSWER_MAX >> 20} MiB")


def _hidden(text: str, key: str | None) -> str:
    """Return a text without the key, and without a password in an address."""
    parts = urlsplit(text) if "://" in text and "@" in text else None
    if parts is not None and parts.password:
        text = text.replace(f":{parts.password}@", ":***@")
    return text.replace(key, "***") if key else text
