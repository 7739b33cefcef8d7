"""Each service of a build runs with a user that may use only its own subjects.

The server is configured by the `nats-permissions.conf` of the package as it is printed.
"""

import asyncio
import importlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import pytest
from kumeo_runtime.client import RuntimeClient
from kumeo_runtime.config import Settings
from kumeo_runtime.embedded.binary import find_binary
from kumeo_runtime.engine.shared import EngineError
from kumeo_runtime.engine.waiting import waiting_in
from kumeo_runtime.service import Service
from kumeo_runtime.testing.fake_models import FakeModels
from kumeo_runtime.transport.api import Outgoing, Refused

from kumeo.backends.python.accounts import variable

EXAMPLES = Path(__file__).parents[2] / "examples"
AT = "2026-01-01T10:00:00Z"


@dataclass
class Site:
    """A server with the users of a build, and its workflow."""

    port: int
    workflow: Any
    namespace: str = "dev"
    root: Path = EXAMPLES

    def settings(self, service: str) -> Settings:
        return Settings(
            nats_url=f"nats://127.0.0.1:{self.port}",
            nats_user=f"{self.workflow.token}-{service}",
            nats_password=f"pw-{service}",
            provision=service == "keeper",
            namespace=self.namespace,
            gate_poll_s=0.05,
        )

    def service(self, name: str) -> Service:
        return Service(self.workflow, self.settings(name), [name], root=self.root)

    @property
    def names(self) -> list[str]:
        return [service.name for service in self.workflow.services]


