"""A running service with one source and one target, on a real server, for tests of connectors."""

import asyncio
import itertools
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec

from kumeo_runtime.activation import Activation
from kumeo_runtime.client import RuntimeClient
from kumeo_runtime.config import Settings
from kumeo_runtime.service import Service
from kumeo_runtime.spec import (
    Consumer,
    Handler,
    ServiceSpec,
    Source,
    StreamSizes,
    Target,
    Workflow,
)
from kumeo_runtime.values import Record

_NUMBERS = itertools.count(1)
SMALL = StreamSizes(32 << 20, 32 << 20)


class Order(Record):
    """An event."""

    id: str
    amount: float = 0.0


def passing(
    given_source: Source | None = None, given_target: Target | None = None, **consumer: Any
) -> Workflow:
    """Return: every event of a source goes to a target. Subjects are those of this workflow."""
    number = next(_NUMBERS)
    source = given_source or Source("orders", "nats", f"in.{number}", Order)
    target = given_target or Target("out", "nats", f"out.{number}", Order)

    def on_event(act: Activation, event: Any) -> None:
        act.emit(target, event, site="emit")

    settings = Consumer(**consumer)
    handler = Handler("on.orders", on_event, (source,), emits=(target,), consumer=settings)
    services = (ServiceSpec("all", (handler,)),)
    return Workflow("Orders", "orders", "1", services, (source,), (target,), (), sizes=SMALL)


def settings_on(url: str, **more: Any) -> Settings:
    """Return settings in a namespace that no other test has."""
    given: dict[str, Any] = {"namespace": f"t{next(_NUMBERS)}", "ingress_port": 0, **more}
    return Settings(nats_url=url, **given)


@asynccontextmanager
async def running(
    workflow: Workflow, settings: Settings, root: Path | None = None
) -> AsyncGenerator[Service]:
    """Run all services of a workflow, and drain them at the end."""
    service = Service(workflow, settings, root=root, package=root or Path.cwd())
    try:
        await service.start()
        yield service
        await service.drain(5)
    finally:
        await service.stop()


async def until(is_so: Callable[[], Any], seconds: float = 10.0) -> None:
    """Wait for a condition. Raises: TimeoutError."""
    async with asyncio.timeout(seconds):
        while not is_so():
            await asyncio.sleep(0.02)


async def values_of(workflow: Workflow, settings: Settings) -> list[Any]:
    """Return what the store holds of the first target, in order."""
    target = workflow.targets[0]
    async with RuntimeClient(workflow, settings) as client:
        subject = client.shared.names.target_subject(target)
        stream = await client.shared.transport.stream_of(subject)
        if stream is None:
            return []
        return [msgspec.json.decode(m.payload) async for m in client.all(stream, subject)]
