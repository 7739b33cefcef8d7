"""Requests to one model server: when one is sent again, and what failures are called.

- A fault of the network, 408, 409, 425, 429 and 5xx are sent again, at most `RESENDS` times, after
  the pause that the server asks for. Other responses are final.
- Once text of a stream has come, nothing is sent again: what breaks off is no answer.
- Everything ends at a deadline, also an answer that drips. A pause that ends after it is not made.
- Redirects are not followed: what is asked goes to the address of the configuration or nowhere.
- Messages of errors never hold the key.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import msgspec
from yarl import URL

from kumeo_runtime import __version__
from kumeo_runtime.llm.addresses import Server
from kumeo_runtime.llm.api import FaultCode, ModelFault
from kumeo_runtime.llm.connections import each_line, pool, read_rest, whole_body
from kumeo_runtime.llm.limiter import Limiter
from kumeo_runtime.llm.openai import error_text
from kumeo_runtime.llm.transcript import redacted
from kumeo_runtime.llm.waiting import asked_s, pause_s
from kumeo_runtime.llm.wire import entry

RESENDS = 2
"""How often a request is sent again."""
_AGAIN = frozenset({408, 409, 425, 429})
_NEVER = frozenset({501, 505})
_UNSURE = frozenset({408, 500, 502, 504})
"""Responses after which the server may have computed an answer all the same."""
_CODES: Mapping[int, FaultCode] = {
    401: "denied",
    402: "denied",
    403: "denied",
    404: "unknown-model",
    429: "rate-limited",
}
_SPENT = ("insufficient_quota", "billing_hard_limit_reached")
"""Codes of 429 that no waiting mends."""
_FILTERS = ("content_filter", "content_policy_violation")
"""Codes of 400 that say that a filter refuses the question."""
_UNSENT = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)
_SHOWN = 200


@dataclass(slots=True)
class Request:
    """One question on its way."""

    path: str
    content: bytes
    key: str
    deadline: float
    lost: int = 0
    """Requests that got no answer, although the server may have computed one."""
    is_out: bool = False
    """Whether the server may be computing an answer now."""

    @property
    def may_cost(self) -> bool:
        """Whether the server may have computed something."""
        return self.is_out or self.lost > 0


class ModelClient:
    """Sends JSON to one server."""

    def __init__(
        self, server: Server, limiter: Limiter, headers: Mapping[str, str] | None = None
    ) -> None:
        self.server = server
        self._limiter = limiter
        self._pool = pool()
        self._is_open = True
        self._pool.enter()
        self._headers = {
            "Accept-Encoding": "identity",
            "Content-Type": "application/json",
            "User-Agent": f"kumeo/{__version__}",
            **(headers or {}),
        }
        if server.key:
            self._headers["Authorization"] = f"Bearer {server.key}"

    async def close(self) -> None:
        """Close the connections if nobody else uses them."""
        if self._is_open:
            self._is_open = False
            await self._pool.leave()

    async def whole(self, request: Request) -> bytes:
        """Return the body of a response. Raises: ModelFault."""
        sent = 0
        while True:
            try:
                async with self._posted(request) as response:
                    return await whole_body(response)
            except _AgainError as again:
                await self._pause(again, sent, request)
                sent += 1

    async def stream(self, request: Request, take: Callable[[bytes], bool]) -> None:
        """Hand over the lines of a streamed response until `take` says that it has all.

        Raises: ModelFault.
        """
        has_begun = False

        def taken(line: bytes) -> bool:
            nonlocal has_begun
            has_begun = True
            return take(line)

        sent = 0
        while True:
            try:
                async with self._posted(request) as response:
                    await each_line(response, taken)
                    return await read_rest(response)
            except _AgainError as again:
                if has_begun:
                    raise ModelFault("truncated-stream", again.message) from None
                await self._pause(again, sent, request)
                sent += 1

    @asynccontextmanager
    async def _posted(self, request: Request) -> AsyncGenerator[aiohttp.ClientResponse]:
        """Give a response with the status 200. Raises: ModelFault, _AgainError."""
        if asyncio.get_running_loop().time() >= request.deadline:
            raise ModelFault("timeout", f"there is no time left to ask {self.server.url}")
        try:
            async with asyncio.timeout_at(request.deadline), self._limiter.slot(request.deadline):
                request.is_out = True
                async with self._post(request) as response:
                    self._limiter.learn(response.headers)
                    await self._check(response, request)
                    yield response
        except _UNSENT as error:
            request.is_out = False
            raise self._unreachable(error) from None
        except aiohttp.ServerTimeoutError as error:
            raise self._unreachable(error) from None
        except TimeoutError:
            raise ModelFault("timeout", f"{self.server.url} did not answer in time") from None
        except (aiohttp.ClientError, OSError) as error:
            raise self._unreachable(error) from None

    def _post(self, request: Request) -> Any:
        return self._pool.session.post(
            URL(self.server.url + request.path, encoded=True),
            data=request.content,
            headers={**self._headers, "Idempotency-Key": request.key},
            proxy=self.server.proxy,
            allow_redirects=False,
        )

    def _unreachable(self, error: Exception) -> "_AgainError":
        reason = self._hidden(str(error) or type(error).__name__)
        return _AgainError("attempt-failed", f"{self.server.url} cannot be reached: {reason}")

    async def _check(self, response: aiohttp.ClientResponse, request: Request) -> None:
        """Refuse a response that is no answer. Raises: ModelFault, _AgainError."""
        status = response.status
        if status == 200:
            self._check_coding(response)
            return
        request.is_out = status in _UNSURE
        if 300 <= status < 400:
            problem = f"{self.server.url} answers {status}: redirects are not followed"
            raise ModelFault("invalid-request", problem)
        data = await whole_body(response)
        said = _said(data)
        text = error_text(said) or data.decode("utf-8", "replace")
        problem = f"the model server answers {status}: {self._hidden(text)}".rstrip(": ")
        code = _code(status, entry(entry(said, "error"), "code"))
        if _may_be_sent_again(response, said):
            raise _AgainError(code, problem, response.headers)
        raise ModelFault(code, problem)

    def _check_coding(self, response: aiohttp.ClientResponse) -> None:
        coding = response.headers.get("Content-Encoding", "identity")
        if coding != "identity":
            problem = f"{self.server.url} packs its answer ({coding:.20}), which was not asked for"
            raise ModelFault("attempt-failed", problem)

    async def _pause(self, again: "_AgainError", sent: int, request: Request) -> None:
        """Wait before a request is sent again. Raises: ModelFault when it is not."""
        request.lost += request.is_out
        request.is_out = False
        now = asyncio.get_running_loop().time()
        if again.headers is not None and again.code == "rate-limited":
            self._limiter.close_for(asked_s(again.headers) or 0.0)
        seconds = None if sent >= RESENDS else pause_s(again.headers, sent)
        if seconds is None or now + seconds >= request.deadline:
            raise ModelFault(again.code, again.message) from None
        await asyncio.sleep(seconds)

    def hidden(self, text: str) -> str:
        """Return a text on one line, without the key and what looks like one."""
        secrets = [each for each in (self.server.key, self._proxy_password) if each]
        return " ".join(redacted(text, secrets).split())

    def _hidden(self, text: str) -> str:
        return self.hidden(text)[:_SHOWN]

    @property
    def _proxy_password(self) -> str | None:
        return None if self.server.proxy is None else urlsplit(self.server.proxy).password


class _AgainError(Exception):
    """A request that may be sent again."""

    def __init__(
        self, code: FaultCode, message: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.code: FaultCode = code
        self.message = message
        self.headers = headers


def _code(status: int, said: Any) -> FaultCode:
    if said in _FILTERS:
        return "filtered"
    is_passing = status >= 500 or status in _AGAIN
    return _CODES.get(status, "attempt-failed" if is_passing else "invalid-request")


def _may_be_sent_again(response: aiohttp.ClientResponse, said: Any) -> bool:
    asked = response.headers.get("x-should-retry")
    if asked in ("true", "false"):
        return asked == "true"
    if response.status in _NEVER or entry(entry(said, "error"), "code") in _SPENT:
        return False
    return response.status in _AGAIN or response.status >= 500


def _said(data: bytes) -> Any:
    try:
        return msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
