"""Streams and consumers of the user: used as they are, never made and never changed."""

import asyncio
from typing import Any

import nats
import pytest
from kumeo_runtime.activation import Activation
from kumeo_runtime.client import RuntimeClient
from kumeo_runtime.engine.shared import EngineError
from kumeo_runtime.service import Service
from kumeo_runtime.spec import Handler, ServiceSpec, Source, Target, Workflow
from kumeo_runtime.testing.connected import (
    SMALL,
    Order,
    passing,
    running,
    settings_on,
    until,
    values_of,
)
from kumeo_runtime.values import Record, Time
from nats.js.api import ConsumerConfig, StreamConfig


def reading(stream: str, **settings: Any) -> Workflow:
    settings = {"subject": f"{stream}.eu", **settings}
    return passing(Source("orders", "jetstream", stream, Order, settings=settings))


async def admin(nats_url: str, stream: str, **consumer: Any) -> Any:
    """Make a stream, and a consumer if it is described; return the context."""
    client = await nats.connect(nats_url)
    context = client.jetstream()
    await context.add_stream(StreamConfig(name=stream, subjects=[f"{stream}.>"], max_msgs=1000))
    if consumer:
        config = {"filter_subject": f"{stream}.eu", "ack_policy": "explicit", **consumer}
        await context.add_consumer(stream, ConsumerConfig(**config))
    return client, context


def test_stream_of_the_user_is_read_from_its_first_message(nats_url: str) -> None:
    workflow, settings = reading("BOUND1"), settings_on(nats_url)

    async def main() -> None:
        client, context = await admin(nats_url, "BOUND1")
        before = (await context.stream_info("BOUND1")).config
        await context.publish("BOUND1.us", b'{"id": "other"}')
        await context.publish("BOUND1.eu", b'{"id": "a"}')
        async with running(workflow, settings) as service:
            assert service.engine is not None
            (reader,) = service.engine.readers
            await until(lambda: reader.stats.done == 1)
        assert [value["id"] for value in await values_of(workflow, settings)] == ["a"]
        assert (await context.stream_info("BOUND1")).config == before
        await client.close()

    asyncio.run(asyncio.wait_for(main(), 30))


def test_consumer_of_the_user_is_used_unchanged(nats_url: str) -> None:
    workflow, settings = reading("BOUND2", durable="mine"), settings_on(nats_url)

    async def main() -> None:
        client, context = await admin(nats_url, "BOUND2", durable_name="mine", ack_wait=60)
        before = (await context.consumer_info("BOUND2", "mine")).config
        await context.publish("BOUND2.eu", b'{"id": "a"}')
        async with running(workflow, settings) as service:
            assert service.engine is not None
            (reader,) = service.engine.readers
            await until(lambda: reader.stats.done == 1)
        after = await context.consumer_info("BOUND2", "mine")
        assert after.config == before
        assert (after.num_pending, after.num_ack_pending) == (0, 0)
        assert len(await context.consumers_info("BOUND2")) == 1
        await client.close()

    asyncio.run(asyncio.wait_for(main(), 30))


@pytest.mark.parametrize(
    ("number", "consumer", "part"),
    [
        (3, {}, "does not exist"),
        (4, {"durable_name": "mine", "ack_wait": 5}, "waits 5 s"),
        (5, {"durable_name": "mine", "ack_wait": 60, "max_deliver": 3}, "loses events"),
        (6, {"durable_name": "mine", "ack_wait": 60, "deliver_subject": "x"}, "no pull consumer"),
    ],
)
def test_consumer_that_cannot_be_used_is_an_error(
    number: int, consumer: dict[str, Any], part: str, nats_url: str
) -> None:
    stream = f"BOUND{number}"

    async def main() -> None:
        client, _ = await admin(nats_url, stream, **consumer)
        await client.close()
        service = Service(reading(stream, durable="mine"), settings_on(nats_url))
        try:
            await service.start()
        finally:
            await service.stop()

    with pytest.raises(EngineError) as caught:
        asyncio.run(main())
    assert caught.value.code == "no-consumer"
    assert part in caught.value.message


def test_stream_that_is_not_there_is_an_error(nats_url: str) -> None:
    target = Target("out", "jetstream", "ABSENT", Order, settings={"subject": "absent.x"})
    for workflow in (reading("ABSENT"), passing(None, target)):

        async def main(workflow: Workflow = workflow) -> None:
            service = Service(workflow, settings_on(nats_url))
            try:
                await service.start()
            finally:
                await service.stop()

        with pytest.raises(EngineError) as caught:
            asyncio.run(main())
        assert caught.value.code == "no-stream"


def test_time_of_an_event_is_that_of_its_field(nats_url: str) -> None:
    class Inner(Record):
        at: Time

    class Visit(Record):
        visit: Inner

    target = Target("out", "nats", "timed.out", Any)
    source = Source("visits", "nats", "timed.in", Visit, time="visit.at")

    def on_visit(act: Activation, event: Visit) -> None:
        act.emit(target, act.now, site="emit")

    services = (ServiceSpec("all", (Handler("h", on_visit, (source,), emits=(target,)),)),)
    workflow = Workflow("T", "t", "1", services, (source,), (target,), (), sizes=SMALL)
    settings = settings_on(nats_url)

    async def main() -> None:
        visit = {"visit": {"at": "2026-01-01T00:00:00Z"}}
        async with running(workflow, settings) as service:
            stats = service.observer.handler("h")
            async with RuntimeClient(workflow, settings) as client:
                for number in range(8):
                    await client.publish("visits", visit, id=str(number))
                await until(lambda: stats.done == 8)
            # Latency counts from when the event was stored, whatever time it tells.
            assert [age < 60 for _, age in stats.samples] == [True]
        values = await values_of(workflow, settings)
        assert [value[:19] for value in values] == ["2026-01-01T00:00:00"] * 8

    asyncio.run(main())
