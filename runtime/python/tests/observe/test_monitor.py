"""Metrics and health over loopback, of a service on a real server."""

import asyncio
from typing import Any

import httpx
import pytest
from kumeo_runtime.client import RuntimeClient
from kumeo_runtime.engine.observer import Observer
from kumeo_runtime.engine.shared import EngineError
from kumeo_runtime.observe.endpoint import Endpoint
from kumeo_runtime.observe.metrics import Metrics
from kumeo_runtime.service import Service
from kumeo_runtime.spec import Workflow
from kumeo_runtime.testing.connected import passing, settings_on
from prometheus_client.parser import text_string_to_metric_families


def values(page: str) -> dict[str, float]:
    return {
        sample.name: sample.value
        for family in text_string_to_metric_families(page)
        for sample in family.samples
    }


def served(nats_url: str, script: Any, workflow: Workflow | None = None, **settings: Any) -> None:
    workflow = workflow or passing()
    chosen = settings_on(nats_url, gauges_s=0.1, **settings)

    async def main() -> None:
        service = Service(workflow, chosen, package=None, port=9464)
        await service.start()
        try:
            assert service.monitor is not None
            base = f"http://127.0.0.1:{service.monitor.endpoint.port}"
            async with (
                httpx.AsyncClient(base_url=base) as http,
                RuntimeClient(workflow, chosen) as client,
            ):
                await script(service, http, client)
        finally:
            await service.stop()

    asyncio.run(asyncio.wait_for(main(), 30))


def test_metrics_count_events_and_what_they_became(nats_url: str) -> None:
    async def script(service: Service, http: httpx.AsyncClient, client: RuntimeClient) -> None:
        for number in range(16):
            await client.publish("orders", {"id": str(number)}, id=str(number))
        await client.publish("orders", {"id": 7}, id="bad")
        await asyncio.sleep(0.5)
        found = values((await http.get("/metrics")).text)
        assert found["kumeo_events_total"] == 17
        assert found["kumeo_attempts_total"] == 17
        assert found["kumeo_dead_letters_total"] == 1
        assert found["kumeo_invalid_total"] == 1
        assert found["kumeo_handler_seconds_count"] == 2
        assert found["kumeo_in_flight"] == 0
        assert found["kumeo_oldest_unacknowledged_seconds"] == 0
        assert found["kumeo_purge_horizon_seconds"] == 0

    served(nats_url, script)


def test_oldest_unacknowledged_is_the_age_of_what_waits(nats_url: str) -> None:
    async def script(service: Service, http: httpx.AsyncClient, client: RuntimeClient) -> None:
        assert service.engine is not None
        await service.engine.pause()
        await client.publish("orders", {"id": "a"}, id="a")
        await asyncio.sleep(1.2)
        found = values((await http.get("/metrics")).text)
        assert 0.9 < found["kumeo_oldest_unacknowledged_seconds"] < 5
        assert found["kumeo_live_messages"] == 1

    served(nats_url, script)


def test_service_is_alive_and_ready_until_it_drains(nats_url: str) -> None:
    async def script(service: Service, http: httpx.AsyncClient, client: RuntimeClient) -> None:
        ready = await http.get("/readyz")
        assert (ready.status_code, ready.json()["condition"]) == (200, "running")
        assert service.engine is not None
        service.engine.condition = "draining"
        assert (await http.get("/readyz")).status_code == 503
        assert (await http.get("/healthz")).status_code == 200
        service.engine.shared.fatal("x", "y", "z")
        failed = await http.get("/healthz")
        assert (failed.status_code, failed.json()["error"]["code"]) == (503, "x")

    served(nats_url, script)


def test_health_shows_no_other_page_and_takes_no_post(nats_url: str) -> None:
    async def script(service: Service, http: httpx.AsyncClient, client: RuntimeClient) -> None:
        assert (await http.get("/")).status_code == 404
        assert (await http.post("/metrics")).status_code == 405
        assert (await http.head("/metrics")).status_code == 200

    served(nats_url, script)


def test_monitor_is_off_when_no_port_is_given(nats_url: str) -> None:
    async def main() -> None:
        service = Service(passing(), settings_on(nats_url), package=None)
        await service.start()
        assert service.monitor is None
        await service.stop()

    asyncio.run(main())


def test_port_in_use_is_another_one_only_when_nobody_chose_it() -> None:
    async def main() -> None:
        first = Endpoint("127.0.0.1", 0, {})
        await first.start()
        second = Endpoint("127.0.0.1", first.port, {})
        await second.start(or_any=True)
        assert second.port != first.port
        with pytest.raises(EngineError) as caught:
            await Endpoint("127.0.0.1", first.port, {}).start()
        assert caught.value.code == "port-in-use"
        await first.stop()
        await second.stop()

    asyncio.run(main())


def test_samples_are_counted_once() -> None:
    observer = Observer()
    metrics = Metrics("Orders", observer, ())
    stats = observer.handler("h")
    for number in (1, 2):
        stats.done += 8
        stats.samples.append((0.1, 0.2))
        assert f'kumeo_handler_seconds_count{{handler="h",workflow="Orders"}} {number}.0' in (
            metrics.page().decode()
        )
        metrics.page()
