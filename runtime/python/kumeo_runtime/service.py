"""`Service` and `run`: some handlers of a workflow as a process, from start to drained."""

import asyncio
import gc
import importlib
import os
import signal
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kumeo_runtime.agents.base import Agent
from kumeo_runtime.agents.resources import AgentError, ModelSettings, Resources
from kumeo_runtime.config import Settings
from kumeo_runtime.connectors import Connectors
from kumeo_runtime.engine.clock import Clock
from kumeo_runtime.engine.engine import Condition, Engine
from kumeo_runtime.engine.names import Names, token_of
from kumeo_runtime.engine.observer import Observer
from kumeo_runtime.engine.shared import EngineError
from kumeo_runtime.spec import ServiceSpec, Workflow
from kumeo_runtime.transport.api import Transport, TransportError
from kumeo_runtime.transport.opening import open_transport

if TYPE_CHECKING:
    from opentelemetry.trace import Tracer

    from kumeo_runtime.observe.monitor import Monitor

KEEPER = "keeper"
"""Stands for a process without a service: it creates and cleans the streams."""
SWITCH_S = 0.0002
"""How long a thread that wants the interpreter waits until it is asked for."""
Problem = (EngineError, TransportError, AgentError)
"""What a start can fail with; each has `code`, `message` and `fix`."""


class Service:
    """Services of one workflow in this process: all of them, or those that are named.

    transport: None opens one by the settings, and closes it at the end.
    package: folder of the generated package, for its artifacts; None finds it by its handlers.
    port: of metrics and health where the settings name none; another one if it is in use.
    tracer: makes the spans; None takes that of the OpenTelemetry SDK, if there is one.
    """

    def __init__(
        self,
        workflow: Workflow,
        settings: Settings | None = None,
        services: Iterable[str] | None = None,
        *,
        transport: Transport | None = None,
        package: Path | None = None,
        root: Path | None = None,
        clock: Clock | None = None,
        observer: Observer | None = None,
        seed: int | None = None,
        port: int = 0,
        tracer: "Tracer | None" = None,
    ) -> None:
        self.workflow = workflow
        self.settings = settings or Settings()
        self.observer = observer or Observer()
        self.services = chosen(workflow, services)
        self.engine: Engine | None = None
        self.connectors: Connectors | None = None
        self.transport = transport
        self._owns_transport = transport is None
        self._resources = resources_of(workflow, package, root, self.settings)
        self._clock = clock
        self._seed = seed
        self._started: list[Agent[Any]] = []
        self.monitor: Monitor | None = None
        self._port = port
        self._tracer = tracer or known_tracer()

    @property
    def condition(self) -> Condition:
        """Where in its life the service is."""
        return self.engine.condition if self.engine is not None else "new"

    @property
    def is_ready(self) -> bool:
        """Whether messages are handled now."""
        is_connected = self.transport is not None and self.transport.is_connected
        return self.condition == "running" and is_connected

    def health(self) -> dict[str, Any]:
        """Return what a health endpoint shows."""
        failure = self.engine.shared.failure if self.engine is not None else None
        return {
            "workflow": self.workflow.name,
            "version": self.workflow.version,
            "services": [service.name for service in self.services],
            "condition": self.condition,
            "alive": self.condition not in ("failed", "stopped"),
            "ready": self.is_ready,
            "connected": self.transport is not None and self.transport.is_connected,
            "in_flight": self.engine.in_flight if self.engine is not None else 0,
            "error": None if failure is None else {"code": failure.code, "fix": failure.fix},
        }

    async def start(self) -> None:
        """Connect, start the agents, take messages. Raises one of `Problem`."""
        check_secrets(self.workflow)
        await self._start_monitor()
        if self.transport is None:
            inbox = inbox_of(self.workflow, self.services, self.settings)
            self.transport = transport_of(self.settings, self._transport_failed, inbox)
        await self.transport.connect()
        for agent in agents_of(self.services):
            await agent.start(self._resources)
            self._started.append(agent)
        services, transport = self._traced(self.transport)
        self.engine = Engine(
            self.workflow,
            services,
            transport,
            self.settings,
            clock=self._clock,
            observer=self.observer,
            seed=self._seed,
        )
        await self.engine.start()
        self.connectors = Connectors(self.engine.shared, self.services, self._resources)
        await self.connectors.start()
        if self.monitor is not None:
            pumps = [(target.name, target.pump) for target in self.connectors.targets]
            self.monitor.watch(self.engine.shared, self.services, pumps)

    async def _start_monitor(self) -> None:
        port = self._port if self.settings.http_port is None else self.settings.http_port
        if not port:
            return
        from kumeo_runtime.observe.monitor import Monitor

        agents, address = agents_of(self.services), (self.settings.http_host, port)
        name = self.workflow.name
        self.monitor = Monitor(name, self.observer, agents, self.health, address)
        await self.monitor.endpoint.start(or_any=self.settings.http_port is None)

    def _traced(self, transport: Transport) -> tuple[tuple[ServiceSpec, ...], Transport]:
        """Return services and transport, with spans around what they do if there is a tracer."""
        if self._tracer is None:
            return self.services, transport
        from kumeo_runtime.observe.traces import Tracing

        names = Names(self.settings.namespace, self.workflow.token)
        tracing = Tracing(self._tracer, self.workflow.name, names.prefix)
        for agent in agents_of(self.services):
            tracing.agent(agent)
        return tuple(map(tracing.service, self.services)), tracing.transport(transport)

    async def wait(self) -> None:
        """Return when drained; raise `EngineError` when something made it stop."""
        if self.engine is not None:
            await self.engine.wait()

    async def drain(self, seconds: float | None = None) -> bool:
        """Finish what is here, then stop; False when something had to be given back."""
        is_clean = True
        limit = self.settings.drain_s if seconds is None else seconds
        deadline = asyncio.get_running_loop().time() + limit
        if self.connectors is not None:
            await self.connectors.stop_sources()
        if self.engine is not None:
            is_clean = await self.engine.finish(limit)
        if self.connectors is not None:
            # What a target did not take is stored, and goes out after the next start.
            await self.connectors.drain_targets(deadline - asyncio.get_running_loop().time())
        await self.stop()
        return is_clean

    async def stop(self) -> None:
        """End now; what is not done comes again."""
        monitor, self.monitor = self.monitor, None
        if monitor is not None:
            await monitor.stop()
        connectors, self.connectors = self.connectors, None
        if connectors is not None:
            await connectors.stop()
        if self.engine is not None and self.engine.condition not in ("stopped",):
            await self.engine.stop()
        while self._started:
            await self._started.pop().stop()
        if self._owns_transport and self.transport is not None:
            await self.transport.close()

    def _transport_failed(self, error: TransportError) -> None:
        if self.engine is not None:
            self.engine.shared.fatal(error.code, error.message, error.fix)


