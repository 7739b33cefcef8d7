"""From what arrived to what a handler is called with: its meta, its value, perhaps an answer."""

from functools import lru_cache
from typing import Any, Protocol, cast

import msgspec
from msgspec import Raw, Struct

from kumeo_runtime.activation import Note
from kumeo_runtime.engine.shared import Shared
from kumeo_runtime.ids import stored_id
from kumeo_runtime.meta import Meta
from kumeo_runtime.parked import Answer, Resume
from kumeo_runtime.spec import Edge, Source
from kumeo_runtime.transport.api import Delivery
from kumeo_runtime.values import Failure, json_decoder, msgpack_decoder

ID_HEADERS = ("Kumeo-Id", "Nats-Msg-Id")
TIME_HEADER = "Kumeo-Time"
"""Time of the activation when an event is sent again, in microseconds."""


class Opened(Struct):
    """A delivery that was understood."""

    meta: Meta
    value: Any
    answer: Answer | None = None
    step: str = ""
    notes: dict[str, Note] | None = None


class Opener(Protocol):
    """Reads deliveries of one consumer."""

    def open(self, delivery: Delivery) -> Opened | Failure:
        """Return what the delivery says, or why it says nothing."""
        ...


class SourceOpener:
    """Reads events. The time of an activation is that of its event, or when it was stored."""

    def __init__(self, shared: Shared, source: Source, stream: str) -> None:
        self.source = source
        self._decode = json_decoder(source.type).decode
        self._key = tuple(source.key.split(".")) if source.key is not None else None
        self._moment = tuple(source.time.split(".")) if source.time is not None else None
        self._created = shared.created.get(stream, "")
        self._revisions = shared.revisions

    def open(self, delivery: Delivery) -> Opened | Failure:
        """Return the event, or why it is not of the type of its source."""
        meta = self.meta(delivery)
        value = self._decode(delivery.payload)
        if isinstance(value, Failure):
            return Failure("invalid-event", value.message)
        if self._key is not None:
            meta.key = key_of(value, self._key)
        if self._revisions is not None:
            meta.config = self._revisions.at(delivery.stored_us)
        if self._moment is not None:
            meta.now, meta.stored = int(value_at(value, self._moment)), delivery.stored_us
        return Opened(meta, value)

    def meta(self, delivery: Delivery) -> Meta:
        """Return what is known about an event before it is read."""
        event = trace = None
        now = delivery.stored_us
        headers = delivery.headers
        if headers is not None:
            event = headers.get("Kumeo-Id") or headers.get("Nats-Msg-Id")
            trace = headers.get("traceparent")
            moment = headers.get(TIME_HEADER, "")
            now = int(moment) if moment.isascii() and moment.isdigit() else now
        event = event or stored_id(self._created, delivery.seq)
        stored = delivery.stored_us if now != delivery.stored_us else None
        return Meta(self.source.name, event, now, delivery.payload, trace=trace, stored=stored)


class EdgeOpener:
    """Reads messages that a handler of the same workflow has sent."""

    def __init__(self, edge: Edge) -> None:
        self._edge = edge
        self._decode = body_decoder(edge)

    def open(self, delivery: Delivery) -> Opened | Failure:
        """Return the message."""
        try:
            message = self._decode(delivery.payload)
        except (msgspec.DecodeError, ValueError) as error:
            return skewed(self._edge, error)
        return Opened(message.meta, message)


class AnswerOpener:
    """Reads messages that have waited for an answer."""

    def __init__(self, edge: Edge) -> None:
        self._edge = edge
        self._decode = body_decoder(edge)
        self._resume = msgspec.msgpack.Decoder(Resume).decode

    def open(self, delivery: Delivery) -> Opened | Failure:
        """Return the message and the answer."""
        try:
            resume = self._resume(delivery.payload)
            message = self._decode(resume.body)
        except (msgspec.DecodeError, ValueError) as error:
            return skewed(self._edge, error)
        return Opened(message.meta, message, resume.answer)


def body_decoder(edge: Edge) -> Any:
    """Return the reader of the bodies of an edge."""
    if edge.codec == "msgpack":
        return msgpack_decoder(edge.message).decode
    read = json_decoder(edge.message).decode

    def decode(body: bytes) -> Any:
        value = read(body)
        if isinstance(value, Failure):
            raise ValueError(value.message)
        return value

    return decode


def skewed(edge: Edge, error: Exception) -> Failure:
    """Return the failure of a message that another version of the workflow has written."""
    return Failure("invalid-message", f"edge `{edge.name}` holds another layout: {error}")


def key_of(value: Any, names: tuple[str, ...]) -> str:
    """Return the key of an event as text."""
    found = value_at(value, names)
    return "" if found is None else str(found)


def value_at(value: Any, names: tuple[str, ...]) -> Any:
    """Return what stands at a path of JSON names; None where there is nothing."""
    for name in names:
        if isinstance(value, Raw):
            value = msgspec.json.decode(value)
        if isinstance(value, Struct):
            value = getattr(value, attribute_of(type(value), name), None)
        else:
            value = cast(dict[str, Any], value).get(name) if isinstance(value, dict) else None
    return msgspec.json.decode(value) if isinstance(value, Raw) else value


@lru_cache(maxsize=4096)
def attribute_of(record: type[Struct], name: str) -> str:
    """Return the attribute of a field by its name in JSON."""
    pairs = zip(record.__struct_encode_fields__, record.__struct_fields__, strict=True)
    return dict(pairs).get(name, name)
