"""A pinned consumer serves one pull at a time; another takes over."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from kumeo_runtime.transport.api import ConsumerConfig, Outgoing, Pull, StreamConfig, Transport
from kumeo_runtime.transport.memory import MemoryServer, MemoryTransport
from kumeo_runtime.transport.nats import NatsTransport
from kumeo_runtime.transport.nats_connect import NatsSettings

PIN_S = 0.6
Got = list[tuple[str, int]]


class Pair:
    """Two clients that pull from one pinned consumer."""

    def __init__(self, first: Any, second: Any) -> None:
        self.clients = {"a": first, "b": second}
        self.got: Got = []

    def pull(self, name: str) -> Pull:
        client: Transport = self.clients[name]

        def on_delivery(delivery: Any) -> None:
            self.got.append((name, int(delivery.payload)))
            client.ack(delivery)

        pull = client.pull("P", "d", on_delivery, pin_s=PIN_S)
        pull.grant(100, 1 << 20)
        return pull

    def put(self, *numbers: int) -> None:
        for n in numbers:
            self.clients["b"].publish(Outgoing("p.x", b"%d" % n), lambda outcome: None)

    async def until(self, *numbers: int) -> None:
        deadline = time.monotonic() + 10
        while [n for _, n in self.got] != list(numbers):
            assert time.monotonic() < deadline, self.got
            await asyncio.sleep(0.02)


@asynccontextmanager
async def pair(kind: str, url: str) -> AsyncIterator[Pair]:
    server = MemoryServer()
    clients: list[Any] = [
        MemoryTransport(server) if kind == "memory" else NatsTransport(NatsSettings(url=url))
        for _ in "ab"
    ]
    for client in clients:
        await client.connect()
    await clients[1].delete_stream("P")
    await clients[1].ensure_stream(StreamConfig("P", ("p.>",)))
    config = ConsumerConfig("P", "d", ("p.>",), ack_wait_s=5.0, pin_s=PIN_S)
    await clients[1].ensure_consumer(config)
    await clients[1].ensure_consumer(config)
    yield Pair(*clients)
    for client in clients:
        await client.close()


Script = Callable[[Pair], Awaitable[None]]


@pytest.fixture(params=["memory", "nats"])
def run(request: pytest.FixtureRequest, nats_server: Any) -> Callable[[Script], None]:
    async def main(script: Script) -> None:
        async with pair(request.param, nats_server.url) as both:
            await script(both)

    return lambda script: asyncio.run(asyncio.wait_for(main(script), 30))


async def first_then_second(both: Pair) -> Pull:
    pull = both.pull("a")
    both.put(1)
    await both.until(1)
    both.pull("b")
    return pull


def test_pinned_consumer_serves_the_first_pull_only(run: Callable[[Script], None]) -> None:
    async def script(both: Pair) -> None:
        await first_then_second(both)
        await asyncio.sleep(3 * PIN_S)
        both.put(2, 3)
        await both.until(1, 2, 3)
        assert {name for name, _ in both.got} == {"a"}

    run(script)


def test_pinned_consumer_whose_pull_stops_serves_the_other_at_once(
    run: Callable[[Script], None],
) -> None:
    async def script(both: Pair) -> None:
        await (await first_then_second(both)).stop()
        begun = time.monotonic()
        both.put(2)
        await both.until(1, 2)
        assert both.got[-1][0] == "b"
        assert time.monotonic() - begun < PIN_S / 2

    run(script)


def test_pinned_consumer_whose_client_vanishes_serves_the_other(
    run: Callable[[Script], None],
) -> None:
    async def script(both: Pair) -> None:
        await first_then_second(both)
        lost = both.clients["a"]
        if isinstance(lost, MemoryTransport):
            lost.kill()
        else:
            lost._link.client._transport.close()  # type: ignore[attr-defined]
            for pull in lost._pulls:
                pull.is_stopped = True
        both.put(2)
        await both.until(1, 2)
        assert both.got[-1][0] == "b"

    run(script)
