"""`MemoryPull`: the client's end of a pull on the in-memory store."""

import asyncio
from collections.abc import Callable
from contextvars import copy_context
from functools import partial
from typing import TYPE_CHECKING

from kumeo_runtime.transport.api import Delivery, OnDelivery
from kumeo_runtime.transport.memory_consumer import Puller
from kumeo_runtime.transport.memory_stream import Entry

if TYPE_CHECKING:
    from kumeo_runtime.transport.memory import MemoryTransport

REPLY_PREFIX = "$JS.ACK"


class MemoryPull:
    """The client's end of a pull; it renews its credit after a cut."""

    def __init__(
        self,
        transport: "MemoryTransport",
        stream: str,
        durable: str,
        on_delivery: OnDelivery,
        pin_s: float = 0.0,
    ) -> None:
        self._transport = transport
        self._names = (stream, durable)
        self._on_delivery = on_delivery
        self._messages = 0
        self._bytes = 0
        self._bytes_full = 0
        self._puller: Puller | None = None
        self._is_stopped = False
        self._pin_s = pin_s
        self._context = copy_context()
        self._sign: asyncio.TimerHandle | None = None

    def grant(self, messages: int, max_bytes: int) -> None:
        """Ask for up to so many more messages."""
        if self._is_stopped:
            return
        self._messages += messages
        self._bytes += max_bytes
        self._bytes_full = max(self._bytes_full, self._bytes)
        if self._puller is None:
            self.resume()
            return
        puller = self._puller
        self._soon(self._granted, puller, messages, max_bytes)

    def _soon(self, action: Callable[..., None], *args: object) -> None:
        server = self._transport.server
        server.loop.call_soon(action, *args, context=server.context)

    def _granted(self, puller: Puller, messages: int, max_bytes: int) -> None:
        puller.grant(messages, max_bytes)
        self._pump()

    async def stop(self) -> None:
        """Take no more; what is under way is still delivered before this returns."""
        self._is_stopped = True
        if self._puller is not None:
            self._puller.is_open = False
            self._soon(self._unpin, self._puller)
        faults = self._transport.server.faults
        await asyncio.sleep(faults.delay_s if faults is not None else 0)
        await self._transport.flush()
        self.detach()

    def detach(self) -> None:
        """Leave the server."""
        self._is_stopped = True
        self.lost()
        self._transport.forget(self)

    def lost(self) -> None:
        """Take note that the server no longer knows this pull."""
        consumer = self._transport.server.consumer(*self._names)
        if self._puller is not None:
            self._puller.is_open = False
            if consumer is not None and self._puller in consumer.pullers:
                consumer.pullers.remove(self._puller)
        self._puller = None

    @property
    def is_attached(self) -> bool:
        """Whether the consumer of the server knows this pull."""
        consumer = self._transport.server.consumer(*self._names)
        return consumer is not None and self._puller in consumer.pullers

    def resume(self) -> None:
        """Ask again for what has not arrived."""
        consumer = self._transport.server.consumer(*self._names)
        if self._is_stopped or consumer is None or not self._transport.is_connected:
            return
        self.lost()
        self._puller = puller = Puller(self._send)
        self._give_sign()
        puller.grant(0, self._bytes_full)
        puller.bytes, puller.messages = self._bytes, self._messages
        consumer.pullers.append(puller)
        self._soon(self._pump)

    def _give_sign(self) -> None:
        """Let the server know now and then that somebody is there: it gives the pin away else."""
        if not self._pin_s or self._is_stopped or self._puller is None:
            return
        if self._sign is not None:
            self._sign.cancel()
        self._soon(self._signed, self._puller)
        wait, loop = self._pin_s / 3, self._transport.loop
        self._sign = loop.call_later(wait, self._give_sign, context=self._context)

    def _signed(self, puller: Puller) -> None:
        puller.seen = self._transport.loop.time()
        self._pump()

    def _unpin(self, puller: Puller) -> None:
        puller.seen = float("-inf")
        self._pump()

    def _pump(self) -> None:
        server = self._transport.server
        consumer = server.consumer(*self._names)
        if consumer is not None and server.is_up:
            server.pump(consumer)

    def _send(self, entry: Entry, attempt: int) -> None:
        """Send one message; when it is lost the client asks again for as much."""
        puller = self._puller
        stream, durable = self._names
        consumer = self._transport.server.consumer(stream, durable)
        number = consumer.deliveries if consumer is not None else 0
        reply = f"{REPLY_PREFIX}.{stream}.{durable}.{attempt}.{entry.seq}.{number}.0.0"
        at = self._transport.loop.time()
        delivery = Delivery(
            entry.subject,
            entry.payload,
            entry.headers,
            reply,
            entry.seq,
            attempt,
            entry.stored_us,
            at,
        )
        arrive = partial(self._deliver, delivery, [puller])
        is_sent = self._transport.travel("delivery", arrive)
        if not is_sent and puller is not None:
            self._soon(self._granted, puller, 1, len(entry.payload))

    def _deliver(self, delivery: Delivery, paid: list[Puller | None]) -> None:
        """Hand one message over; a second copy of it costs credit too."""
        if not paid and self._puller is not None:
            self._puller.use(len(delivery.payload))
        paid.clear()
        self._messages -= 1
        self._bytes -= len(delivery.payload)
        self._on_delivery(delivery)
