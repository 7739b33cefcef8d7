"""HTTP targets against a server on loopback: tried again, or a dead letter, never lost."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from kumeo_runtime.client import RuntimeClient
from kumeo_runtime.engine.shared import EngineError
from kumeo_runtime.service import Service
from kumeo_runtime.spec import Target, Workflow
from kumeo_runtime.targets.http import retry_after_s
from kumeo_runtime.testing.connected import Order, passing, running, settings_on, until


class Hook:
    """A server that answers with one status after the other, the last one for ever."""

    def __init__(self, *statuses: int) -> None:
        self.statuses = list(statuses)
        self.requests: list[tuple[str, dict[str, str], Any]] = []
        self.headers: dict[str, str] = {}
        self.port = 0

    async def answer(self, request: web.Request) -> web.Response:
        headers = dict(request.headers)
        self.requests.append((request.method, headers, await request.json()))
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        return web.Response(status=status, headers=self.headers)

    @asynccontextmanager
    async def open(self) -> AsyncGenerator[None]:
        app = web.Application()
        app.router.add_route("*", "/hook", self.answer)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", self.port).start()
        self.port = runner.addresses[0][1]
        try:
            yield
        finally:
            await runner.cleanup()


Script = Callable[[RuntimeClient, Workflow, Any], Awaitable[None]]


def on_hook(nats_url: str, hook: Hook, script: Script, **given: Any) -> None:
    settings = settings_on(nats_url)

    async def main() -> None:
        async with hook.open():
            address = f"http://127.0.0.1:{hook.port}/hook"
            workflow = passing(None, Target("hook", "http", address, Order, settings=given))
            async with RuntimeClient(workflow, settings) as client:
                await script(client, workflow, settings)

    asyncio.run(asyncio.wait_for(main(), 30))


def test_value_is_posted_with_its_id(nats_url: str) -> None:
    hook = Hook(200)

    async def script(client: RuntimeClient, workflow: Workflow, settings: Any) -> None:
        async with running(workflow, settings):
            await client.publish("orders", {"id": "a"}, id="e")
            await until(lambda: hook.requests)
        ((method, headers, body),) = hook.requests
        assert (method, body, headers["X-Team"]) == ("PUT", {"id": "a", "amount": 0.0}, "risk")
        assert headers["Kumeo-Id"] == headers["Idempotency-Key"]
        assert len(headers["Kumeo-Id"]) == 32

    on_hook(nats_url, hook, script, method="PUT", headers={"X-Team": "risk"})


def test_value_that_is_refused_for_now_is_sent_again_under_its_id(nats_url: str) -> None:
    hook = Hook(503, 429, 200)

    async def script(client: RuntimeClient, workflow: Workflow, settings: Any) -> None:
        async with running(workflow, settings):
            await client.publish("orders", {"id": "a"}, id="e")
            await until(lambda: len(hook.requests) == 3)
        assert len({headers["Kumeo-Id"] for _, headers, _ in hook.requests}) == 1
        assert await client.letters() == []

    on_hook(nats_url, hook, script)


def test_value_that_is_refused_for_good_is_a_dead_letter_that_can_be_retried(
    nats_url: str,
) -> None:
    hook = Hook(422, 200)

    async def script(client: RuntimeClient, workflow: Workflow, settings: Any) -> None:
        async with running(workflow, settings) as service:
            await client.publish("orders", {"id": "a"}, id="e")
            assert service.connectors is not None
            async with asyncio.timeout(10):
                while not (letters := await client.letters()):
                    await asyncio.sleep(0.05)
            (letter,) = letters
            assert (letter.code, letter.handler, letter.event_id) == ("http-refused", "hook", "e")
            await client.retry(letter)
            await until(lambda: len(hook.requests) == 2)
        assert len({headers["Kumeo-Id"] for _, headers, _ in hook.requests}) == 1

    on_hook(nats_url, hook, script)


def test_value_waits_while_nobody_answers(nats_url: str) -> None:
    hook = Hook(200)

    async def script(client: RuntimeClient, workflow: Workflow, settings: Any) -> None:
        pass

    on_hook(nats_url, hook, script)
    # The port is free again: nobody listens.
    settings = settings_on(nats_url)
    address = f"http://127.0.0.1:{hook.port}/hook"
    workflow = passing(None, Target("hook", "http", address, Order))

    async def main() -> None:
        async with RuntimeClient(workflow, settings) as client, running(workflow, settings):
            await client.publish("orders", {"id": "a"}, id="e")
            await asyncio.sleep(0.3)
            async with hook.open():
                await until(lambda: hook.requests)

    asyncio.run(asyncio.wait_for(main(), 30))


def test_retry_after_is_honoured(nats_url: str) -> None:
    hook = Hook(503, 200)
    hook.headers = {"Retry-After": "2"}

    async def script(client: RuntimeClient, workflow: Workflow, settings: Any) -> None:
        async with running(workflow, settings):
            await client.publish("orders", {"id": "a"}, id="e")
            await until(lambda: len(hook.requests) == 1)
            begun = asyncio.get_running_loop().time()
            await until(lambda: len(hook.requests) == 2)
            assert asyncio.get_running_loop().time() - begun > 1.5

    on_hook(nats_url, hook, script)


@pytest.mark.parametrize("text", [None, "soon", "-1"])
def test_retry_after_that_says_nothing_is_none(text: str | None) -> None:
    assert retry_after_s(text, 0) is None


@pytest.mark.parametrize(
    ("address", "settings"), [("hook", {}), ("http://localhost/x", {"method": "GET"})]
)
def test_target_that_cannot_work_is_an_error(
    address: str, settings: dict[str, Any], nats_url: str, tmp_path: Path
) -> None:
    workflow = passing(None, Target("hook", "http", address, Order, settings=settings))
    service = Service(workflow, settings_on(nats_url), root=tmp_path, package=tmp_path)

    async def main() -> None:
        try:
            await service.start()
        finally:
            await service.stop()

    with pytest.raises(EngineError) as caught:
        asyncio.run(main())
    assert caught.value.code == "invalid-setting"
