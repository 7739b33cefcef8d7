"""`Engine`: the handlers of some services on one transport."""

import asyncio
import logging
from collections.abc import Iterable
from typing import Any, Literal

import msgspec

from kumeo_runtime.activation import Routes
from kumeo_runtime.config import Settings
from kumeo_runtime.engine.clock import Clock, WallClock
from kumeo_runtime.engine.crew import Crew
from kumeo_runtime.engine.flow import Input, service_inputs
from kumeo_runtime.engine.gate import watch_gates
from kumeo_runtime.engine.janitor import Janitor
from kumeo_runtime.engine.journal import StoredJournal
from kumeo_runtime.engine.lease import Lease, Watch
from kumeo_runtime.engine.names import target_subjects
from kumeo_runtime.engine.observer import Observer
from kumeo_runtime.engine.openers import AnswerOpener, EdgeOpener, Opener, SourceOpener
from kumeo_runtime.engine.parking import Parking
from kumeo_runtime.engine.provision import attach, provision
from kumeo_runtime.engine.reader import Reader
from kumeo_runtime.engine.revisions import Revisions
from kumeo_runtime.engine.shared import EngineError, Shared
from kumeo_runtime.engine.state import StoredState
from kumeo_runtime.engine.suspects import Suspects
from kumeo_runtime.engine.timers import Timers
from kumeo_runtime.engine.waiting import KeptOpener
from kumeo_runtime.spec import Edge, Handler, ServiceSpec, Workflow
from kumeo_runtime.transport.api import Transport

log = logging.getLogger("kumeo.engine")
Condition = Literal["new", "running", "paused", "draining", "stopped", "failed"]


