"""A server that holds little for a client: bytes asked for shrink until it cuts nobody off."""

import asyncio
import time
from typing import Any, cast

from kumeo_runtime.transport import open_transport
from kumeo_runtime.transport.api import ConsumerConfig, Delivery, Outgoing, StreamConfig
from kumeo_runtime.transport.nats_budget import CALM_S, LEAST, MOST, Budget

COUNT, SIZE = 600, 100_000


class Clock:
    """A clock that a test sets."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_budget_each_cut_halves_it() -> None:
    budget = Budget(Clock(), 1 << 20)
    budget.lost()
    budget.lost()
    assert budget.limit == MOST // 4


def test_budget_many_cuts_leave_something() -> None:
    budget = Budget(Clock(), 1 << 10)
    for _ in range(50):
        budget.lost()
    assert budget.limit == LEAST


def test_budget_calm_gives_it_back_slowly() -> None:
    clock = Clock()
    budget = Budget(clock, 1 << 20)
    budget.lost()
    clock.now = CALM_S + 1
    assert MOST // 2 < budget.limit < MOST * 0.6
    clock.now = 100 * CALM_S
    assert budget.limit == MOST


def test_budget_is_shared_by_all_pulls() -> None:
    budget = Budget(Clock(), 1 << 20)
    budget.pulls = 4
    assert budget.share() == MOST // 4


async def slow_client(url: str) -> tuple[int, int, int]:
    """Return messages seen, times cut off, and times cut off in the second half."""
    feeder, transport = open_transport(url), open_transport(url, reconnect_wait_s=0.05)
    await feeder.connect()
    await transport.connect()
    await feeder.ensure_stream(StreamConfig("SLOW", ("slow.*",)))
    await feeder.ensure_consumer(ConsumerConfig("SLOW", "d", ("slow.*",), ack_wait_s=1.0))
    outcomes: list[Any] = []
    for number in range(COUNT):
        feeder.publish(Outgoing(f"slow.{number}", b"x" * SIZE), outcomes.append)
        while len(outcomes) < number - 5:
            await asyncio.sleep(0.001)
    seen: set[int] = set()
    client = cast(Any, transport)._link.client
    half = 0

    def take(delivery: Delivery) -> None:
        nonlocal half
        time.sleep(0.01)  # a handler that blocks its process
        seen.add(delivery.seq)
        transport.ack(delivery)
        pull.grant(1, len(delivery.payload))
        if len(seen) == COUNT // 2:
            half = client.stats["reconnects"]

    pull = transport.pull("SLOW", "d", take)
    pull.grant(512, 16 << 20)
    while len(seen) < COUNT:
        await asyncio.sleep(0.05)
    cuts = client.stats["reconnects"]
    await pull.stop()
    await transport.close()
    await feeder.close()
    return len(seen), cuts, cuts - half


def test_slow_client_of_a_server_with_little_room_is_cut_off_a_few_times(make_server: Any) -> None:
    server = make_server("max_pending: 1MB\n", "-js")
    seen, cuts, late = asyncio.run(asyncio.wait_for(slow_client(server.url), 60))
    assert seen == COUNT
    assert cuts <= 7, f"cut off {cuts} times"
    assert late <= 1, f"cut off {late} times in the second half"
