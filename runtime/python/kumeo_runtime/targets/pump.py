"""Takes what a subject holds from the store, through a durable consumer."""

import asyncio
import logging
from collections.abc import Callable
from typing import NamedTuple

from kumeo_runtime.engine.credit import Credit
from kumeo_runtime.engine.gate import UNLIMITED
from kumeo_runtime.engine.shared import Shared
from kumeo_runtime.engine.worker import Worker
from kumeo_runtime.spec import Target
from kumeo_runtime.transport.api import ConsumerConfig, Delivery, TransportError

log = logging.getLogger("kumeo.targets")
SILENCE_S = 3.0
CREDIT_BYTES = 16 << 20
OPEN_MAX = 4096
"""Values that may wait for another attempt while others go on."""


class Place(NamedTuple):
    """Where values wait, and who takes them."""

    name: str
    """For people."""
    subject: str
    durable: str
    stream: str
    """Used when no stream captures the subject yet."""


def place_of(shared: Shared, target: Target) -> Place:
    """Return where the values of a target wait."""
    names = shared.names
    subject, durable = names.target_subject(target), names.target_durable(target)
    return Place(target.name, subject, durable, names.outputs)


class Pump:
    """The consumer of a subject. `on_delivery` ends each delivery by `done` or `again`."""

    def __init__(
        self,
        shared: Shared,
        place: Place,
        on_delivery: Callable[[Delivery], None],
        *,
        credit: int,
        ack_wait_s: float,
    ) -> None:
        self.stream = place.stream
        self.durable = place.durable
        self.in_flight = 0
        self._shared = shared
        self.subject = place.subject
        self._on_delivery = on_delivery
        self._open_max = max(OPEN_MAX, credit)
        self._arrivals = 0
        self._watcher = Worker(shared, f"pump of {place.name}")
        self._credit = Credit(credit, CREDIT_BYTES, lambda: UNLIMITED)
        self._ack_wait_s = ack_wait_s

    async def start(self) -> None:
        """Create the consumer, which begins with the first value, and take values."""
        self.stream = await self._shared.transport.stream_of(self.subject) or self.stream
        config = ConsumerConfig(
            self.stream,
            self.durable,
            (self.subject,),
            ack_wait_s=self._ack_wait_s,
            max_ack_pending=self._open_max,
        )
        await self._shared.transport.ensure_consumer(config)
        self._open()
        self._watcher.start(self._watch())

    def _open(self) -> None:
        pull = self._shared.transport.pull(self.stream, self.durable, self._arrived)
        self._credit.open(pull)

    async def _watch(self) -> None:
        """Open another pull when values wait and none has come for a while."""
        while True:
            before = self._arrivals
            await asyncio.sleep(SILENCE_S)
            if self._arrivals != before or self.in_flight or not await self._is_waiting():
                continue
            log.warning("nothing comes from %s, asking anew", self.durable)
            self._shared.observer.count("pulls_reopened")
            pull = self._credit.shut()
            if pull is not None:
                await pull.stop()
            self._open()

    async def _is_waiting(self) -> bool:
        try:
            info = await self._shared.transport.consumer_info(self.stream, self.durable)
        except TransportError:
            return False
        return info is not None and info.pending > 0

    def _arrived(self, delivery: Delivery) -> None:
        self.in_flight += 1
        self._arrivals += 1
        self._credit.arrived(len(delivery.payload))
        self._on_delivery(delivery)

    def done(self, delivery: Delivery) -> None:
        """The value has arrived for good."""
        self._shared.transport.ack(delivery)
        self._release(delivery)

    def again(self, delivery: Delivery, delay_s: float) -> None:
        """Try the value later."""
        self._shared.transport.nak(delivery, delay_s)
        self._release(delivery)

    def _release(self, delivery: Delivery) -> None:
        self.in_flight -= 1
        self._credit.released(len(delivery.payload))

    async def live(self) -> int:
        """Return how many values are not delivered yet."""
        try:
            info = await self._shared.transport.consumer_info(self.stream, self.durable)
        except TransportError:
            return self.in_flight
        return info.pending + info.unacknowledged if info is not None else 0

    async def drained(self, deadline: float) -> bool:
        """Return when everything is delivered, or at a deadline (loop time)."""
        while await self.live():
            if self._shared.loop.time() >= deadline:
                return False
            await asyncio.sleep(0.05)
        return True

    async def stop(self) -> None:
        """Take no more."""
        await self._watcher.stop()
        pull = self._credit.shut()
        if pull is not None:
            await pull.stop()
