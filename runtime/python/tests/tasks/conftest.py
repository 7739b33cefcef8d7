"""A running workflow, its service of tasks, and an HTTP client, on a real server."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from kumeo_runtime.client import RuntimeClient
from kumeo_runtime.tasks.people import People, save_people
from kumeo_runtime.tasks.rest.service import TaskService
from kumeo_runtime.testing.asking import EVERYBODY, ask, asking, running, settings_on


class Site:
    """A service with one open task, and requests to it."""

    def __init__(
        self, client: RuntimeClient, service: TaskService, http: aiohttp.ClientSession, task: str
    ) -> None:
        self.client = client
        self.service = service
        self.http = http
        self.task = task
        self.base = f"http://127.0.0.1:{service.port}"

    async def call(self, method: str, path: str, who: str = "ana", **more: Any) -> Any:
        """Return status and JSON of a request; `who` is whose token is sent."""
        headers = {
            **({"Authorization": f"Bearer kt_{who}"} if who else {}),
            **more.pop("headers", {}),
        }
        if not path.startswith("/"):
            path = f"/api/v1/tasks/{self.task}" + (f"/{path}" if path else "")
        async with self.http.request(method, self.base + path, headers=headers, **more) as answer:
            text = await answer.read()
            is_json = "json" in answer.content_type
            return answer.status, (await answer.json(content_type=None) if is_json else text)

    async def step(self, act: str, who: str = "ana", **body: Any) -> Any:
        """Do something with the task, on its newest revision."""
        _, task = await self.call("GET", "", "max")
        headers = {"If-Match": f'"{task["revision"]}"'}
        return await self.call("POST", act, who, json=body, headers=headers)

    async def log_in(self, who: str = "ana") -> tuple[str, dict[str, str]]:
        """Return the cookie of a session and the header against forged requests."""
        body = {"token": f"kt_{who}"}
        async with self.http.post(self.base + "/api/v1/session", json=body) as answer:
            cookie = answer.headers["Set-Cookie"]
            csrf = (await answer.json())["csrf"]
        return cookie, {"Cookie": cookie.partition(";")[0], "X-Kumeo-CSRF": csrf}


Script = Callable[[Site], Awaitable[None]]


@pytest.fixture
def served(nats_url: str, tmp_path: Path) -> Callable[..., None]:
    """Run a script against a service with everybody of `testing.asking`."""

    def run(script: Script, has_people: bool = True, **options: Any) -> None:
        asyncio.run(asyncio.wait_for(_run(script, nats_url, tmp_path, has_people, options), 60))

    return run


async def _run(
    script: Script, nats_url: str, folder: Path, has_people: bool, options: dict[str, Any]
) -> None:
    path = folder / "people.json"
    save_people(path, EVERYBODY)
    async with running(asking(**options), settings_on(nats_url)) as client:
        (task,) = await ask(client)
        people = People.of_file(path) if has_people else None
        service = TaskService(client, people, port=0)
        await service.start()
        try:
            jar = aiohttp.DummyCookieJar()
            async with aiohttp.ClientSession(cookie_jar=jar) as http:
                await script(Site(client, service, http, task.id))
        finally:
            await service.stop()
