"""Reads timers that have fired and lets their tasks go on."""

from kumeo_runtime.engine.parking import Parking
from kumeo_runtime.engine.shared import EngineError, Shared
from kumeo_runtime.transport.api import Delivery, Pull, TransportError

CREDIT = 64


class Timers:
    """The consumer of fired timers."""

    def __init__(self, shared: Shared, parking: Parking) -> None:
        self._shared = shared
        self._parking = parking
        self._pull: Pull | None = None

    async def start(self) -> None:
        """Ask for fired timers."""
        names = self._shared.names
        pull = self._shared.transport.pull(names.tasks, names.timer_durable, self._on_delivery)
        self._pull = pull
        pull.grant(CREDIT, 1 << 20)

    async def stop(self) -> None:
        """Take no more."""
        if self._pull is not None:
            await self._pull.stop()
            self._pull = None

    def _on_delivery(self, delivery: Delivery) -> None:
        self._shared.spawn(self._fire(delivery))

    async def _fire(self, delivery: Delivery) -> None:
        *_, task, name = delivery.subject.split(".")
        act = self._parking.remind if name.startswith("r") else self._parking.fire
        try:
            await act(task, int(name.removeprefix("r")))
            self._shared.transport.ack(delivery)
        except (EngineError, TransportError):
            self._shared.transport.nak(delivery, 1.0)
        finally:
            if self._pull is not None:
                self._pull.grant(1, 4096)