def chosen(workflow: Workflow, names: Iterable[str] | None) -> tuple[ServiceSpec, ...]:
    """Return the services of these names, or all. The keeper only creates and cleans streams."""
    if names is None:
        return workflow.services
    known = {service.name: service for service in workflow.services}
    wanted = [name for name in names if name != KEEPER]
    missing = [name for name in wanted if name not in known]
    if missing:
        raise EngineError(
            "unknown-service",
            f"`{workflow.name}` has no service `{missing[0]}`",
            f"choose from {', '.join(sorted(known))}",
        )
    return tuple(known[name] for name in wanted)


def agents_of(services: Iterable[ServiceSpec]) -> list[Agent[Any]]:
    """Return the agents of some services, each once."""
    found: dict[int, Agent[Any]] = {}
    for service in services:
        agents = service.agents
        found |= {id(agent): agent for agent in agents}
    return list(found.values())


def resources_of(
    workflow: Workflow, package: Path | None, root: Path | None, settings: Settings
) -> Resources:
    """Return where agents find their files and limits."""
    models = ModelSettings(
        max_batch=settings.batch_max,
        max_wait_s=settings.batch_wait_s,
        deadline_s=settings.model_deadline_s,
        memory_max=settings.model_memory_mb * 2**20,
    )
    return Resources(
        models=models,
        package=package or package_of(workflow),
        artifacts=workflow.artifacts,
        root=root or Path.cwd(),
    )


