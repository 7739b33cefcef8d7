"""Faults that need their own server: each function is one, with a two-stage workflow.

    python tests/crash/scenarios.py [NAME …]

Each feeds events, breaks something, waits until nothing is open and compares what the target holds
with what went in. It fails by an assertion, or prints a JSON line with counts and stall times.
It is one file: the scenarios share their workflow, their server and their oracle.
"""

import asyncio
import json
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from kumeo_runtime.activation import Activation
from kumeo_runtime.client import RuntimeClient
from kumeo_runtime.config import Settings
from kumeo_runtime.engine.flow import all_inputs
from kumeo_runtime.engine.shared import EngineError
from kumeo_runtime.meta import Message
from kumeo_runtime.service import Service
from kumeo_runtime.spec import Consumer, Edge, StreamSizes, Workflow
from kumeo_runtime.testing.rig import OUT, flow
from kumeo_runtime.transport.api import (
    Accepted,
    ConsumerConfig,
    Delivery,
    Outcome,
    Outgoing,
    StreamConfig,
    TransportError,
)
from processes import Supervised, end_by_cleaning_up, free_port, server, until_listening

Told = dict[str, Any]
T = TypeVar("T")


class Body(Message):
    n: int
    text: str


NEXT = Edge("next", "next", Body)
QUICK = Consumer(ack_wait_s=2.0, credit=128)


def two_stages(consumer: Consumer = QUICK, pause_s: float = 0.0) -> Workflow:
    """Return a workflow that sends each event over one edge; the second stage may be slow."""

    def first(act: Activation, event: dict[str, Any]) -> None:
        act.send(NEXT, Body(act.meta, event["n"], event["text"]))

    def second(act: Activation, message: Body) -> None:
        if pause_s:
            time.sleep(pause_s)  # a handler that blocks its whole process
        act.emit(OUT, {"n": message.n, "text": message.text}, site="emit")

    return flow(first, (NEXT, second), consumer=consumer)


class Stand:
    """A server, a client on it, and what a run did."""

    def __init__(self, folder: Path, workflow: Workflow, config: str = "", **settings: Any) -> None:
        self.port = free_port()
        self.file = folder / "server.conf"
        self.file.write_text(config, encoding="utf-8")
        self.server = server(folder / "store", self.port, "-c", str(self.file))
        self.workflow = workflow
        values: dict[str, Any] = {"namespace": "sc", "janitor_s": 0.3, "retry_max_s": 0.5}
        values |= {"nats_url": f"nats://127.0.0.1:{self.port}", "log_level": "error", **settings}
        self.settings = Settings(**values)
        self.client = RuntimeClient(workflow, self.settings)
        self.service: Service | None = None

    async def __aenter__(self) -> "Stand":
        self.server.start()
        await until_listening(self.port)
        await self.client.connect()
        await self.client.source("events")
        return self

    async def __aexit__(self, *error: object) -> None:
        if self.service is not None:
            await self.service.stop()
        await self.client.close()
        await self.server.stop()

    async def serve(self, **more: Any) -> Service:
        """Start all services in this process."""
        self.service = Service(self.workflow, self.settings.model_copy(update=more))
        await self.service.start()
        return self.service

    async def feed(self, count: int, size: int, start: int = 0) -> None:
        """Store events of about this size; each until it is accepted."""
        for n in range(start, start + count):
            event = {"n": n, "text": "x" * size}
            await self.client.publish("events", event, id=f"e{n}")

    async def live(self) -> int:
        """Return the messages that are not acknowledged."""
        shared, total = self.client.shared, 0
        for entry in all_inputs(self.workflow, shared.names, shared.source_streams):
            info = await shared.transport.consumer_info(entry.stream, entry.durable)
            total += 1 if info is None else info.pending + info.unacknowledged
        return total

    async def idle(self, seconds: float = 60.0) -> float:
        """Wait until nothing is open; return how long that took."""
        started = time.monotonic()
        while True:
            try:
                if await self.live() == 0:
                    return round(time.monotonic() - started, 1)
            except (TransportError, EngineError):
                pass
            assert time.monotonic() - started < seconds, "not idle in time"
            await asyncio.sleep(0.1)

    async def made(self) -> int:
        """Return how many messages the stream of the target holds."""
        name = self.client.shared.names.outputs
        info = await self.client.shared.transport.stream_info(name)
        return info.messages if info is not None else 0

    async def numbers(self, stream: str | None = None) -> list[int]:
        """Return the numbers of the events that the target holds, in order of storing."""
        transport = self.client.shared.transport
        name = stream or self.client.shared.names.outputs
        info = await transport.stream_info(name)
        if info is None or info.messages == 0:
            return []
        come: list[Delivery] = []
        await transport.ensure_consumer(ConsumerConfig(name, "judge", (OUT.address,)))
        pull = transport.pull(name, "judge", come.append)
        pull.grant(info.messages, 256 << 20)
        while len(come) < info.messages:
            await asyncio.sleep(0.01)
        await pull.stop()
        await transport.delete_consumer(name, "judge")
        return [json.loads(each.payload)["n"] for each in come]

    async def judge(self, count: int, stream: str | None = None) -> Told:
        """Assert that each event came out once and that there is no dead letter."""
        found = Counter(await patiently(partial(self.numbers, stream)))
        lost = [n for n in range(count) if n not in found]
        twice = [n for n, times in found.items() if times > 1]
        assert not lost, f"{len(lost)} lost: {lost[:5]}"
        assert not twice, f"{len(twice)} twice: {twice[:5]}"
        assert not await patiently(self.client.letters), "there are dead letters"
        return {"events": count, "lost": 0, "duplicated": 0}


