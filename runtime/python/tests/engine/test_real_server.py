"""The engine on a real nats-server: what the simulation cannot know."""

import asyncio
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from kumeo_runtime.activation import Activation
from kumeo_runtime.client import RuntimeClient
from kumeo_runtime.config import Settings
from kumeo_runtime.embedded.binary import find_binary
from kumeo_runtime.meta import Message
from kumeo_runtime.parked import Task
from kumeo_runtime.service import Service
from kumeo_runtime.spec import Consumer, Edge, Workflow
from kumeo_runtime.testing import keyed_worker
from kumeo_runtime.testing.flows import calls_flow
from kumeo_runtime.testing.rig import OUT, flow


class Body(Message):
    n: int


NEXT = Edge("next", "next", Body)
ASKED = Edge("asked", "asked", Body, is_parked=True)


class Server:
    """A nats-server with a store that outlives its death."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.folder = folder

    def start(self) -> None:
        command = [str(find_binary()), "-a", "127.0.0.1", "-p", str(self.port), "-js"]
        command += ["-sd", str(self.folder)]
        self.process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.01)
        raise TimeoutError("nats-server does not start")

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    made = Server(tmp_path)
    made.start()
    yield made
    made.kill()


Script = Callable[[RuntimeClient, Settings], Awaitable[None]]


def on(server: Server, workflow: Workflow, script: Script, **settings: Any) -> None:
    values = {"namespace": "test", "janitor_s": 0.3, "rerun_min_s": 0.05, **settings}
    chosen = Settings(nats_url=f"nats://127.0.0.1:{server.port}", **values)

    async def main() -> None:
        async with RuntimeClient(workflow, chosen) as client:
            await script(client, chosen)

    asyncio.run(asyncio.wait_for(main(), 40))


async def until(condition: Callable[[], Awaitable[bool]], seconds: float = 15.0) -> None:
    deadline = time.monotonic() + seconds
    while not await condition():
        assert time.monotonic() < deadline, "not in time"
        await asyncio.sleep(0.05)


async def outputs(client: RuntimeClient, subject: str) -> list[Any]:
    stream = f"test_{client.workflow.token}_O"
    if await client.shared.transport.stream_info(stream) is None:
        return []
    return [msgspec.json.decode(m.payload) async for m in client.all(stream, subject)]


def test_engine_server_killed_twice_loses_and_doubles_nothing(server: Server) -> None:
    numbers = 60
    workflow = calls_flow(lambda n: None, lambda act, key: 1, random.Random(1), 8 << 20)

    async def script(client: RuntimeClient, settings: Settings) -> None:
        service = Service(workflow, settings)
        await service.start()
        for n in range(numbers):
            await client.publish("numbers", {"n": n}, id=f"e{n}")
            if n in (20, 40):
                server.kill()
                await asyncio.sleep(0.3)
                server.start()

        async def is_done() -> bool:
            return len(await outputs(client, "out.n")) >= 2 * numbers

        await until(is_done, 30)
        found = [(v["n"], v["half"]) for v in await outputs(client, "out.n")]
        assert sorted(found) == [(n, half) for n in range(numbers) for half in (0, 1)]
        await service.drain()

    on(server, workflow, script, gate_poll_s=0.05)


def test_engine_worker_that_vanishes_leaves_its_work_to_another(server: Server) -> None:
    begun: list[int] = []

    async def handler(act: Activation, event: dict[str, Any]) -> None:
        begun.append(event["n"])
        await asyncio.sleep(30 if len(begun) <= 5 else 0)
        act.emit(OUT, event["n"], site="emit")

    workflow = flow(handler, consumer=Consumer(ack_wait_s=1.0))

    async def script(client: RuntimeClient, settings: Settings) -> None:
        first = Service(workflow, settings)
        await first.start()
        for n in range(5):
            await client.publish("events", {"n": n}, id=f"e{n}")

        async def are_begun() -> bool:
            return len(begun) == 5

        await until(are_begun)
        assert first.engine is not None
        for task in first.engine.shared.tasks:
            task.cancel()
        second = Service(workflow, settings)
        await second.start()

        async def is_done() -> bool:
            return sorted(await outputs(client, OUT.address)) == [0, 1, 2, 3, 4]

        for reader in first.engine.readers:
            reader.jobs.clear()
        await until(is_done)
        await second.drain()

    on(server, workflow, script, gate_poll_s=0.05)


def test_tasks_decision_and_timer_race_on_a_real_schedule(server: Server) -> None:
    def ask(act: Activation, event: dict[str, Any]) -> None:
        task = Task("r", decisions=("yes", "no"), timeout_s=1.0, on_timeout="no")
        act.park(ASKED, Body(act.meta, event["n"]), task)

    def said(act: Activation, message: Body) -> None:
        assert act.answer is not None
        act.emit(OUT, [message.n, act.answer.decision], site="emit")

    workflow = flow(ask, (ASKED, said))

    async def script(client: RuntimeClient, settings: Settings) -> None:
        service = Service(workflow, settings)
        await service.start()
        for n in (1, 2):
            await client.publish("events", {"n": n}, id=f"e{n}")

        async def are_parked() -> bool:
            return len(await client.tasks()) == 2

        await until(are_parked, 2)
        task = next(t for t in await client.tasks() if t.event_id == "e1")
        await client.decide(task.id, "yes", by="ann")

        async def is_done() -> bool:
            return sorted(await outputs(client, OUT.address)) == [[1, "yes"], [2, "no"]]

        await until(is_done)
        await service.drain()

    on(server, workflow, script, gate_poll_s=0.05)


def test_edge_that_parks_sent_to_runs_its_handler_at_once(server: Server) -> None:
    def first(act: Activation, event: dict[str, Any]) -> None:
        act.send(ASKED, Body(act.meta, event["n"]))

    def second(act: Activation, message: Body) -> None:
        act.emit(OUT, message.n, site="emit")

    workflow = flow(first, (ASKED, second))

    async def script(client: RuntimeClient, settings: Settings) -> None:
        service = Service(workflow, settings)
        await service.start()
        for n in range(3):
            await client.publish("events", {"n": n}, id=f"e{n}")

        async def is_done() -> bool:
            return len(await outputs(client, OUT.address)) == 3

        await until(is_done)
        await service.drain()

    on(server, workflow, script)


def test_janitor_empties_edges_and_journal(server: Server) -> None:
    def first(act: Activation, event: dict[str, Any]) -> None:
        act.send(NEXT, Body(act.meta, event["n"]))

    async def second(act: Activation, message: Body) -> None:
        await act.journal.record("call", (), message.n, int)
        act.emit(OUT, message.n, site="emit")

    workflow = flow(first, (NEXT, second))

    async def script(client: RuntimeClient, settings: Settings) -> None:
        service = Service(workflow, settings)
        await service.start()
        for n in range(50):
            await client.publish("events", {"n": n}, id=f"e{n}")

        async def is_empty() -> bool:
            status = await client.status()
            kept = [i.messages for n, i in status.streams.items() if i and not n.endswith("_O")]
            return len(await outputs(client, OUT.address)) == 50 and sum(kept) == 0

        await until(is_empty)
        await service.drain()

    on(server, workflow, script, purge_age_s=1.0)


def test_keyed_order_survives_the_death_of_the_process_that_is_served(server: Server) -> None:
    numbers, url = 240, f"nats://127.0.0.1:{server.port}"
    command = [sys.executable, keyed_worker.__file__, url]
    workers = {p.pid: p for p in (subprocess.Popen(command), subprocess.Popen(command))}

    async def script(client: RuntimeClient, settings: Settings) -> None:
        async def feed() -> None:
            for n in range(numbers):
                await client.publish("events", {"n": n, "key": f"k{n % 5}"}, id=f"e{n}")
                await asyncio.sleep(0.01)

        feeding = asyncio.ensure_future(feed())

        async def has(number: int) -> bool:
            return len(await outputs(client, "out.keyed")) >= number

        await until(lambda: has(60))
        found = await outputs(client, "out.keyed")
        workers[found[-1]["pid"]].kill()
        killed, before = time.monotonic(), {v["pid"] for v in found}
        await until(lambda: has(len(found) + 40))
        print(f"takeover within {time.monotonic() - killed:.1f} s at an ack wait of 1.5 s")
        await feeding
        await until(lambda: has(numbers), 30)
        found = await outputs(client, "out.keyed")
        assert sorted(v["n"] for v in found) == list(range(numbers))
        for key in range(5):
            order = [v["n"] for v in found if v["key"] == f"k{key}"]
            assert order == sorted(order)
        assert len(before) == 1
        assert {v["pid"] for v in found} == set(workers)

    try:
        on(server, keyed_worker.WORKFLOW, script)
    finally:
        for worker in workers.values():
            worker.kill()
            worker.wait()
