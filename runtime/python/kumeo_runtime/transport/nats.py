"""`NatsTransport`: NATS JetStream. Callbacks on the hot path, no task and no future per message."""

import asyncio
import base64
import logging
import os
from collections.abc import Callable, Sequence
from typing import Any

from kumeo_runtime.transport.api import (
    ConsumerConfig,
    ConsumerInfo,
    Delivery,
    OnDelivery,
    OnOutcome,
    Outcome,
    Outgoing,
    Pull,
    Refused,
    Stored,
    StreamConfig,
    StreamInfo,
    TransportError,
)
from kumeo_runtime.transport.nats_admin import (
    consumer_body,
    consumer_info,
    stored_message,
    stream_body,
    stream_info,
    widened,
)
from kumeo_runtime.transport.nats_budget import Budget
from kumeo_runtime.transport.nats_connect import NatsSettings, connect, is_secured
from kumeo_runtime.transport.nats_errors import (
    denied_subject,
    jetstream_off,
    permission_error,
)
from kumeo_runtime.transport.nats_link import Link
from kumeo_runtime.transport.nats_pull import NatsPull
from kumeo_runtime.transport.nats_requests import Requests, batch_block
from kumeo_runtime.transport.nats_wire import header_block, outcome_of, parse_status
from kumeo_runtime.transport.window import Window

_log = logging.getLogger("kumeo.transport")
_LOST = Refused("unavailable", "the connection was lost before the answer")