async def patiently(ask: Callable[[], Awaitable[list[T]]], seconds: float = 30.0) -> list[T]:
    """Ask until somebody answers: a cluster may be without a leader for a while."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            return await ask()
        except TransportError:
            assert time.monotonic() < deadline, "the store does not answer"
            await asyncio.sleep(0.3)


async def down_for_longer_than_the_window(folder: Path) -> Told:
    """Nothing is acknowledged, then the server is away for thirty duplicate windows."""
    count = 400
    async with Stand(folder, two_stages(Consumer(ack_wait_s=10.0))) as stand:
        first = await stand.serve()
        assert first.transport is not None
        await shorten_windows(stand, 100_000_000)
        first.transport.ack = forgotten  # pyright: ignore[reportAttributeAccessIssue]
        await pushed(stand, count, 0)
        while await stand.made() < count:
            await asyncio.sleep(0.05)
        assert first.engine is not None
        for reader in first.engine.readers:
            reader.jobs.clear()
        await first.stop()
        stand.server.pause_s = 3.0
        stand.server.signal(signal.SIGKILL)
        await asyncio.sleep(3.2)
        await until_listening(stand.port)
        service = await stand.serve()
        waited = await stand.idle()
        assert service.engine is not None
        again = sum(reader.stats.duplicates for reader in service.engine.readers)
        assert again > 0, "nothing was sent a second time"
        return {**await stand.judge(count), "refused": again, "idle_after_s": waited}


def forgotten(delivery: Delivery) -> None:
    """Be an acknowledgement that gets lost."""


async def shorten_windows(stand: Stand, nanoseconds: int) -> None:
    """Let the edge stream forget message ids; subjects are what it must go by."""
    transport: Any = stand.client.shared.transport
    name = stand.client.shared.names.edges
    there = await transport._requests.call(f"STREAM.INFO.{name}", {}, name)
    body = {**there["config"], "duplicate_window": nanoseconds}
    await transport._requests.call(f"STREAM.UPDATE.{name}", body, name)


async def slow_consumer(folder: Path) -> Told:
    """A worker that blocks is cut off by the server, again and again, and goes on."""
    count = 100
    workflow = two_stages(Consumer(ack_wait_s=10.0, credit=512), pause_s=0.05)
    config = 'write_deadline: "10ms"\n'
    async with Stand(folder, workflow, config) as stand:
        await stand.feed(count, 100_000)
        await stand.serve()
        waited = await stand.idle()
        log = (folder / "store.log").read_text(encoding="utf-8")
        return {
            **await stand.judge(count),
            "cut_off": log.count("Slow Consumer"),
            "idle_after_s": waited,
        }


USERS = """
authorization {{
  users = [
    {{ user: boss, password: b }}
    {{ user: worker, password: w, permissions: {{ publish: {{ deny: [{denied}] }} }} }}
  ]
}}
"""


async def publish_denied(folder: Path) -> Told:
    """A missing permission stops the worker loudly; with it everything goes on."""
    count = 50
    workflow = two_stages()
    boss = {"nats_user": "boss", "nats_password": "b"}
    worker = {"nats_user": "worker", "nats_password": "w"}
    config = USERS.format(denied=f'"{OUT.address}"')
    async with Stand(folder, workflow, config, **boss) as stand:
        await stand.feed(count, 100)
        service = await stand.serve(**worker)
        error = await refusal(service)
        assert error.code == "permission-denied", error
        assert OUT.address in error.message, error
        await service.stop()
        assert not await stand.numbers(), "a denied message was stored"
        stand.file.write_text(USERS.format(denied=""), encoding="utf-8")
        stand.server.signal(signal.SIGHUP)
        await asyncio.sleep(0.5)
        await stand.serve(**worker)
        waited = await stand.idle()
        return {**await stand.judge(count), "idle_after_s": waited}


async def refusal(service: Service) -> EngineError:
    """Return why a service stops; fail when it does not."""
    try:
        await asyncio.wait_for(service.wait(), 10)
    except EngineError as error:
        return error
    raise AssertionError("the worker goes on without the permission")


async def target_full(folder: Path) -> Told:
    """A target that takes nothing more: the worker waits, and goes on when there is room."""
    count, rounds = 120, 0
    async with Stand(folder, two_stages()) as stand:
        transport = stand.client.shared.transport
        await transport.ensure_stream(StreamConfig("OUTS", (OUT.address,), max_bytes=20_000))
        await stand.feed(count, 1000)
        await stand.serve()
        found: list[int] = []
        deadline = time.monotonic() + 60
        while len(found) < count:
            assert time.monotonic() < deadline, f"only {len(found)} came out"
            await asyncio.sleep(1.0)
            held = await stand.numbers("OUTS")
            info = await transport.stream_info("OUTS")
            assert info is not None
            assert info.bytes <= 20_000, info
            found += held
            rounds += bool(held)
            await transport.purge("OUTS", ">", info.last_seq)
        await stand.idle()
        assert sorted(found) == list(range(count)), "lost or twice"
        assert not await stand.client.letters()
        return {"events": count, "lost": 0, "duplicated": 0, "times_full": rounds - 1}


async def edges_full(folder: Path) -> Told:
    """Edges with room for a few dozen messages: the janitor makes room, nothing stops for ever."""
    count = 400
    workflow = replace(two_stages(), sizes=StreamSizes(edges_bytes=100_000))
    async with Stand(folder, workflow, purge_age_s=2.0) as stand:
        await stand.feed(count, 1000)
        service = await stand.serve()
        waited = await stand.idle()
        full = service.observer.counts["stream_full"]
        return {**await stand.judge(count), "refused_full": full, "idle_after_s": waited}


async def leader_killed(folder: Path) -> Told:
    """Three servers, three replicas: the leader of the edges is killed twice while events come."""
    count = 1500
    ports = [free_port() for _ in range(3)]
    routes = [free_port() for _ in range(3)]
    servers = [member(folder, n, ports, routes) for n in range(3)]
    for each in servers:
        each.start()
    for port in ports:
        await until_listening(port)
    url = ",".join(f"nats://127.0.0.1:{port}" for port in ports)
    stand = Stand(folder, two_stages(), nats_url=url, replicas=3)
    try:
        await connected(stand)
        service = await stand.serve()
        stalls: list[float] = []
        for part in range(3):
            feeding = asyncio.ensure_future(pushed(stand, count // 3, count // 3 * part))
            if part:
                leader = await leader_of(stand)
                await asyncio.sleep(0.1)
                begun = time.monotonic()
                servers[leader].pause_s = 1.5
                servers[leader].signal(signal.SIGKILL)
                await feeding
                stalls.append(round(time.monotonic() - begun, 1))
            await feeding
        waited = await stand.idle(90)
        assert service.condition == "running", service.health()
        return {**await stand.judge(count), "stalls_s": stalls, "idle_after_s": waited}
    finally:
        if stand.service is not None:
            await stand.service.stop()
        await stand.client.close()
        for each in servers:
            await each.stop()


def member(folder: Path, number: int, ports: list[int], routes: list[int]) -> Supervised:
    """Return one server of a cluster."""
    others = [f"nats://127.0.0.1:{port}" for port in routes if port != routes[number]]
    config = folder / f"n{number}.conf"
    config.write_text(
        f"server_name: n{number}\n"
        f'cluster {{ name: c, listen: "127.0.0.1:{routes[number]}", routes: {json.dumps(others)} }}'
        "\n",
        encoding="utf-8",
    )
    return server(folder / f"n{number}", ports[number], "-c", str(config))


async def connected(stand: Stand) -> None:
    """Connect when the cluster has a leader."""
    deadline = time.monotonic() + 30
    while True:
        try:
            await stand.client.connect()
            await stand.client.source("events")
            return
        except (TransportError, EngineError):
            assert time.monotonic() < deadline, "the cluster has no leader"
            await stand.client.close()
            stand.client = RuntimeClient(stand.workflow, stand.settings)
            await asyncio.sleep(0.5)


async def leader_of(stand: Stand) -> int:
    """Return the number of the server that leads the edges."""
    transport: Any = stand.client.shared.transport
    name = stand.client.shared.names.edges
    deadline = time.monotonic() + 40
    while True:
        try:
            answer = await transport._requests.call(f"STREAM.INFO.{name}", {}, name)
            return int(answer["cluster"]["leader"][1:])
        except (TransportError, KeyError):
            assert time.monotonic() < deadline, "the edges have no leader"
            await asyncio.sleep(0.2)


async def pushed(stand: Stand, count: int, start: int) -> None:
    """Store events, many at a time, each until it is accepted."""
    transport = stand.client.shared.transport
    todo = list(range(start, start + count))
    while todo:
        outcomes: dict[int, Outcome] = {}
        part = todo[:100]
        for n in part:
            body = json.dumps({"n": n, "text": ""}).encode()
            headers = {"Nats-Msg-Id": f"e{n}", "Kumeo-Id": f"e{n}"}
            message = Outgoing("in.events", body, headers)
            transport.publish(message, partial(outcomes.__setitem__, n))
        while len(outcomes) < len(part):
            await asyncio.sleep(0.01)
        failed = [n for n, outcome in outcomes.items() if not isinstance(outcome, Accepted)]
        todo = failed + todo[100:]
        await asyncio.sleep(0.2 if failed else 0.05)


SCENARIOS: dict[str, Callable[[Path], Awaitable[Told]]] = {
    "window": down_for_longer_than_the_window,
    "slow": slow_consumer,
    "denied": publish_denied,
    "target-full": target_full,
    "edges-full": edges_full,
    "leader": leader_killed,
}


def play(scenarios: dict[str, Callable[[Path], Awaitable[Told]]], names: list[str]) -> int:
    """Run scenarios by name, or all."""
    end_by_cleaning_up()
    for name in names or scenarios:
        with tempfile.TemporaryDirectory(prefix="kumeo-scenario-") as folder:
            started = time.monotonic()
            told = asyncio.run(asyncio.wait_for(_awaited(scenarios[name], Path(folder)), 170))
            seconds = round(time.monotonic() - started, 1)
            print(json.dumps({"scenario": name, **told, "seconds": seconds}), flush=True)
    return 0


async def _awaited(scenario: Callable[[Path], Awaitable[Told]], folder: Path) -> Told:
    return await scenario(folder)


if __name__ == "__main__":
    sys.exit(play(SCENARIOS, sys.argv[1:]))
