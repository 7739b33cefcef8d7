"""Tasks under faults on a real server: killed processes, and everybody at the same moment."""

import asyncio
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from kumeo_runtime.client import RuntimeClient
from kumeo_runtime.config import Settings
from kumeo_runtime.embedded.binary import find_binary
from kumeo_runtime.parked import Answer, Task
from kumeo_runtime.tasks.actions import Actions, Current
from kumeo_runtime.tasks.answers import Given
from kumeo_runtime.tasks.people import People
from kumeo_runtime.tasks.state import read_state
from kumeo_runtime.testing.asking import (
    ANA,
    BEN,
    EVERYBODY,
    ask,
    asking,
    results,
    running,
    settings_on,
)
from kumeo_runtime.transport.api import TransportError

NUMBER = 987_654


class Processes:
    """A server with a store that outlives it, and a worker."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"nats://127.0.0.1:{self.port}"
        self.folder = folder
        self._running: list[subprocess.Popen[bytes]] = []

    def start(self) -> None:
        """Start both."""
        command = [str(find_binary()), "-a", "127.0.0.1", "-p", str(self.port), "-js"]
        command += ["-sd", str(self.folder)]
        self._running = [subprocess.Popen(command, stderr=subprocess.DEVNULL)]
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    break
            time.sleep(0.01)
        words = ["-m", "kumeo_runtime.testing.asking", self.url, "faults", str(NUMBER)]
        self._running.append(subprocess.Popen([sys.executable, *words]))

    def kill(self) -> None:
        """Kill both, the worker first."""
        for process in reversed(self._running):
            process.send_signal(signal.SIGKILL)
            process.wait()
        self._running = []


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[Processes]:
    made = Processes(tmp_path)
    made.start()
    yield made
    made.kill()


def test_task_survives_the_death_of_worker_and_server_and_is_decided_once(
    processes: Processes,
) -> None:
    settings = Settings(nats_url=processes.url, namespace="faults")
    workflow = asking(NUMBER)

    async def before() -> str:
        async with RuntimeClient(workflow, settings) as client:
            await started(client)
            (task,) = await ask(client)
            found = await Actions(client, People(EVERYBODY)).claim(ANA, task.id)
            assert isinstance(found, Current)
            return task.id

    async def after(task: str) -> None:
        async with RuntimeClient(workflow, settings) as client:
            actions = Actions(client, People(EVERYBODY))
            found = await actions.find(task)
            assert isinstance(found, Current)
            assert (found.state.holder, found.state.status) == ("ana", "open")
            assert isinstance(await actions.decide(ANA, task, Given("approve")), Current)
            processes.kill()
            processes.start()
            await started(client)
            await results(client, 1)
            await asyncio.sleep(1)
            assert [each["by"] for each in await results(client, 1)] == ["ana"]
            trail = await actions.store.trail(task)
            assert [entry.action for entry in trail.entries] == ["asked", "claimed", "decided"]
            assert trail.is_intact

    task = asyncio.run(asyncio.wait_for(before(), 40))
    processes.kill()
    processes.start()
    asyncio.run(asyncio.wait_for(after(task), 60))


async def started(client: RuntimeClient) -> None:
    """Wait until the worker has made its streams."""
    while True:
        try:
            if await client.shared.transport.stream_info(client.shared.names.tasks) is not None:
                return
        except TransportError:
            pass
        await asyncio.sleep(0.05)


def test_two_people_and_the_timer_at_once_decide_each_task_once(nats_url: str) -> None:
    count, timeout_s = 12, 2.0

    async def decide(actions: Actions, task: str, at: float) -> None:
        await asyncio.sleep(max(0.0, at - time.time()))
        both = ((ANA, "approve"), (BEN, "reject"))
        await asyncio.gather(
            *(actions.decide(who, task, Given(what), claims=True) for who, what in both)
        )

    async def main() -> None:
        workflow = asking(timeout_s=timeout_s, on_timeout="reject")
        async with running(workflow, settings_on(nats_url)) as client:
            tasks = await ask(client, count)
            actions = Actions(client, People(EVERYBODY))
            moments = [(task.due_us or 0) / 1e6 + 0.04 * (n - 2) for n, task in enumerate(tasks)]
            await asyncio.gather(
                *(decide(actions, t.id, at) for t, at in zip(tasks, moments, strict=True))
            )
            await results(client, count)
            await asyncio.sleep(0.5)
            found = {each["id"]: each for each in await results(client, count)}
            assert len(await results(client, count)) == len(found) == count
            for number, task in enumerate(tasks):
                trail = await actions.store.trail(task.id)
                ends = [e for e in trail.entries if e.after in ("decided", "timeout")]
                assert [e.decision for e in ends] == [found[f"o{number}"]["decision"]]
                assert trail.is_intact
            print(Counter(each["by"] for each in found.values()))

    asyncio.run(asyncio.wait_for(main(), 60))


def test_state_of_an_older_version_is_read() -> None:
    old = {
        "id": "t",
        "edge": "e",
        "workflow": "W",
        "source": "s",
        "event_id": "e0",
        "now": 1,
        "asked_us": 2,
        "task": {"site": "ok", "title": "Look", "text": "Look at it.", "decisions": ["yes"]},
        "body": "",
        "status": "decided",
        "attempt": 2,
        "assignees": ["ann"],
        "answer": {"decision": "yes", "by": "ann", "at": 3},
    }
    state = read_state(msgspec.json.encode(old))
    assert (state.label, state.holder, state.trail) == ("decided", "", "")
    assert (state.task, state.answer) == (
        Task("ok", title="Look", text="Look at it.", decisions=("yes",)),
        Answer("yes", "ann", 3),
    )