class NatsTransport:
    """A connection to NATS.

    on_fatal: called when the connection can do no more: a permission is missing, or the server
    closed it for good.
    """

    def __init__(
        self, settings: NatsSettings, on_fatal: Callable[[TransportError], None] | None = None
    ) -> None:
        self.settings = settings
        self.on_fatal = on_fatal
        self._link = Link()
        self._window: Window | None = None
        self._pulls: list[NatsPull] = []
        self._requests = Requests(self._link, settings.request_timeout_s)
        self._max_payload = 1 << 20
        self._ack_prefix = b""
        self._budget: Budget | None = None
        self._is_closing = False
        self._told = ""

    # -- life
    async def connect(self) -> None:
        """Connect, or raise with what to do."""
        link = self._link
        await connect(link.client, self.settings, self._on_error, self._on_events())
        link.start(self.settings.inbox_prefix)
        self._max_payload = link.client.max_payload
        self._budget = Budget(asyncio.get_running_loop().time, self._max_payload)
        self._window = Window(asyncio.get_running_loop(), self.settings.publish_timeout_s)
        self._ack_prefix = link.inbox + b".a."
        link.subscribe(self._ack_prefix + b"*", self._on_ack)
        self._requests.start()
        try:
            await self._check_server()
        except BaseException:
            await self.close()
            raise

    async def _check_server(self) -> None:
        if self.settings.url.startswith("tls:") and not is_secured(self._link.client):
            raise TransportError(
                "tls-mismatch",
                f"the server at {self.settings.url} does not use TLS",
                "use nats:// in the URL, or switch TLS on in the server",
            )
        answer = await self._requests.call(
            "INFO", {}, "reading the state of JetStream", may_miss=True
        )
        if answer is None:
            raise jetstream_off()

    def _on_events(self) -> dict[str, Any]:
        return {
            "disconnected_cb": self._on_disconnected,
            "reconnected_cb": self._on_reconnected,
            "closed_cb": self._on_closed,
        }

    async def close(self) -> None:
        """Flush what was published and leave."""
        self._is_closing = True
        if self._link.is_connected:
            await self.flush()
        client = self._link.client
        if self._window is not None or client.is_connecting:
            await client.close()  # one that was never told to connect cannot be closed
        self._fail_all()

    @property
    def is_connected(self) -> bool:
        """Whether the store can be reached now."""
        return self._link.is_connected

    @property
    def max_payload(self) -> int:
        """Largest payload with headers, in bytes."""
        return self._link.client.max_payload

    @property
    def window(self) -> Window:
        """Publishes under way."""
        if self._window is None:
            raise TransportError("closed", "the transport is not connected", "call connect first")
        return self._window

    async def _on_disconnected(self) -> None:
        if self._budget is not None:
            self._budget.lost()
        self._link.lost()
        self._fail_all()

    async def _on_reconnected(self) -> None:
        self._link.regained()
        self._max_payload = self._link.client.max_payload
        for pull in self._pulls:
            pull.restart()

    async def _on_closed(self) -> None:
        self._link.lost()
        self._fail_all()
        if not self._is_closing:
            self._fatal(TransportError("closed", "the server closed the connection", "see its log"))

    async def _on_error(self, error: Exception) -> None:
        denied = denied_subject(error)
        if denied is None:
            _log.warning("nats: %s", error)
            return
        verb, subject = denied
        fatal = permission_error(verb, subject)
        if self._window is not None:
            self._window.fail_subject(subject, Refused("denied", fatal.message))
        self._requests.fail(fatal, subject)
        self._fatal(fatal)

    def _fatal(self, error: TransportError) -> None:
        if error.message != self._told:  # The server says it again for every message.
            _log.error("%s", error)
            self._told = error.message
        if self.on_fatal is not None:
            self.on_fatal(error)

    def _fail_all(self) -> None:
        if self._window is not None:
            self._window.fail_all(_LOST)
        lost = TransportError("not-reachable", "the connection was lost", "wait, and try again")
        self._requests.fail(lost)

    # -- administration
    async def _must(self, subject: str, body: dict[str, Any], what: str) -> dict[str, Any]:
        answer = await self._requests.call(subject, body, what)
        assert answer is not None, "only look-ups may miss"
        return answer

    async def ensure_stream(self, config: StreamConfig) -> StreamInfo:
        """Create the stream, or widen it, or raise when it is there and does not fit."""
        what = f"stream {config.name}"
        there = await self._requests.call(f"STREAM.INFO.{config.name}", {}, what, may_miss=True)
        if there is None:
            body = stream_body(config)
            return stream_info(await self._must(f"STREAM.CREATE.{config.name}", body, what))
        body = widened(there["config"], config)
        if body == there["config"]:
            return stream_info(there)
        return stream_info(await self._must(f"STREAM.UPDATE.{config.name}", body, what))

    async def stream_info(self, name: str) -> StreamInfo | None:
        """Return the state of a stream, or None."""
        answer = await self._requests.call(
            f"STREAM.INFO.{name}", {}, f"stream {name}", may_miss=True
        )
        return stream_info(answer) if answer else None

    async def set_duplicate_window(self, stream: str, seconds: float) -> None:
        """Change how long a stream remembers ids of messages."""
        what = f"stream {stream}"
        there = await self._must(f"STREAM.INFO.{stream}", {}, what)
        body = {**there["config"], "duplicate_window": int(seconds * 1e9)}
        await self._must(f"STREAM.UPDATE.{stream}", body, what)

    async def stream_of(self, subject: str) -> str | None:
        """Return the stream that captures a subject, or None."""
        answer = await self._must("STREAM.NAMES", {"subject": subject}, "finding a stream")
        names = answer.get("streams") or [None]
        return names[0]

    async def ensure_consumer(self, config: ConsumerConfig) -> ConsumerInfo:
        """Create the durable, or update its limits."""
        what = f"consumer {config.durable} of {config.stream}"
        path = f"{config.stream}.{config.durable}"
        there = await self._requests.call(f"CONSUMER.INFO.{path}", {}, what, may_miss=True)
        old = there["config"] if there else None
        body = {"stream_name": config.stream, "config": consumer_body(config, old)}
        # CONSUMER.CREATE makes and updates; a filter is never part of the subject here.
        await self._must(f"CONSUMER.CREATE.{path}", body, what)
        info = await self.consumer_info(config.stream, config.durable)
        assert info is not None, "it was there a moment ago"
        return info

    async def consumer_info(self, stream: str, durable: str) -> ConsumerInfo | None:
        """Return the state of a consumer, or None.

        The last sequence is read first: what an idle consumer has seen is at least that.
        """
        what = f"consumer {durable} of {stream}"
        before = await self.stream_info(stream)
        path = f"CONSUMER.INFO.{stream}.{durable}"
        answer = await self._requests.call(path, {}, what, may_miss=True)
        return consumer_info(answer, before.last_seq) if answer and before else None

    async def delete_consumer(self, stream: str, durable: str) -> None:
        """Remove a durable, if it is there."""
        path = f"CONSUMER.DELETE.{stream}.{durable}"
        await self._requests.call(path, {}, f"removing consumer {durable}", may_miss=True)

    async def delete_stream(self, name: str) -> None:
        """Remove a stream, if it is there."""
        await self._requests.call(
            f"STREAM.DELETE.{name}", {}, f"removing stream {name}", may_miss=True
        )

    async def purge(self, stream: str, subject: str, up_to_seq: int | None = None) -> int:
        """Remove messages of a filter up to and including a sequence; return how many."""
        body: dict[str, Any] = {"filter": subject}
        if up_to_seq is not None:
            if up_to_seq < 1:
                return 0
            body["seq"] = up_to_seq + 1
        answer = await self._must(f"STREAM.PURGE.{stream}", body, f"purging {stream}")
        return int(answer.get("purged", 0))

    # -- reading
    def pull(
        self, stream: str, durable: str, on_delivery: OnDelivery, *, pin_s: float = 0.0
    ) -> Pull:
        """Open a subscription with no credit yet; `pin_s` is that of its consumer."""
        pull = NatsPull(
            self._link,
            stream,
            durable,
            on_delivery,
            expires_s=self.settings.pull_expires_s,
            heartbeat_s=self.settings.heartbeat_s,
            pin_s=pin_s,
            budget=self._budget,
        )
        self._pulls = [other for other in self._pulls if not other.is_stopped]
        self._pulls.append(pull)
        return pull

    async def get_last(self, stream: str, subject: str) -> Stored | None:
        """Return the last message of a subject from the leader, or None."""
        return await self._get(stream, {"last_by_subj": subject})

    async def read(
        self, stream: str, subject: str, from_seq: int = 1, limit: int = 256
    ) -> list[Stored]:
        """Return messages of a subject filter in order, for people (dead letters, traces)."""
        found: list[Stored] = []
        seq = max(1, from_seq)
        while len(found) < limit:
            message = await self._get(stream, {"seq": seq, "next_by_subj": subject})
            if message is None:
                break
            found.append(message)
            seq = message.seq + 1
        return found

    async def _get(self, stream: str, body: dict[str, Any]) -> Stored | None:
        what = f"reading from {stream}"
        answer = await self._requests.call(f"STREAM.MSG.GET.{stream}", body, what, may_miss=True)
        return stored_message(answer["message"]) if answer else None

    # -- writing
    def publish(self, message: Outgoing, on_outcome: OnOutcome) -> None:
        """Send to a stream; `on_outcome` is called exactly once. Never replayed by a reconnect."""
        link, payload = self._link, message.payload
        token = (self._window or self.window).open(on_outcome, message)
        block = header_block(message.headers, message.expect)
        if len(payload) + len(block) > self._max_payload:
            self._refuse(token, Refused("too-large", f"more than {self._max_payload} bytes"))
        elif not link.is_ready:
            self._refuse(token, Refused("unavailable", "not connected to NATS"))
        else:
            reply = b"%b%d" % (self._ack_prefix, token)
            link.publish(message.subject.encode(), payload, reply, block)

    def _refuse(self, token: int, refused: Refused) -> None:
        asyncio.get_running_loop().call_soon(self.window.close, token, refused)

    def _on_ack(self, subject: bytes, reply: bytes, block: bytes, payload: bytes) -> None:
        request = self.window.take(int(subject[len(self._ack_prefix) :]))
        if request is None:
            return
        _, on_outcome, message = request
        expect = message.expect if message is not None else None
        on_outcome(outcome_of(payload, block, expect))

    def publish_core(self, message: Outgoing) -> None:
        """Send without storing."""
        block = header_block(message.headers, None)
        if self._link.is_connected:
            self._link.publish(message.subject.encode(), message.payload, b"", block)

    async def publish_batch(self, messages: Sequence[Outgoing]) -> Outcome:
        """Store all messages or none, in one stream that allows atomic batches."""
        if not messages:
            return Refused("invalid", "an empty batch")
        batch = base64.b32encode(os.urandom(15)).decode()
        last = len(messages)
        for number, message in enumerate(messages[:-1], 1):
            block = batch_block(message, batch, number, is_last=False)
            self._link.publish(message.subject.encode(), message.payload, b"", block)
        block = batch_block(messages[-1], batch, last, is_last=True)
        try:
            reply = await self._requests.send(messages[-1].subject, messages[-1].payload, block)
        except TransportError as error:
            denied = error.code == "permission-denied"
            return Refused("denied" if denied else "unavailable", error.message)
        # In a batch nothing is "stored already": every expectation that fails is a conflict.
        return outcome_of(reply.payload, reply.block, None)

    def ack(self, delivery: Delivery) -> None:
        """The message is done."""
        if self._link.is_ready:
            self._link.send(b"PUB %b 0\r\n\r\n" % delivery.reply.encode())

    def nak(self, delivery: Delivery, delay_s: float = 0.0) -> None:
        """Deliver again, not before the delay."""
        body = b'-NAK {"delay": %d}' % int(delay_s * 1e9) if delay_s > 0 else b"-NAK"
        if self._link.is_connected:
            self._link.publish(delivery.reply.encode(), body)

    async def in_progress(self, delivery: Delivery) -> bool:
        """Ask for more time; True when confirmed, and then `delivery.at` is renewed."""
        sent_at = asyncio.get_running_loop().time()
        try:
            reply = await self._requests.send(delivery.reply, b"+WPI")
        except TransportError:
            return False
        if reply.block and not reply.payload and parse_status(reply.block).code:
            return False
        delivery.at = sent_at
        return True

    async def flush(self) -> None:
        """Return when the store has seen everything sent until now."""
        await self._link.flush(self.settings.request_timeout_s)
