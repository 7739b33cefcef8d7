"""One engine on the in-memory store and virtual time, for tests of a workflow."""

import asyncio
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Any, TypeVar

import msgspec

from kumeo_runtime.client import RuntimeClient
from kumeo_runtime.config import Settings
from kumeo_runtime.engine.engine import Engine
from kumeo_runtime.spec import (
    Consumer,
    Edge,
    Function,
    Handler,
    ServiceSpec,
    Source,
    Target,
    Workflow,
)
from kumeo_runtime.testing.virtual_loop import run_virtual
from kumeo_runtime.transport.memory import MemoryServer, MemoryTransport

T = TypeVar("T")
SOURCE = Source("events", "nats", "in.events", dict[str, Any])
OUT = Target("out", "nats", "out.values", Any)
ERRORS = Target("errors", "nats", "out.errors", Any)


def flow(
    function: Function,
    *others: tuple[Edge, Function],
    source: Source = SOURCE,
    on_error: Target | None = None,
    consumer: Consumer | None = None,
    version: str = "1",
    is_light: bool = False,
) -> Workflow:
    """Return a workflow: a handler of one source, and handlers of edges."""
    consumer = consumer or Consumer()
    edges = tuple(edge for edge, _ in others)
    more: dict[str, Any] = {"emits": (OUT,), "on_error": on_error, "consumer": consumer}
    handlers = [Handler("first", function, (source,), edges, is_light=is_light, **more)]
    handlers += [Handler(edge.name, f, edge, edges, **more) for edge, f in others]
    services = (ServiceSpec("all", tuple(handlers)),)
    return Workflow("Flow", "flow", version, services, (source,), (OUT, ERRORS), edges)


class Rig:
    """A running engine and a client of it."""

    def __init__(
        self,
        workflow: Workflow,
        settings: Settings | None = None,
        server: MemoryServer | None = None,
    ) -> None:
        self.workflow = workflow
        self.settings = settings or Settings(rerun_min_s=0.01, rerun_max_s=0.1)
        self.server = server or MemoryServer(epoch_us=1_800_000_000_000_000)
        self.transport = MemoryTransport(self.server)
        self.client = RuntimeClient(
            workflow, self.settings, transport=self.transport, clock=self.server
        )

    async def __aenter__(self) -> "Rig":
        await self.client.connect()
        self.engine = Engine(
            self.workflow,
            self.workflow.services,
            self.transport,
            self.settings,
            clock=self.server,
            seed=1,
        )
        await self.engine.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.engine.condition not in ("stopped", "failed"):
            await self.engine.stop()

    async def send(self, *events: Any) -> None:
        """Publish events with the ids e0, e1, … and wait a second."""
        for number, event in enumerate(events):
            await self.client.publish("events", event, id=f"e{number}")
        await asyncio.sleep(1.0)

    def stored(self, subject: str) -> list[Any]:
        """Return what a subject holds, as plain data."""
        stream = self.server.stream_of(subject)
        found = stream.find(subject) if stream is not None else []
        assert stream is not None or not found
        return [msgspec.json.decode(stream.entries[seq].payload) for seq in found] if stream else []

    @property
    def out(self) -> list[Any]:
        """What the target got."""
        return self.stored(OUT.address)


def rigged(
    workflow: Workflow, script: Callable[[Rig], Awaitable[T]], settings: Settings | None = None
) -> T:
    """Run a script against a workflow on virtual time."""

    async def main() -> T:
        async with Rig(workflow, settings) as rig:
            return await script(rig)

    return run_virtual(main())
