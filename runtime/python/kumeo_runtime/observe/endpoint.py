"""A small HTTP endpoint for machines: `/metrics`, `/healthz`, `/readyz`. It answers only GET.

/healthz   200 while the process can do its work, 503 when it has failed
/readyz    200 while it is connected and takes messages, 503 before, and while it drains
"""

import asyncio
import errno
import json
import logging
from collections.abc import Callable, Mapping
from typing import Any

from kumeo_runtime.engine.shared import EngineError

log = logging.getLogger("kumeo.observe")
HEAD_MAX = 8192
CLIENT_S = 5.0
TEXT = "text/plain; version=0.0.4; charset=utf-8"
JSON = "application/json"
REASONS = {200: "OK", 400: "Bad Request", 404: "Not Found", 405: "Method Not Allowed"}

Page = tuple[int, str, bytes]
"""Status, content type, body."""


class Endpoint:
    """One port."""

    def __init__(self, host: str, port: int, pages: Mapping[str, Callable[[], Page]]) -> None:
        self.host = host
        self.port = port
        self._pages = pages
        self._server: asyncio.Server | None = None

    async def start(self, *, or_any: bool = False) -> None:
        """Listen; `or_any` takes a free port when this one is in use. Raises: EngineError."""
        try:
            self._server = await self._listen(self.port)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                fix = "set KUMEO_HTTP_HOST to an address of this machine"
                problem = f"cannot listen on {self.host}: {error.strerror}"
                raise EngineError("invalid-setting", problem, fix) from None
            if not or_any:
                problem = f"port {self.port} on {self.host} is in use"
                fix = "set KUMEO_HTTP_PORT to a free port, or to 0 for none"
                raise EngineError("port-in-use", problem, fix) from None
            self._server = await self._listen(0)
        self.port = self._server.sockets[0].getsockname()[1]
        log.info("metrics and health on http://%s:%d", self.host, self.port)

    async def stop(self) -> None:
        """Listen no more."""
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()
            self._server = None

    async def _listen(self, port: int) -> asyncio.Server:
        return await asyncio.start_server(self._serve, self.host, port, limit=HEAD_MAX)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(CLIENT_S):
                head = await reader.readuntil(b"\r\n\r\n")
                writer.write(self._answer(head))
                await writer.drain()
        except (TimeoutError, OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # Whoever asked has gone, or has not asked for anything.
        finally:
            writer.close()

    def _answer(self, head: bytes) -> bytes:
        words = head.split(b"\r\n", 1)[0].decode("latin-1").split(" ")
        if len(words) != 3:
            return response(400, TEXT, b"no request\n")
        method, target, _ = words
        page = self._pages.get(target.partition("?")[0])
        if page is None:
            known = ", ".join(sorted(self._pages))
            return response(404, TEXT, f"there is only {known}\n".encode())
        if method not in ("GET", "HEAD"):
            return response(405, TEXT, b"only GET\n")
        status, kind, body = page()
        return response(status, kind, body, has_body=method == "GET")


def response(status: int, kind: str, body: bytes, *, has_body: bool = True) -> bytes:
    """Return an answer, after which the connection ends."""
    reason = REASONS.get(status, "Service Unavailable")
    lines = (
        f"HTTP/1.1 {status} {reason}",
        f"Content-Type: {kind}",
        f"Content-Length: {len(body)}",
        "Connection: close",
        "\r\n",
    )
    return "\r\n".join(lines).encode() + (body if has_body else b"")


def json_page(is_good: bool, data: Any) -> Page:
    """Return plain data as a page: 200 when all is well, else 503."""
    return 200 if is_good else 503, JSON, json.dumps(data).encode() + b"\n"
