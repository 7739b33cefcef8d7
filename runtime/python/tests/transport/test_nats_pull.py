"""A pull on a real server: requests that end by themselves change nothing for the engine."""

import asyncio
import signal
from typing import Any
from uuid import uuid4

from kumeo_runtime.engine.credit import Credit
from kumeo_runtime.transport import Transport, open_transport
from kumeo_runtime.transport.api import ConsumerConfig, Delivery, Outcome, Outgoing, StreamConfig


async def opened(url: str, **settings: Any) -> tuple[Transport, str]:
    transport = open_transport(url, **settings)
    await transport.connect()
    name = f"PULL{uuid4().hex[:8]}"
    await transport.ensure_stream(StreamConfig(name, (f"{name}.>",)))
    await transport.ensure_consumer(ConsumerConfig(name, "d", (f"{name}.*",), ack_wait_s=20.0))
    return transport, name


async def publish(transport: Transport, name: str, count: int) -> None:
    outcomes: list[Outcome] = []
    for number in range(count):
        transport.publish(Outgoing(f"{name}.{number}", b"x"), outcomes.append)
    while len(outcomes) < count:
        await asyncio.sleep(0.01)


async def after_expiry(url: str) -> int:
    transport, name = await opened(url, pull_expires_s=0.3, heartbeat_s=0.1)
    got: list[Delivery] = []
    pull = transport.pull(name, "d", got.append)
    pull.grant(2, 1000)
    await asyncio.sleep(1.0)
    await publish(transport, name, 5)
    await asyncio.sleep(0.7)
    await pull.stop()
    await transport.delete_stream(name)
    await transport.close()
    return len(got)


def test_credit_is_exact_after_requests_expired(nats_server: Any) -> None:
    assert asyncio.run(asyncio.wait_for(after_expiry(nats_server.url), 20)) == 2


async def granted_one_by_one(url: str) -> list[int]:
    transport, name = await opened(url)
    got: list[Delivery] = []

    def take(delivery: Delivery) -> None:
        got.append(delivery)
        transport.ack(delivery)
        pull.grant(1, len(delivery.payload))

    pull = transport.pull(name, "d", take)
    pull.grant(50, 10_000)
    await publish(transport, name, 1000)
    while len(got) < 1000:
        await asyncio.sleep(0.01)
    await pull.stop()
    await transport.delete_stream(name)
    await transport.close()
    return [delivery.seq for delivery in got]


def test_every_message_arrives_once_and_in_order(nats_server: Any) -> None:
    seqs = asyncio.run(asyncio.wait_for(granted_one_by_one(nats_server.url), 20))
    assert seqs == list(range(1, 1001))


async def through_silence(server: Any) -> int:
    transport, name = await opened(server.url, heartbeat_s=0.1, pull_expires_s=5.0)
    got: list[Delivery] = []
    pull = transport.pull(name, "d", got.append)
    pull.grant(10, 1000)
    await asyncio.sleep(0.2)
    server.process.send_signal(signal.SIGSTOP)
    await asyncio.sleep(0.6)
    server.process.send_signal(signal.SIGCONT)
    await publish(transport, name, 1)
    while not got:
        await asyncio.sleep(0.01)
    await pull.stop()
    await transport.close()
    return len(got)


def test_pull_survives_a_server_that_stands_still(make_server: Any) -> None:
    server = make_server(None, "-js")
    assert asyncio.run(asyncio.wait_for(through_silence(server), 20)) == 1


async def failing_callback(url: str) -> tuple[int, list[str]]:
    transport, name = await opened(url)
    reports: list[str] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: reports.append(str(context["exception"])))
    seen = 0

    def take(delivery: Delivery) -> None:
        nonlocal seen
        seen += 1
        raise ValueError(f"callback {delivery.seq}")

    pull = transport.pull(name, "d", take)
    pull.grant(10, 1000)
    await publish(transport, name, 2)
    while seen < 2:
        await asyncio.sleep(0.01)
    await pull.stop()
    await transport.delete_stream(name)
    await transport.close()
    return seen, reports


def test_callback_that_raises_is_reported_and_reading_goes_on(nats_server: Any) -> None:
    seen, reports = asyncio.run(asyncio.wait_for(failing_callback(nats_server.url), 20))
    assert seen == 2
    assert reports == ["callback 1", "callback 2"]


async def served_twice(url: str) -> tuple[int, int]:
    """The store serves old requests too, as after a quick reconnect; then more is stored."""
    transport, name = await opened(url)
    credit = Credit(50, 100_000, lambda: 1 << 30)
    got: list[Delivery] = []

    def take(delivery: Delivery) -> None:
        got.append(delivery)
        credit.arrived(len(delivery.payload))

    pull: Any = transport.pull(name, "d", take)
    credit.open(pull)
    pull.restart()
    await publish(transport, name, 150)
    while len(got) < 100:
        await asyncio.sleep(0.01)
    for delivery in got:  # grows meanwhile
        transport.ack(delivery)
        credit.released(len(delivery.payload))
        while len(got) < 150 and delivery is got[-1]:
            await asyncio.sleep(0.01)
    await pull.stop()
    await transport.delete_stream(name)
    await transport.close()
    return len(got), pull._messages


def test_pull_that_got_more_than_it_asked_for_goes_on_asking(nats_server: Any) -> None:
    got, may_come = asyncio.run(asyncio.wait_for(served_twice(nats_server.url), 10))
    assert (got, may_come) == (150, 50)
