"""Dead letters and reports: what becomes of an event that cannot be handled."""

import base64
from collections.abc import Callable
from typing import Any

import msgspec
from msgspec import Raw, Struct

from kumeo_runtime.activation import Activation
from kumeo_runtime.engine.shared import Shared
from kumeo_runtime.ids import child_id
from kumeo_runtime.meta import Meta
from kumeo_runtime.spec import Handler
from kumeo_runtime.transport.api import CREATE, Delivery, Outgoing
from kumeo_runtime.values import Failure

ON_ERROR = "on_error"
HEAD_BYTES = 64 * 1024
"""What is kept of a payload that does not fit into a letter."""


class Letter(Struct, omit_defaults=True):
    """A dead letter, as JSON in the journal stream. `kumeo dlq` shows and retries it."""

    id: str
    code: str
    message: str
    workflow: str
    handler: str
    at_us: int
    agent: str = ""
    source: str = ""
    event_id: str = ""
    now_us: int = 0
    """Time of the activation."""
    attempts: int = 1
    event: Any = None
    """The event: plain JSON, or text, or `{"base64": …}`."""
    stream: str = ""
    seq: int = 0
    subject: str = ""
    headers: dict[str, str] | None = None
    body: str | None = None
    """Base64 of the message that was being handled."""
    truncated: bool = False
    """The body was too large: only its beginning is here, the rest is in the stream."""


class Letters:
    """Writes reports and dead letters of one handler."""

    def __init__(
        self,
        shared: Shared,
        handler: Handler,
        stream: str,
        original: Callable[[Delivery], Delivery] = lambda delivery: delivery,
    ) -> None:
        self._original = original
        self._shared = shared
        self._handler = handler
        self._stream = stream

    def report(self, act: Activation, failure: Failure) -> Outgoing:
        """Return what tells about a failed activation: to `on_error`, else a dead letter."""
        target, meta = self._handler.on_error, act.meta
        if target is None:
            return self.letter(act.delivery, failure, meta=meta, key=act.id)
        event = plain(meta.payload)
        body = msgspec.json.encode({"error": failure.to_json(), "event": event})
        key = child_id(act.id, ON_ERROR)
        headers = {"Nats-Msg-Id": key, "Kumeo-Id": key, "Kumeo-Event": meta.event}
        if meta.trace is not None:
            headers["traceparent"] = meta.trace
        subject = self._shared.names.target_subject(target)
        return Outgoing(subject, body, headers)

    def letter(
        self,
        delivery: Delivery,
        failure: Failure,
        *,
        meta: Meta | None = None,
        key: str = "",
        attempts: int = 1,
    ) -> Outgoing:
        """Return the dead letter of a delivery."""
        shared, delivery = self._shared, self._original(delivery)
        key = key or child_id(
            self._stream + shared.created.get(self._stream, ""), str(delivery.seq)
        )
        letter = Letter(
            id=key,
            code=failure.code,
            message=failure.message,
            agent=failure.agent or "",
            workflow=shared.workflow.name,
            handler=self._handler.name,
            at_us=shared.clock.now_us(),
            attempts=attempts,
            event=plain(meta.payload if meta else delivery.payload),
            source=meta.source if meta else "",
            event_id=meta.event if meta else "",
            now_us=meta.now if meta else delivery.stored_us,
            stream=self._stream,
            seq=delivery.seq,
            subject=delivery.subject,
            headers=dict(delivery.headers) if delivery.headers else None,
            body=base64.b64encode(delivery.payload).decode(),
        )
        return Outgoing(
            shared.names.letter(self._handler.name, key), self._encode(letter), None, CREATE
        )

    def _encode(self, letter: Letter) -> bytes:
        body = msgspec.json.encode(letter)
        if len(body) < self._shared.transport.max_payload - 4096:
            return body
        letter.event = None
        letter.truncated = True
        letter.body = (letter.body or "")[:HEAD_BYTES]
        return msgspec.json.encode(letter)


def plain(payload: bytes | None) -> Any:
    """Return a payload as part of a JSON text, whatever it holds.

    >>> plain(b"hello")
    'hello'
    """
    if payload is None:
        return None
    try:
        msgspec.json.decode(payload)
        payload.decode()
        return Raw(payload)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        pass
    try:
        return payload.decode()
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(payload).decode()}
