"""Sources and targets that need work in this process: files, HTTP, clocks.

A source runs with the handler that reads it, a target with the first service that writes to it.
Several processes of one service share the work; see each class for how.
"""

import asyncio
from collections.abc import Iterable, Iterator
from typing import Protocol

from kumeo_runtime.agents.resources import Resources
from kumeo_runtime.engine.shared import EngineError, Shared
from kumeo_runtime.spec import Edge, ServiceSpec, Source, Target
from kumeo_runtime.targets.pump import Pump

NOT_YET = ("kafka", "mqtt")


class SourceConnector(Protocol):
    """Brings events into the store."""

    name: str
    is_done: bool
    """Whether no more events will come."""

    async def start(self) -> None:
        """Begin. Raises: EngineError."""
        ...

    async def stop(self) -> None:
        """End; what is stored stays."""
        ...


class TargetConnector(Protocol):
    """Takes values out of the store."""

    name: str
    pump: Pump

    async def start(self) -> None:
        """Begin. Raises: EngineError."""
        ...

    async def stop(self) -> None:
        """End; what is not delivered stays stored."""
        ...


class Connectors:
    """All connectors of a process."""

    def __init__(
        self, shared: Shared, services: Iterable[ServiceSpec], resources: Resources
    ) -> None:
        chosen = tuple(services)
        self.sources = list(_sources(shared, chosen, resources))
        self.targets = list(_targets(shared, chosen, resources))
        self._shared = shared

    async def start(self) -> None:
        """Open targets before sources. Raises: EngineError."""
        for connector in (*self.targets, *self.sources):
            await connector.start()

    @property
    def are_sources_done(self) -> bool:
        """Whether every source of this process has ended, so nothing new will come."""
        return bool(self.sources) and all(source.is_done for source in self.sources)

    async def live(self) -> int:
        """Return how many values wait to be delivered."""
        return sum([await target.pump.live() for target in self.targets])

    async def stop_sources(self) -> None:
        """Take no more events."""
        await asyncio.gather(*(source.stop() for source in self.sources))

    async def drain_targets(self, seconds: float) -> bool:
        """Deliver what is stored, for so long; False when something is left for the next start."""
        deadline = self._shared.loop.time() + seconds
        found = await asyncio.gather(*(t.pump.drained(deadline) for t in self.targets))
        return all(found)

    async def stop(self) -> None:
        """End everything."""
        await self.stop_sources()
        await asyncio.gather(*(target.stop() for target in self.targets))


def _sources(
    shared: Shared, services: Iterable[ServiceSpec], resources: Resources
) -> Iterator[SourceConnector]:
    servers: dict[int, object] = {}
    for source, handler in _read(services):
        match source.kind:
            case "file":
                from kumeo_runtime.sources.file import FileSource

                yield FileSource(shared, source, handler, resources.root)
            case "timer":
                from kumeo_runtime.sources.timer import TimerSource

                yield TimerSource(shared, source)
            case "http":
                yield _http_source(shared, source, resources, servers)
            case _:
                _check(source)


def _read(services: Iterable[ServiceSpec]) -> Iterator[tuple[Source, str]]:
    for service in services:
        for handler in service.handlers:
            if not isinstance(handler.reads, Edge):
                yield from ((source, handler.name) for source in handler.reads)


def _http_source(
    shared: Shared, source: Source, resources: Resources, servers: dict[int, object]
) -> SourceConnector:
    try:
        from kumeo_runtime.sources.http import PORT, HttpServer, HttpSource
    except ModuleNotFoundError as error:
        raise EngineError(
            "missing-extra",
            f"source `{source.name}` needs the package {error.name}",
            "pip install 'kumeo-runtime[http]'",
        ) from None
    settings = shared.settings
    port = int(source.settings.get("port", PORT))
    if settings.ingress_port is not None:
        port = settings.ingress_port
    server = servers.get(port)
    if not isinstance(server, HttpServer):
        limit = shared.transport.max_payload
        server = servers[port] = HttpServer(settings.ingress_host, port, limit)
    return HttpSource(shared, source, server, resources)


def _targets(
    shared: Shared, services: tuple[ServiceSpec, ...], resources: Resources
) -> Iterator[TargetConnector]:
    chosen = {service.name for service in services}
    for target in shared.workflow.targets:
        if owner_of(shared.workflow.services, target) not in chosen:
            continue
        match target.kind:
            case "file":
                from kumeo_runtime.targets.file import FileTarget

                yield FileTarget(shared, target, resources.root)
            case "http":
                from kumeo_runtime.targets.http import HttpTarget

                yield HttpTarget(shared, target, resources)
            case _:
                _check(target)


def owner_of(services: Iterable[ServiceSpec], target: Target) -> str | None:
    """Return the service that delivers the values of a target: the first that writes to it."""
    for service in services:
        for handler in service.handlers:
            written = (*handler.emits, handler.on_error)
            if any(t is not None and t.name == target.name for t in written):
                return service.name
    return None


def _check(endpoint: Source | Target) -> None:
    if endpoint.kind in NOT_YET:
        raise EngineError(
            "connector-unsupported",
            f"`{endpoint.name}` is a {endpoint.kind} connector, which is not supported yet",
            "use NATS, a file or HTTP",
        )