class Engine:
    """Runs handlers until it is drained, stopped, or cannot go on."""

    def __init__(
        self,
        workflow: Workflow,
        services: Iterable[ServiceSpec],
        transport: Transport,
        settings: Settings | None = None,
        *,
        clock: Clock | None = None,
        observer: Observer | None = None,
        seed: int | None = None,
    ) -> None:
        self.settings = settings or Settings()
        self.observer = observer or Observer()
        self.shared = Shared(
            workflow, transport, self.settings, clock or WallClock(), self.observer, seed
        )
        self.shared.on_fatal = self._failed
        self.condition: Condition = "new"
        self.readers: list[Reader] = []
        self._services = tuple(services)
        self._parking = Parking(self.shared)
        self._timers = Timers(self.shared, self._parking)
        self._suspects = Suspects(self.shared)
        self._watch = Watch(self.shared, self._stall_limit())
        self._ended: asyncio.Future[EngineError | None] = self.shared.loop.create_future()

    # -- life
    async def start(self) -> None:
        """Create what is missing in the store and take messages."""
        if self.settings.provision:
            await provision(self.shared)
        else:
            await attach(self.shared, self._services)
        self.shared.config = config_of(self.shared.workflow, self.settings)
        if self.shared.workflow.dynamic:
            self.shared.revisions = revisions = Revisions(self.shared, self.shared.config)
            await revisions.look()
            self.shared.spawn(revisions.watch())
        for service in self._services:
            for handler in service.handlers:
                self.readers += self._readers_of(service, handler)
        self._watch.start()
        pairs = [(reader.gate, reader.credit) for reader in self.readers]
        for reader in self.readers:
            await reader.gate.look()
            await reader.start()
        if any(is_resumed(handler) for service in self._services for handler in service.handlers):
            await self._timers.start()
        self.shared.spawn(watch_gates(self.shared, pairs))
        if self.settings.janitor and self.settings.provision:
            self.shared.spawn(Janitor(self.shared).run())
        self.condition = "running"

    async def wait(self) -> None:
        """Return when the engine has stopped; raise `EngineError` when it had to."""
        error = await asyncio.shield(self._ended)
        if error is not None:
            raise error

    async def pause(self) -> None:
        """Take no more messages; `resume` goes on."""
        await asyncio.gather(*(reader.pause() for reader in self.readers))
        self.condition = "paused"

    async def resume(self) -> None:
        """Take messages again."""
        for reader in self.readers:
            await reader.start()
        self.condition = "running"

    async def drain(self, seconds: float | None = None) -> bool:
        """Finish what is here, then stop; False when the time was too short for something."""
        is_clean = await self.finish(seconds)
        await self.stop()
        return is_clean

    async def finish(self, seconds: float | None = None) -> bool:
        """Take no more and finish what is here; False when the time was too short."""
        self.condition = "draining"
        limit = self.settings.drain_s if seconds is None else seconds
        deadline = self.shared.loop.time() + limit
        await asyncio.gather(self._timers.stop(), *(reader.pause() for reader in self.readers))
        while self.in_flight and self.shared.loop.time() < deadline:
            await asyncio.sleep(0.01)
        return self.in_flight == 0

    async def stop(self) -> None:
        """Give back what is here and end everything."""
        self._watch.stop()
        for reader in self.readers:
            reader.close()
        tasks = [task for task in self.shared.tasks if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.gather(*(reader.pause() for reader in self.readers))
        await self.shared.transport.flush()
        if self.condition != "failed":
            self.condition = "stopped"
        if not self._ended.done():
            self._ended.set_result(self.shared.failure)

    @property
    def in_flight(self) -> int:
        """Messages that are here and not done."""
        return sum(len(reader.jobs) for reader in self.readers)

    def _failed(self, error: EngineError) -> None:
        log.critical("%s", error)
        self.condition = "failed"
        if not self._ended.done():
            self._ended.set_result(error)

    def _stall_limit(self) -> float:
        handlers = [h for service in self._services for h in service.handlers]
        return min((h.consumer.ack_wait_s for h in handlers), default=30.0) / 3

    # -- readers
    def _readers_of(self, service: ServiceSpec, handler: Handler) -> list[Reader]:
        shared = self.shared
        routes = self._routes(handler)
        crew = Crew(shared, handler.consumer.concurrency, is_light=handler.is_light)
        entries = service_inputs(service, handler, shared.names, shared.source_streams)
        return [
            Reader(
                shared,
                entry,
                routes,
                self._opener(entry),
                crew,
                self._suspects,
                self._parking,
                self._watch,
            )
            for entry in entries
        ]

    def _routes(self, handler: Handler) -> Routes:
        shared, names, workflow = self.shared, self.shared.names, self.shared.workflow
        return Routes(
            workflow.token,
            {edge.token: names.way(edge) for edge in workflow.edges},
            target_subjects(workflow, names),
            shared.config,
            lambda act: StoredJournal(shared, act),
            lambda act: StoredState(shared, act),
            Lease(handler.consumer.ack_wait_s, shared.loop.time).holds,
            shared.revisions.value if shared.revisions is not None else None,
            handler.consumer.later_s,
        )

    def _opener(self, entry: Input) -> Opener:
        if entry.origin is not None:
            return KeptOpener(self._opener(entry.origin))
        if not isinstance(entry.reads, Edge):
            return SourceOpener(self.shared, entry.reads, entry.stream)
        return AnswerOpener(entry.reads) if entry.reads.is_parked else EdgeOpener(entry.reads)


def is_resumed(handler: Handler) -> bool:
    """Return whether a handler goes on after tasks: then its process reads their timers too."""
    return isinstance(handler.reads, Edge) and handler.reads.is_parked


def config_of(workflow: Workflow, settings: Settings) -> Any:
    """Return the configuration: the defaults of the build, then what is set here."""
    if workflow.config is None:
        return None
    try:
        return msgspec.convert(settings.config, workflow.config, strict=False)
    except msgspec.ValidationError as error:
        raise EngineError(
            "invalid-config",
            f"the values of `config` do not fit the workflow: {error}",
            "correct `--config` or KUMEO_CONFIG",
        ) from error
