"""`HttpSource`: events by POST. An answer of 202 says that the store has the event.

    POST /orders   Idempotency-Key: order-17      {"id": "17", "amount": 12.5}
    202 {"id": "order-17"}

The key is the id of the event: sending it again has no effect. Without one the event gets a new id.
"""

import asyncio
import errno
import json
import logging
import secrets
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from kumeo_runtime.agents.resources import Resources
from kumeo_runtime.auth import credentials_of, is_allowed
from kumeo_runtime.engine.shared import EngineError, Shared
from kumeo_runtime.spec import Source
from kumeo_runtime.transport.api import Accepted, Outcome, Outgoing, Refused
from kumeo_runtime.values import Failure, json_decoder

log = logging.getLogger("kumeo.sources")
PORT = 8080
ID_MAX = 200
HEADERS_BYTES = 1024
STORE_S = 5.0
"""How long the store may take before the client is told to come again."""
RETRY_AFTER_S = 2
WAITING_MAX = 1024
"""Requests that wait for the store before others are told to come again."""

Answer = Callable[[web.Request], Awaitable[web.Response]]


class HttpServer:
    """One port with the routes of all sources on it."""

    def __init__(self, host: str, port: int, max_bytes: int) -> None:
        self.host = host
        self.port = port
        self._app = web.Application(client_max_size=max_bytes)
        self._runner: web.AppRunner | None = None

    def add(self, method: str, path: str, answer: Answer) -> None:
        """Answer a path."""
        self._app.router.add_route(method, path, answer)

    async def start(self) -> None:
        """Listen. Raises: EngineError when the port is in use."""
        if self._runner is not None:
            return
        self._runner = web.AppRunner(self._app, access_log=None, handle_signals=False)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, self.host, self.port).start()
        except OSError as error:
            await self.stop()
            raise _not_listening(self.host, self.port, error) from None
        self.port = self._runner.addresses[0][1]
        log.info("listening on %s:%d", self.host, self.port)

    async def stop(self) -> None:
        """Answer what is under way, then listen no more."""
        runner, self._runner = self._runner, None
        if runner is not None:
            await runner.cleanup()


def _not_listening(host: str, port: int, error: OSError) -> EngineError:
    if error.errno == errno.EADDRINUSE:
        fix = "stop who uses it, or write another `port:`"
        return EngineError("port-in-use", f"port {port} on {host} is in use", fix)
    problem = f"cannot listen on {host}:{port}: {error.strerror}"
    return EngineError("invalid-setting", problem, "set KUMEO_INGRESS_HOST to an address of here")


class HttpSource:
    """One route."""

    is_done = False

    def __init__(
        self, shared: Shared, source: Source, server: HttpServer, resources: Resources
    ) -> None:
        self.name = source.name
        self._shared = shared
        self._server = server
        self._decode = json_decoder(source.type).decode
        self._subject = shared.names.source_subject(source)
        self._credentials = credentials_of(source.name, source.settings.get("auth"), resources)
        self._is_open = True
        self._waiting = 0
        path = source.address if source.address.startswith("/") else f"/{source.address}"
        server.add(str(source.settings.get("method", "POST")).upper(), path, self._take)

    @property
    def port(self) -> int:
        """The port that is listened on."""
        return self._server.port

    async def start(self) -> None:
        """Listen."""
        await self._server.start()

    async def stop(self) -> None:
        """Take no more events."""
        self._is_open = False
        await self._server.stop()

    # -- requests
    async def _take(self, request: web.Request) -> web.Response:
        if not is_allowed(self._credentials, request.headers.get("Authorization", "")):
            return refusal(401, "unauthorized", "the request has no valid credentials")
        if not self._is_open or self._waiting >= WAITING_MAX:
            return refusal(503 if not self._is_open else 429, "busy", "come again")
        try:
            body = await request.read()
        except web.HTTPRequestEntityTooLarge:
            return self._too_large()
        if len(body) + HEADERS_BYTES > self._shared.transport.max_payload:
            return self._too_large()
        key = request.headers.get("Idempotency-Key") or request.headers.get("Kumeo-Id")
        if key is not None and not (0 < len(key) <= ID_MAX and key.isascii() and key.isprintable()):
            problem = f"Idempotency-Key has to be 1 to {ID_MAX} printable characters"
            return refusal(400, "invalid-id", problem)
        value = self._decode(body)
        if isinstance(value, Failure):
            return refusal(400, "invalid-event", value.message)
        event_id = key or secrets.token_hex(16)
        headers = {"Kumeo-Id": event_id, "Nats-Msg-Id": f"{self.name}:{event_id}"}
        if "traceparent" in request.headers:
            headers["traceparent"] = request.headers["traceparent"]
        outcome = await self._store(Outgoing(self._subject, body, headers))
        return self._answer(outcome, event_id)

    async def _store(self, message: Outgoing) -> Outcome:
        """Publish, again and again for a while."""
        self._waiting += 1
        outcome: Outcome = Refused("unavailable", "the store does not answer")
        try:
            async with asyncio.timeout(STORE_S):
                tries = 0
                while True:
                    outcome = await self._shared.ask(message)
                    if not isinstance(outcome, Refused):
                        return outcome
                    if not self._shared.is_passing(outcome, message):
                        return outcome
                    await asyncio.sleep(self._shared.backoff(tries))
                    tries += 1
        except TimeoutError:
            return outcome
        finally:
            self._waiting -= 1

    def _answer(self, outcome: Outcome, event_id: str) -> web.Response:
        if isinstance(outcome, Accepted):
            more = {"duplicate": True} if outcome.duplicate else {}
            return web.json_response({"id": event_id, **more}, status=202)
        self._shared.observer.count(f"http_refused_{outcome.reason.replace('-', '_')}")
        if outcome.reason == "too-large":
            return self._too_large()
        if outcome.reason == "full":
            return refusal(429, "store-full", "the store has no room now")
        return refusal(503, "store-unreachable", "the store cannot be reached now")

    def _too_large(self) -> web.Response:
        limit = self._shared.transport.max_payload - HEADERS_BYTES
        return refusal(413, "too-large", f"an event has at most {limit} bytes")


def refusal(status: int, code: str, message: str) -> web.Response:
    """Return an answer that says why there is no event."""
    headers = {"Retry-After": str(RETRY_AFTER_S)} if status in (429, 503) else {}
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    body: dict[str, Any] = {"error": {"code": code, "message": message}}
    text = json.dumps(body, ensure_ascii=False)
    return web.Response(status=status, text=text, headers=headers, content_type="application/json")
