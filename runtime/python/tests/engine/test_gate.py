"""The gate: a stream that is full of finished messages behind a straggler gets free again."""

import asyncio
from typing import Any

from kumeo_runtime.activation import Activation
from kumeo_runtime.config import Settings
from kumeo_runtime.meta import Message
from kumeo_runtime.spec import Consumer, Edge, Handler, ServiceSpec, StreamSizes, Workflow
from kumeo_runtime.testing.rig import OUT, SOURCE, Rig, rigged


class Body(Message):
    n: int


SLOW, LAST = Edge("slow", "slow", Body), Edge("last", "last", Body)
CONSUMER = Consumer(ack_wait_s=5.0, credit=2, concurrency=2, live_max=6)
SETTINGS = Settings(
    purge_age_s=8.0, janitor_s=1.0, gate_poll_s=0.2, retry_min_s=0.02, retry_max_s=0.5
)
STRAGGLES_S = 60.0
EVENTS = 80


def with_straggler(edges_bytes: int) -> Workflow:
    def first(act: Activation, event: dict[str, Any]) -> None:
        act.send(SLOW, Body(act.meta, event["n"]))

    async def second(act: Activation, message: Body) -> None:
        await asyncio.sleep(STRAGGLES_S if message.n == 0 else 0.01)
        act.send(LAST, Body(act.meta, message.n))

    def third(act: Activation, message: Body) -> None:
        act.emit(OUT, message.n, site="emit")

    handlers = (
        Handler("first", first, (SOURCE,), (SLOW,), consumer=CONSUMER),
        Handler("second", second, SLOW, (LAST,), consumer=CONSUMER),
        Handler("third", third, LAST, emits=(OUT,), consumer=CONSUMER),
    )
    sizes = StreamSizes(edges_bytes=edges_bytes)
    services = (ServiceSpec("all", handlers),)
    return Workflow("F", "flow", "1", services, (SOURCE,), (OUT,), (SLOW, LAST), sizes=sizes)


async def feed(rig: Rig) -> None:
    for n in range(EVENTS):
        await rig.client.publish("events", {"n": n}, id=f"e{n}")


def test_gate_small_stream_with_a_straggler_gets_everything_done() -> None:
    async def script(rig: Rig) -> None:
        await feed(rig)
        await asyncio.sleep(5 * STRAGGLES_S)
        assert sorted(rig.out) == list(range(EVENTS))

    rigged(with_straggler(6_000), script, SETTINGS)


def test_gate_with_room_does_not_wait_for_a_straggler() -> None:
    async def script(rig: Rig) -> None:
        await feed(rig)
        await asyncio.sleep(STRAGGLES_S / 2)
        assert len(rig.out) == EVENTS - 1

    rigged(with_straggler(1 << 20), script, SETTINGS)
