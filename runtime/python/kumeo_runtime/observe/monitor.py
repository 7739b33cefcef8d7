"""`Monitor`: metrics and health of one service on one port."""

from collections.abc import Callable, Iterable
from typing import Any

from kumeo_runtime.agents.base import Agent
from kumeo_runtime.engine.flow import inputs_of
from kumeo_runtime.engine.observer import Observer
from kumeo_runtime.engine.shared import Shared
from kumeo_runtime.observe.endpoint import TEXT, Endpoint, json_page
from kumeo_runtime.observe.gauges import Gauges, Watched
from kumeo_runtime.observe.metrics import Metrics
from kumeo_runtime.spec import Handler, ServiceSpec, Source
from kumeo_runtime.targets.pump import Pump

PORT = 9464
"""The port that exporters of OpenTelemetry use for Prometheus."""


class Monitor:
    """Serves what a process says about itself."""

    def __init__(
        self,
        workflow: str,
        observer: Observer,
        agents: Iterable[Agent[Any]],
        health: Callable[[], dict[str, Any]],
        address: tuple[str, int],
    ) -> None:
        self.metrics = Metrics(workflow, observer, agents)
        self._health = health
        self._gauges: Gauges | None = None
        pages = {
            "/metrics": lambda: (200, TEXT, self.metrics.page()),
            "/healthz": lambda: self._page("alive"),
            "/readyz": lambda: self._page("ready"),
        }
        self.endpoint = Endpoint(*address, pages)

    def _page(self, what: str) -> tuple[int, str, bytes]:
        found = self._health()
        return json_page(bool(found[what]), found)

    def watch(
        self, shared: Shared, services: Iterable[ServiceSpec], pumps: Iterable[tuple[str, Pump]]
    ) -> None:
        """Look at the consumers of this process from now on."""
        handlers = [handler for service in services for handler in service.handlers]
        watched = [each for handler in handlers for each in _watched(shared, handler)]
        for name, pump in pumps:
            watched.append(Watched(f"target {name}", pump.stream, pump.durable, pump.subject))
        self._gauges = Gauges(shared, self.metrics, watched)
        self._gauges.start()

    async def stop(self) -> None:
        """End."""
        if self._gauges is not None:
            await self._gauges.stop()
        await self.endpoint.stop()


def _watched(shared: Shared, handler: Handler) -> Iterable[Watched]:
    for entry in inputs_of(handler, shared.names, shared.source_streams):
        reads = entry.reads
        name = f"{handler.name} < {reads.name}" if isinstance(reads, Source) else handler.name
        yield Watched(name, entry.stream, entry.durable, entry.filter)
