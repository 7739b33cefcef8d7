"""`HttpTarget`: values by POST or PUT. Nothing is lost while the other side is away.

    POST /hook   Kumeo-Id: 5f0c…   Idempotency-Key: 5f0c…   {"id": "17"}

Every 2xx ends a value. No connection, 408, 425, 429 and 5xx are tried again, later each time and
not before `Retry-After`. Any other answer makes a dead letter: sending it again cannot help.
"""

import email.utils
import logging
import random
from collections.abc import Mapping
from typing import Any, cast
from urllib.parse import urlsplit

import httpx

from kumeo_runtime.agents.resources import Resources
from kumeo_runtime.auth import credentials_of, text_of
from kumeo_runtime.engine.letters import Letters
from kumeo_runtime.engine.shared import EngineError, Shared
from kumeo_runtime.meta import Meta
from kumeo_runtime.spec import Handler, Target
from kumeo_runtime.targets.pump import Pump, place_of
from kumeo_runtime.transport.api import Delivery
from kumeo_runtime.values import Failure

log = logging.getLogger("kumeo.targets")
TIMEOUT_S = 10.0
CONCURRENCY = 16
DELAY_MIN_S = 0.5
DELAY_MAX_S = 300.0
RETRY_AFTER_MAX_S = 3600.0
AGAIN = frozenset({408, 425, 429})
METHODS = ("POST", "PUT", "PATCH")


class HttpTarget:
    """Sends the values of one target to an address."""

    def __init__(self, shared: Shared, target: Target, resources: Resources) -> None:
        self.name = target.name
        self._shared = shared
        self._url = checked_url(target)
        self._method = checked_method(target)
        self._timeout_s = float(target.settings.get("timeout") or TIMEOUT_S * 1e6) / 1e6
        self._headers = headers_of(target, resources)
        self._client: httpx.AsyncClient | None = None
        self.pump = Pump(
            shared,
            place_of(shared, target),
            self._arrived,
            credit=CONCURRENCY,
            ack_wait_s=max(30.0, 3 * self._timeout_s),
        )
        self._letters = Letters(shared, Handler(target.name, _nothing, ()), self.pump.stream)

    async def start(self) -> None:
        """Take values."""
        limits = httpx.Limits(max_connections=CONCURRENCY)
        self._client = httpx.AsyncClient(timeout=self._timeout_s, limits=limits)
        await self.pump.start()

    async def stop(self) -> None:
        """Take no more; what is not delivered stays stored."""
        await self.pump.stop()
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    # -- one value
    def _arrived(self, delivery: Delivery) -> None:
        self._shared.spawn(self._send(delivery))

    async def _send(self, delivery: Delivery) -> None:
        if self._client is None:
            self.pump.again(delivery, 0.0)
            return
        try:
            answer = await self._client.request(
                self._method, self._url, content=delivery.payload, headers=self._all(delivery)
            )
        except httpx.TransportError as error:
            self._later(delivery, type(error).__name__, None)
            return
        if answer.is_success:
            self.pump.done(delivery)
        elif answer.status_code in AGAIN or answer.status_code >= 500:
            after = retry_after_s(answer.headers.get("Retry-After"), self._shared.clock.now_us())
            self._later(delivery, str(answer.status_code), after)
        else:
            await self._bury(delivery, answer.status_code)

    def _all(self, delivery: Delivery) -> dict[str, str]:
        known = delivery.headers or {}
        key = known.get("Kumeo-Id") or f"{self.pump.stream}-{delivery.seq}"
        headers = {"Content-Type": "application/json", **self._headers}
        headers |= {"Kumeo-Id": key, "Idempotency-Key": key}
        if "traceparent" in known:
            headers["traceparent"] = known["traceparent"]
        return headers

    def _later(self, delivery: Delivery, why: str, after_s: float | None) -> None:
        delay = max(delay_s(delivery.attempt), after_s or 0.0)
        self._shared.observer.count("http_retries")
        log.warning("target %s: %s; tried again in %.1f s", self.name, why, delay)
        self.pump.again(delivery, delay)

    async def _bury(self, delivery: Delivery, status: int) -> None:
        """Make a dead letter, then forget the value."""
        failure = Failure("http-refused", f"target `{self.name}` answered {status}")
        event = (delivery.headers or {}).get("Kumeo-Event", "")
        meta = Meta("", event, delivery.stored_us, delivery.payload)
        letter = self._letters.letter(delivery, failure, meta=meta, attempts=delivery.attempt)
        await self._shared.store(letter)
        log.error("dead letter http-refused: target %s answered %d", self.name, status)
        self._shared.observer.count("http_dead_letters")
        self.pump.done(delivery)


def _nothing() -> None:
    """Stand for the handler of a target: letters need only its name."""


def delay_s(attempt: int) -> float:
    """Return the wait before the next attempt: doubled, with jitter."""
    most = min(DELAY_MAX_S, DELAY_MIN_S * 2 ** min(attempt - 1, 20))
    return most * (0.5 + random.random() / 2)


def retry_after_s(text: str | None, now_us: int) -> float | None:
    """Return the seconds that an answer asks for: a number, or a date.

    >>> retry_after_s("3", 0), retry_after_s("Thu, 01 Jan 1970 00:01:00 GMT", 0)
    (3.0, 60.0)
    """
    if text is None:
        return None
    if text.strip().isdigit():
        return min(float(text), RETRY_AFTER_MAX_S)
    try:
        when = email.utils.parsedate_to_datetime(text)
    except ValueError:
        return None
    return min(max(0.0, when.timestamp() - now_us / 1e6), RETRY_AFTER_MAX_S)


def checked_url(target: Target) -> str:
    """Return the address. Raises: EngineError when it is none."""
    parts = urlsplit(target.address)
    if parts.scheme in ("http", "https") and parts.netloc:
        return target.address
    problem = f"target `{target.name}` has the address `{target.address}`"
    raise EngineError("invalid-setting", problem, "write a URL such as https://example.org/hook")


def checked_method(target: Target) -> str:
    """Return the method. Raises: EngineError."""
    method = str(target.settings.get("method", "POST")).upper()
    if method in METHODS:
        return method
    problem = f"target `{target.name}` has the method `{method}`"
    raise EngineError("invalid-setting", problem, f"write one of {', '.join(METHODS)}")


def headers_of(target: Target, resources: Resources) -> dict[str, str]:
    """Return the headers of every request, with the credentials."""
    given: Any = target.settings.get("headers") or {}
    named = cast(Mapping[str, Any], given)
    headers = {name: text_of(value, resources) for name, value in named.items()}
    authorization = credentials_of(target.name, target.settings.get("auth"), resources)
    return headers if authorization is None else {**headers, "Authorization": authorization}
