"""`MemoryTransport`: a faithful store in the memory of one process, for tests and simulation.

Time comes only from the running loop, so a loop with virtual time drives it. Callbacks run by
`call_soon` or `call_later`, never inside of the call that causes them. Workers that share a
`MemoryServer` share its streams; each has its own transport, which a test can `cut` or `kill`.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextvars import Context, copy_context
from dataclasses import replace
from functools import partial
from typing import TypeVar

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
from kumeo_runtime.transport.faults import Faults, Way
from kumeo_runtime.transport.memory_consumer import MemoryConsumer
from kumeo_runtime.transport.memory_pull import MemoryPull
from kumeo_runtime.transport.memory_server import MemoryServer
from kumeo_runtime.transport.memory_stream import Entry
from kumeo_runtime.transport.window import Window

__all__ = ["Faults", "MemoryServer", "MemoryTransport"]
T = TypeVar("T")


class MemoryTransport:
    """One client of a `MemoryServer`."""

    def __init__(
        self, server: MemoryServer | None = None, *, publish_timeout_s: float = 5.0
    ) -> None:
        self.server = server or MemoryServer()
        self.core: list[Outgoing] = []
        """What was sent without storing."""
        self._timeout_s = publish_timeout_s
        self._window: Window | None = None
        self._pulls: set[MemoryPull] = set()
        self._context: Context = copy_context()
        self._is_open = False
        self._is_cut = False
        self._is_killed = False

    # -- life
    async def connect(self) -> None:
        """Take the clock of the running loop."""
        self.server.attach()
        if not self.server.is_up:
            raise TransportError("not-reachable", "the store is down", "start it again")
        self._context = copy_context()
        self._window = Window(self.loop, self._timeout_s)
        self._is_open = True
        self.server.on_change.append(self._changed)

    async def close(self) -> None:
        """Wait for the answers that are under way, then leave."""
        await self.flush()
        for pull in tuple(self._pulls):
            pull.detach()
        self._is_open = False
        if self._changed in self.server.on_change:
            self.server.on_change.remove(self._changed)

    @property
    def is_connected(self) -> bool:
        """Whether the store can be reached now."""
        return self._is_open and not self._is_cut and self.server.is_up

    @property
    def max_payload(self) -> int:
        """Largest payload with headers, in bytes."""
        return self.server.max_payload

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The loop of the server."""
        return self.server.loop

    # -- faults that a test plans
    def cut(self) -> None:
        """Lose the connection: answers and deliveries under way are lost too."""
        self._is_cut = True
        self._changed()

    def heal(self) -> None:
        """Reconnect; pulls go on by themselves, publishes are never repeated."""
        self._is_cut = False
        self._changed()

    def kill(self) -> None:
        """Vanish like a killed process: no callback is called any more."""
        self._is_killed = True
        self.window.forget_all()
        for pull in tuple(self._pulls):
            pull.detach()

    def _changed(self) -> None:
        for pull in self._pulls:
            if not self.is_connected:
                pull.lost()
            elif not pull.is_attached:
                pull.resume()
        if not self.is_connected:
            lost = Refused("unavailable", "the connection was lost before the answer")
            self.loop.call_soon(self.window.fail_all, lost, context=self._context)

    # -- the way to the server and back
    @property
    def window(self) -> Window:
        """Publishes under way."""
        if self._window is None:
            raise TransportError("closed", "the transport is not connected", "call connect first")
        return self._window

    def travel(self, way: Way, action: Callable[[], object]) -> bool:
        """Carry one message, with the faults of the network; say whether it goes out at all.

        What goes to the server runs in the context of the server, the rest in that of the client.
        """
        if self._is_cut or self._is_killed or not self.server.is_up:
            return False
        faults = self.server.faults
        trips = (0.0,) if faults is None else faults.trips(way)
        context = self.server.context if way == "request" else self._context
        for delay_s in trips:
            if delay_s > 0:
                self.loop.call_later(delay_s, self._arrive, action, context=context)
            else:
                self.loop.call_soon(self._arrive, action, context=context)
        return bool(trips)

    def _arrive(self, action: Callable[[], object]) -> None:
        if not (self._is_cut or self._is_killed) and self.server.is_up:
            action()

    # -- administration
    async def _reach(self) -> MemoryServer:
        await asyncio.sleep(0)
        if not self.is_connected:
            raise TransportError("not-reachable", "the store cannot be reached", "start it again")
        return self.server

    async def ensure_stream(self, config: StreamConfig) -> StreamInfo:
        """Create the stream, or widen it."""
        return (await self._reach()).ensure_stream(config).info()

    async def stream_info(self, name: str) -> StreamInfo | None:
        """Return the state of a stream, or None."""
        stream = (await self._reach()).streams.get(name)
        return stream.info() if stream else None

    async def set_duplicate_window(self, stream: str, seconds: float) -> None:
        """Change how long a stream remembers ids of messages."""
        found = (await self._reach()).stream(stream)
        found.config = replace(found.config, duplicate_window_s=seconds)

    async def stream_of(self, subject: str) -> str | None:
        """Return the stream that captures a subject, or None."""
        stream = (await self._reach()).stream_of(subject)
        return stream.config.name if stream else None

    async def ensure_consumer(self, config: ConsumerConfig) -> ConsumerInfo:
        """Create the durable, or update its limits."""
        return (await self._reach()).ensure_consumer(config).info()

    async def consumer_info(self, stream: str, durable: str) -> ConsumerInfo | None:
        """Return the state of a consumer, or None."""
        consumer = (await self._reach()).consumer(stream, durable)
        return consumer.info() if consumer else None

    async def delete_consumer(self, stream: str, durable: str) -> None:
        """Remove a durable, if it is there."""
        (await self._reach()).consumers.get(stream, {}).pop(durable, None)

    async def delete_stream(self, name: str) -> None:
        """Remove a stream, if it is there."""
        (await self._reach()).delete_stream(name)

    async def purge(self, stream: str, subject: str, up_to_seq: int | None = None) -> int:
        """Remove messages of a filter up to and including a sequence."""
        return (await self._reach()).purge(stream, subject, up_to_seq)

    # -- reading
    def pull(
        self, stream: str, durable: str, on_delivery: OnDelivery, *, pin_s: float = 0.0
    ) -> Pull:
        """Open a subscription with no credit yet; `pin_s` is that of its consumer."""
        pull = MemoryPull(self, stream, durable, on_delivery, pin_s)
        self._pulls.add(pull)
        return pull

    def forget(self, pull: MemoryPull) -> None:
        """Drop a pull that has ended."""
        self._pulls.discard(pull)

    async def get_last(self, stream: str, subject: str) -> Stored | None:
        """Return the last message of a subject, or None."""
        store = (await self._reach()).stream(stream)
        found = store.find(subject)
        return stored(store.entries[found[-1]]) if found else None

    async def read(
        self, stream: str, subject: str, from_seq: int = 1, limit: int = 256
    ) -> list[Stored]:
        """Return messages of a subject filter in order."""
        store = (await self._reach()).stream(stream)
        found = [seq for seq in store.find(subject) if seq >= from_seq]
        return [stored(store.entries[seq]) for seq in found[:limit]]

    # -- writing
    def publish(self, message: Outgoing, on_outcome: OnOutcome) -> None:
        """Send to a stream; `on_outcome` is called exactly once."""
        token = self.window.open(on_outcome)
        if len(message.payload) > self.max_payload:
            refused = Refused("too-large", f"more than {self.max_payload} bytes")
            self.loop.call_soon(self.window.close, token, refused)
        elif not self.is_connected:
            refused = Refused("unavailable", "not connected")
            self.loop.call_soon(self.window.close, token, refused)
        else:
            self.travel("request", partial(self._publish, token, message))

    def _publish(self, token: int, message: Outgoing) -> None:
        outcome = self.server.publish(message)
        self.travel("answer", partial(self.window.close, token, outcome))

    def publish_core(self, message: Outgoing) -> None:
        """Send without storing; a stream that captures the subject takes it all the same."""
        self.core.append(message)
        self.travel("request", partial(self._core, message))

    def _core(self, message: Outgoing) -> None:
        if self.server.stream_of(message.subject) is not None:
            self.server.publish(message)
        for listener in tuple(self.server.on_core):
            listener(message)

    async def publish_batch(self, messages: Sequence[Outgoing]) -> Outcome:
        """Store all messages or none, in one stream that allows atomic batches."""
        answer: asyncio.Future[Outcome] = self.loop.create_future()
        if not self.is_connected:
            return Refused("unavailable", "not connected")
        token = self.window.open(partial(answer_once, answer))
        self.travel("request", partial(self._publish_batch, token, tuple(messages)))
        return await answer

    def _publish_batch(self, token: int, messages: Sequence[Outgoing]) -> None:
        outcome = self.server.publish_batch(messages)
        self.travel("answer", partial(self.window.close, token, outcome))

    def ack(self, delivery: Delivery) -> None:
        """The message is done."""
        self.travel("request", partial(self._ack, delivery))

    def _ack(self, delivery: Delivery) -> None:
        consumer = self._consumer_of(delivery)
        if consumer is not None:
            consumer.ack(delivery.seq)
            self.server.pump(consumer)

    def nak(self, delivery: Delivery, delay_s: float = 0.0) -> None:
        """Deliver again, not before the delay."""
        self.travel("request", partial(self._nak, delivery, delay_s))

    def _nak(self, delivery: Delivery, delay_s: float) -> None:
        consumer = self._consumer_of(delivery)
        if consumer is not None:
            consumer.nak(delivery.seq, self.loop.time(), delay_s)
            self.server.pump(consumer)

    async def in_progress(self, delivery: Delivery) -> bool:
        """Ask for more time; True when confirmed, and then `delivery.at` is renewed."""
        sent_at = self.loop.time()
        answer: asyncio.Future[bool] = self.loop.create_future()
        self.travel("request", partial(self._progress, delivery, answer))
        timer = self.loop.call_later(self._timeout_s, answer_once, answer, False)
        try:
            is_confirmed = await answer
        finally:
            timer.cancel()
        if is_confirmed:
            delivery.at = sent_at
        return is_confirmed

    def _progress(self, delivery: Delivery, answer: asyncio.Future[bool]) -> None:
        consumer = self._consumer_of(delivery)
        if consumer is None:
            return
        consumer.progress(delivery.seq, self.loop.time())
        self.server.touch(consumer)
        self.travel("answer", partial(answer_once, answer, True))

    def _consumer_of(self, delivery: Delivery) -> MemoryConsumer | None:
        _, _, stream, durable, *_ = delivery.reply.split(".")
        return self.server.consumer(stream, durable)

    async def flush(self) -> None:
        """Return when the store has seen everything sent until now."""
        seen: asyncio.Future[None] = self.loop.create_future()
        if self.is_connected:
            answer = partial(answer_once, seen, None)
            back = partial(self.loop.call_soon, answer, context=self._context)
            self.loop.call_soon(back, context=self.server.context)
            await seen


def stored(entry: Entry) -> Stored:
    """Return an entry as a reader sees it."""
    return Stored(entry.subject, entry.payload, entry.headers, entry.seq, entry.stored_us)


def answer_once(answer: "asyncio.Future[T]", value: T) -> None:
    """Set a result unless somebody else was first."""
    if not answer.done():
        answer.set_result(value)
