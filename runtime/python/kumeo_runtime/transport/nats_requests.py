"""Requests and the JetStream API: one subscription for all answers, a future for each."""

import asyncio
import json
from dataclasses import dataclass
from typing import Any, cast

from kumeo_runtime.transport.api import Outgoing, TransportError
from kumeo_runtime.transport.nats_errors import api_error
from kumeo_runtime.transport.nats_link import Link
from kumeo_runtime.transport.nats_wire import header_block, parse_status

_MISSING = frozenset({10014, 10037, 10059})
"""Error codes: no such consumer, message, stream."""


@dataclass(slots=True)
class Reply:
    """An answer to a request."""

    block: bytes
    payload: bytes


class Requests:
    """Requests under way on one link."""

    def __init__(self, link: Link, timeout_s: float) -> None:
        self._link = link
        self._timeout_s = timeout_s
        self._replies: dict[int, tuple[str, asyncio.Future[Reply]]] = {}
        self._last = 0
        self._prefix = b""

    def start(self) -> None:
        """Listen for answers."""
        self._prefix = self._link.inbox + b".r."
        self._link.subscribe(self._prefix + b"*", self._on_reply)

    def fail(self, error: TransportError, subject: str | None = None) -> None:
        """End the requests to a subject (in lower case), or all."""
        for asked, future in list(self._replies.values()):
            if subject in (None, asked.lower()) and not future.done():
                future.set_exception(error)

    async def send(self, subject: str, payload: bytes, block: bytes = b"") -> Reply:
        """Return the answer of whoever listens on a subject."""
        if not self._link.is_connected:
            raise TransportError("not-reachable", "not connected to NATS", "wait, and try again")
        self._last += 1
        token = self._last
        future: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self._replies[token] = (subject, future)
        self._link.publish(subject.encode(), payload, self._prefix + b"%d" % token, block)
        try:
            # Not `wait_for`: it may swallow a cancellation that comes together with the answer.
            async with asyncio.timeout(self._timeout_s):
                return await future
        except TimeoutError:
            raise TransportError(
                "timeout", f"no answer to {subject}", "see whether the server is healthy"
            ) from None
        finally:
            del self._replies[token]

    def _on_reply(self, subject: bytes, reply: bytes, block: bytes, payload: bytes) -> None:
        entry = self._replies.get(int(subject[len(self._prefix) :]))
        if entry is not None and not entry[1].done():
            entry[1].set_result(Reply(block, payload))

    async def call(
        self, subject: str, body: dict[str, Any], what: str, *, may_miss: bool = False
    ) -> dict[str, Any] | None:
        """Call the JetStream API; None when the thing is not there and may be missing."""
        reply = await self.send(f"$JS.API.{subject}", json.dumps(body).encode())
        if not reply.payload:
            if subject == "INFO":
                return None
            status = parse_status(reply.block)
            raise TransportError("unavailable", f"{what}: {status.text}", "wait, and try again")
        answer = cast(dict[str, Any], json.loads(reply.payload))
        error = answer.get("error")
        if error is None:
            return answer
        if may_miss and error.get("err_code") in _MISSING:
            return None
        raise api_error(what, error.get("err_code", 0), error.get("description", ""))


def batch_block(message: Outgoing, batch: str, number: int, *, is_last: bool) -> bytes:
    """Return the headers of one message of a batch."""
    headers = dict(message.headers or {})
    headers["Nats-Batch-Id"] = batch
    headers["Nats-Batch-Sequence"] = str(number)
    if is_last:
        headers["Nats-Batch-Commit"] = "1"
    return header_block(headers, message.expect)
