"""HTTP sources over loopback: 202 says that the store has the event."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from kumeo_runtime.engine.shared import EngineError
from kumeo_runtime.service import Service
from kumeo_runtime.sources.http import HttpSource
from kumeo_runtime.spec import Source, Workflow
from kumeo_runtime.testing.connected import Order, passing, running, settings_on, values_of
from kumeo_runtime.transport.api import OnOutcome, Outgoing, Refused

Script = Callable[[httpx.AsyncClient], Awaitable[None]]


def posting(**settings: Any) -> Workflow:
    return passing(Source("orders", "http", "/orders", Order, settings=settings))


def port_of(service: Service) -> int:
    assert service.connectors is not None
    (source,) = service.connectors.sources
    assert isinstance(source, HttpSource)
    return source.port


def with_client(nats_url: str, workflow: Workflow, script: Script) -> list[Any]:
    settings = settings_on(nats_url)

    async def main() -> list[Any]:
        async with running(workflow, settings) as service:
            base = f"http://127.0.0.1:{port_of(service)}"
            async with httpx.AsyncClient(base_url=base) as client:
                await script(client)
        return await values_of(workflow, settings)

    return asyncio.run(asyncio.wait_for(main(), 30))


def test_post_with_a_key_is_stored_once(nats_url: str) -> None:
    async def script(client: httpx.AsyncClient) -> None:
        headers = {"Idempotency-Key": "order-1"}
        first = await client.post("/orders", json={"id": "a"}, headers=headers)
        again = await client.post("/orders", json={"id": "a"}, headers=headers)
        assert (first.status_code, first.json()) == (202, {"id": "order-1"})
        assert (again.status_code, again.json()) == (202, {"id": "order-1", "duplicate": True})

    assert with_client(nats_url, posting(), script) == [{"id": "a", "amount": 0.0}]


def test_post_without_a_key_gets_a_new_id_each_time(nats_url: str) -> None:
    async def script(client: httpx.AsyncClient) -> None:
        ids = {(await client.post("/orders", json={"id": "a"})).json()["id"] for _ in range(2)}
        assert len(ids) == 2

    assert len(with_client(nats_url, posting(), script)) == 2


@pytest.mark.parametrize(
    ("body", "headers", "status", "code", "part"),
    [
        (b'{"id": 7}', {}, 400, "invalid-event", "id"),
        (b"{", {}, 400, "invalid-event", ""),
        (b'{"id": "\xff"}', {}, 400, "invalid-event", ""),
        (b'{"id": "a"}', {"Idempotency-Key": "x" * 201}, 400, "invalid-id", "200"),
        (b'{"id": "' + b"x" * 2_000_000 + b'"}', {}, 413, "too-large", "bytes"),
    ],
)
def test_post_that_is_no_event_is_refused_with_the_reason(
    body: bytes, headers: dict[str, str], status: int, code: str, part: str, nats_url: str
) -> None:
    async def script(client: httpx.AsyncClient) -> None:
        answer = await client.post("/orders", content=body, headers=headers)
        assert answer.status_code == status
        error = answer.json()["error"]
        assert error["code"] == code
        assert part in error["message"]

    assert with_client(nats_url, posting(), script) == []


def test_post_without_the_token_is_unauthorized(
    nats_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KUMEO_TEST_TOKEN", "s3")
    workflow = posting(auth={"bearer": {"secret": "KUMEO_TEST_TOKEN"}})

    async def script(client: httpx.AsyncClient) -> None:
        answers = [
            await client.post("/orders", json={"id": "a"}, headers={"Authorization": value})
            for value in ("", "Bearer no", "Bearer s3")
        ]
        assert [answer.status_code for answer in answers] == [401, 401, 202]

    assert len(with_client(nats_url, workflow, script)) == 1


@pytest.mark.parametrize(("reason", "status"), [("full", 429), ("unavailable", 503)])
def test_post_that_the_store_cannot_take_asks_to_come_again(
    reason: Any, status: int, nats_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kumeo_runtime.sources.http.STORE_S", 0.2)
    workflow, settings = posting(), settings_on(nats_url)

    def refuse(message: Outgoing, on_outcome: OnOutcome) -> None:
        asyncio.get_running_loop().call_soon(on_outcome, Refused(reason, "no"))

    async def main() -> None:
        async with running(workflow, settings) as service:
            assert service.transport is not None
            monkeypatch.setattr(service.transport, "publish", refuse)
            async with httpx.AsyncClient() as client:
                url = f"http://127.0.0.1:{port_of(service)}/orders"
                answer = await client.post(url, json={"id": "a"})
            assert answer.status_code == status
            assert int(answer.headers["Retry-After"]) > 0

    asyncio.run(main())


def test_port_in_use_is_an_error_with_a_way_out(nats_url: str, tmp_path: Path) -> None:
    async def main() -> None:
        async with running(posting(), settings_on(nats_url)) as service:
            port = port_of(service)
            other = settings_on(nats_url, ingress_port=port)
            second = Service(posting(), other, root=tmp_path, package=tmp_path)
            try:
                await second.start()
            finally:
                await second.stop()

    with pytest.raises(EngineError) as caught:
        asyncio.run(main())
    assert caught.value.code == "port-in-use"