def package_of(workflow: Workflow) -> Path:
    """Return the folder of the package that the handlers are printed in."""
    for service in workflow.services:
        for handler in service.handlers:
            top = importlib.import_module(handler.function.__module__.partition(".")[0])
            if top.__file__:
                return Path(top.__file__).parent
    return Path.cwd()


def inbox_of(workflow: Workflow, services: tuple[ServiceSpec, ...], settings: Settings) -> str:
    """Return the prefix of the subjects for answers: what the permission of a service allows."""
    if settings.nats_inbox is not None:
        return settings.nats_inbox
    if settings.provision or len(services) != 1:
        return "_INBOX"
    return f"_INBOX.{token_of(settings.namespace)}.{workflow.token}.{token_of(services[0].name)}"


def transport_of(settings: Settings, on_fatal: Any = None, inbox: str | None = None) -> Transport:
    """Return the transport that the settings describe, not connected yet."""
    if settings.nats_url.startswith("memory:"):
        return open_transport(settings.nats_url)
    return open_transport(
        settings.nats_url,
        on_fatal=on_fatal,
        creds=settings.nats_credentials,
        nkey_seed=settings.nats_nkey_seed,
        token=settings.nats_token,
        user=settings.nats_user,
        password=settings.nats_password,
        tls_ca=settings.tls_ca,
        tls_cert=settings.tls_cert,
        tls_key=settings.tls_key,
        inbox_prefix=inbox or settings.nats_inbox or "_INBOX",
    )


def check_secrets(workflow: Workflow) -> None:
    """Refuse to start without the secrets that agents need."""
    missing = [name for name in workflow.secrets if not os.environ.get(name)]
    if missing:
        raise EngineError(
            "missing-secret",
            f"`{workflow.name}` needs the environment variable {missing[0]}",
            f"set {', '.join(missing)} before the start",
        )


def run(
    workflow: Workflow,
    settings: Settings | None = None,
    services: Iterable[str] | None = None,
    *,
    package: Path | None = None,
) -> int:
    """Run until SIGTERM or Ctrl-C, which drain; a second one ends at once. Return the exit code."""
    from kumeo_runtime.observe.logs import start_logs
    from kumeo_runtime.observe.monitor import PORT
    from kumeo_runtime.observe.traces import start_traces

    tune_interpreter()
    settings = settings or Settings()
    names = None if services is None else tuple(services)
    context = {"workflow": workflow.name, "version": workflow.version}
    start_logs(settings.log_level, context, workflow.secrets)
    start_traces(f"{workflow.name}.{'.'.join(names)}" if names else workflow.name)
    try:
        return asyncio.run(_run(Service(workflow, settings, names, package=package, port=PORT)))
    except Problem as error:
        print(f"error[{error.code}]: {error.message}\n  help: {error.fix}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def known_tracer() -> "Tracer | None":
    """Return the tracer of an SDK; while nobody has loaded the API, there is none."""
    if "opentelemetry.trace" not in sys.modules:
        return None
    from kumeo_runtime.observe.traces import configured_tracer

    return configured_tracer()


def tune_interpreter() -> None:
    """Set what this process shares for many short messages, beside models in threads.

    Messages hold no cycles, and their collector costs a sixth of a hop: it runs rarely. A thread
    that has run a model needs the interpreter for a moment only: it is not kept waiting for 5 ms.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    sys.setswitchinterval(SWITCH_S)


async def _run(service: Service) -> int:
    asked = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, _asked, asked, loop, number)
    await service.start()
    ended = asyncio.ensure_future(service.wait())
    waiting = asyncio.ensure_future(asked.wait())
    await asyncio.wait((ended, waiting), return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    if ended.done():
        try:
            ended.result()
        finally:
            await service.stop()
        return 0
    is_clean = await service.drain()
    return 0 if is_clean else 3


def _asked(asked: asyncio.Event, loop: asyncio.AbstractEventLoop, number: int) -> None:
    asked.set()
    loop.remove_signal_handler(number)