@pytest.fixture(params=["dev"])
def site(
    kumeo: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Iterator[Site]:
    file, namespace = EXAMPLES / "fraud_detection.kumeo", str(request.param)
    with built_and_served(kumeo, file, tmp_path, monkeypatch, namespace) as made:
        yield made


@contextmanager
def built_and_served(
    kumeo: Any, file: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, namespace: str = "dev"
) -> Generator[Site]:
    """Build a workflow, and start a server with the permissions that were printed."""
    package, name = folder / "built", file.stem
    ran = kumeo("build", str(file), "-O0", "--namespace", namespace, "-o", str(package))
    assert ran.code == 0, ran.err
    monkeypatch.setattr(sys, "path", [str(package), *sys.path])
    for module in [module for module in sys.modules if module.split(".")[0] == name]:
        monkeypatch.delitem(sys.modules, module)
    workflow = importlib.import_module(f"{name}.workflow").WORKFLOW
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        made = Site(probe.getsockname()[1], workflow, namespace, file.parent)
    environment = {variable(workflow.token, user): f"pw-{user}" for user in [*made.names, "keeper"]}
    command = [str(find_binary()), "-a", "127.0.0.1", "-p", str(made.port), "-js"]
    command += ["-sd", str(folder / "store"), "-c", str(package / "nats-permissions.conf")]
    server = subprocess.Popen(command, env={**os.environ, **environment}, stderr=subprocess.DEVNULL)
    try:
        wait_for_port(made.port)
        yield made
    finally:
        server.kill()
        server.wait()


def wait_for_port(port: int) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise TimeoutError("nats-server does not start")


async def until(condition: Callable[[], Awaitable[bool]], seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not await condition():
        assert time.monotonic() < deadline, "not in time"
        await asyncio.sleep(0.05)


async def outputs(client: RuntimeClient, subject: str) -> list[Any]:
    stream = client.shared.names.outputs
    return [msgspec.json.decode(m.payload) async for m in client.all(stream, subject)]


@pytest.mark.parametrize("site", ["dev", "plant-7"], indirect=True)
def test_services_with_their_own_users_handle_every_event(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = [f'{{"level": "{level}", "reason": "r"}}' for level in ("medium", "high")]

    async def main() -> None:
        keeper = site.service("keeper")
        await keeper.start()
        services = [site.service(name) for name in site.names]
        for service in services:
            await service.start()
        async with RuntimeClient(site.workflow, site.settings("keeper")) as client:
            for n in range(20):
                event = {"tx_id": f"{n}", "card": f"c{n % 3}", "amount": 12.5, "at": AT}
                await client.publish("source", event, id=f"e{n}")
            await until(lambda: has(client, "transactions.cleared", 20))
            for n in (20, 21):
                event = {"tx_id": f"{n}", "card": "c", "amount": 25000.0, "at": AT}
                await client.publish("source", event, id=f"e{n}")
            await until(lambda: is_asked(client))
            (task,) = await client.tasks()
            await client.decide(task.id, "approve", by="ann")
            await until(lambda: has(client, "alerts.high_risk", 2))
            assert await client.letters() == []
        failures = [s.engine.shared.failure for s in services if s.engine is not None]
        assert failures == [None] * len(site.names)
        for service in [*services, keeper]:
            await service.stop()

    async def has(client: RuntimeClient, subject: str, number: int) -> bool:
        return len(await outputs(client, subject)) == number

    async def is_asked(client: RuntimeClient) -> bool:
        return len(await client.tasks()) == 1

    with FakeModels(*answers) as models:
        monkeypatch.setenv("KUMEO_OLLAMA_URL", models.url)
        asyncio.run(asyncio.wait_for(main(), 60))


def test_service_that_publishes_elsewhere_is_refused_and_stops_loudly(site: Site) -> None:
    async def main() -> None:
        keeper, service = site.service("keeper"), site.service("emit-cleared")
        await keeper.start()
        await service.start()
        assert service.engine is not None
        outcome = await service.engine.shared.ask(Outgoing("alerts.high_risk", b"{}"))
        assert isinstance(outcome, Refused)
        assert outcome.reason == "denied"
        with pytest.raises(EngineError, match=r"permission-denied.*alerts\.high_risk"):
            await asyncio.wait_for(service.wait(), 10)
        await service.stop()
        await keeper.stop()

    asyncio.run(asyncio.wait_for(main(), 40))


def test_service_before_its_keeper_says_what_to_start(site: Site) -> None:
    async def main() -> None:
        service = site.service("emit-cleared")
        with pytest.raises(EngineError, match=r"not-provisioned") as caught:
            await service.start()
        assert "KUMEO_PROVISION" in caught.value.fix
        await service.stop()

    asyncio.run(asyncio.wait_for(main(), 40))


PATIENT = """
schema Item { n: int }

agent Check(n: int) -> int { python: "patient_code:check", effects: "read" }

workflow Patient {
  source: NATS("patient.in", schema: Item)
  target: { out: NATS("patient.out") }

  agents: [
    Check(id: "check", n: source.n, retry: { max: 2, backoff: "fixed", delay: 12s })
    emit { n: source.n, checked: check } to target.out
  ]
}
"""
CODE = """
calls = []


def check(n: int) -> int:
    calls.append(n)
    if len(calls) == 1:
        raise OSError("not now")
    return len(calls)
"""


def test_retry_far_away_waits_in_the_store_with_the_permissions_of_its_service(
    kumeo: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "patient.kumeo").write_text(PATIENT, encoding="utf-8")
    (tmp_path / "patient_code.py").write_text(CODE, encoding="utf-8")

    async def main(site: Site) -> None:
        keeper = site.service("keeper")
        await keeper.start()
        services = [site.service(name) for name in site.names]
        for service in services:
            await service.start()
        engines = [service.engine for service in services if service.engine is not None]
        async with RuntimeClient(site.workflow, site.settings("keeper")) as client:
            await client.publish("source", {"n": 1}, id="e1")
            await until(lambda: is_waiting(client))
            await until(lambda: is_idle(engines))
            await until(lambda: is_out(client))
            assert await outputs(client, "patient.out") == [{"n": 1, "checked": 2}]
            assert await client.letters() == []
        assert [engine.shared.failure for engine in engines] == [None] * len(services)
        for service in [*services, keeper]:
            await service.stop()

    async def is_waiting(client: RuntimeClient) -> bool:
        return len(await waiting_in(client.shared)) == 1

    async def is_idle(engines: list[Any]) -> bool:
        return sum(engine.in_flight for engine in engines) == 0

    async def is_out(client: RuntimeClient) -> bool:
        return len(await outputs(client, "patient.out")) > 0

    with built_and_served(kumeo, tmp_path / "patient.kumeo", tmp_path, monkeypatch) as site:
        asyncio.run(asyncio.wait_for(main(site), 60))
