"""Messages with a key: what a reader waits for before it begins a younger one."""

import asyncio
from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

import pytest
from kumeo_runtime.activation import Activation
from kumeo_runtime.engine.lease import Watch
from kumeo_runtime.engine.reader import Reader
from kumeo_runtime.spec import Consumer, Source, Workflow
from kumeo_runtime.testing.rig import OUT, Rig, flow, rigged
from kumeo_runtime.transport.api import Delivery
from kumeo_runtime.transport.memory import MemoryTransport

ACK_WAIT_S = 6.0
KEYED = Source("events", "nats", "in.events", dict[str, Any], key="key")
CONSUMER = Consumer(ack_wait_s=ACK_WAIT_S)
SINGLE = Consumer(ack_wait_s=ACK_WAIT_S, credit_bytes=120)
"""Room for one event."""
NARROW = Consumer(ack_wait_s=ACK_WAIT_S, credit_bytes=200)


def in_order(consumer: Consumer = CONSUMER) -> Workflow:
    def first(act: Activation, event: dict[str, Any]) -> None:
        act.emit(OUT, event["n"], site="emit")

    return flow(first, source=KEYED, consumer=consumer)


def reader_of(rig: Rig) -> Reader:
    return rig.engine.readers[0]


async def publish(rig: Rig, *numbers: int) -> None:
    for n in numbers:
        await rig.client.publish("events", {"n": n, "key": "k", "pad": "x" * 60}, id=f"e{n}")


async def taken_elsewhere(rig: Rig, *numbers: int) -> None:
    """Let another process take events and never finish them; then the engine reads."""
    await rig.engine.pause()
    other = MemoryTransport(rig.server)
    await other.connect()
    reader = reader_of(rig)
    pull = other.pull(reader.stream, reader.durable, lambda _: None, pin_s=ACK_WAIT_S / 3)
    pull.grant(len(numbers), 1 << 20)
    await publish(rig, *numbers)
    await asyncio.sleep(0.5)
    await pull.stop()
    await rig.engine.resume()


def test_keyed_recovery_after_a_crash_does_not_count_younger_messages() -> None:
    async def script(rig: Rig) -> None:
        await taken_elsewhere(rig, 0)
        await publish(rig, 1)
        while not reader_of(rig).jobs:
            await asyncio.sleep(0.01)
        rig.server.crash(0.01)
        await asyncio.sleep(2 * ACK_WAIT_S)
        assert rig.out == [0, 1]

    rigged(in_order(SINGLE), script)


def test_keyed_recovery_without_bytes_left_gets_what_is_missing() -> None:
    async def script(rig: Rig) -> None:
        await taken_elsewhere(rig, 0, 1)
        await publish(rig, 2, 3, 4, 5)
        await asyncio.sleep(ACK_WAIT_S + 1.0)
        assert rig.out == [0, 1, 2, 3, 4, 5]

    rigged(in_order(NARROW), script)


def test_keyed_copy_of_a_finished_message_does_not_run_again() -> None:
    async def script(rig: Rig) -> None:
        await publish(rig, 0)
        await asyncio.sleep(1.0)
        reader = reader_of(rig)
        stream = rig.server.stream(reader.stream)
        (entry,) = stream.entries.values()
        reply = f"$JS.ACK.{reader.stream}.{reader.durable}.2.{entry.seq}.2.0.0"
        copy = Delivery(
            entry.subject, entry.payload, entry.headers, reply, entry.seq, 2, entry.stored_us, 1.0
        )
        reader.on_delivery(copy)
        assert not reader.jobs
        await asyncio.sleep(2.0)
        assert (reader.stats.done, reader.stats.redelivered) == (1, 0)

    rigged(in_order(), script)


def test_keyed_delivery_dropped_after_a_stall_is_waited_for() -> None:
    """What waited in a buffer while the process stood still comes again, after younger ones."""
    answers: Iterator[bool] = iter([False])

    def awake(self: Watch, now: float) -> bool:
        return next(answers, True)

    async def script(rig: Rig) -> None:
        await asyncio.sleep(1.0)
        with patch.object(Watch, "awake", awake):
            await publish(rig, 0)
            await asyncio.sleep(0.5)
            await publish(rig, 1)
            await asyncio.sleep(2 * ACK_WAIT_S)
        assert rig.out == [0, 1]

    def no_tick(self: Watch) -> None:
        return

    with patch.object(Watch, "_tick", no_tick):
        rigged(in_order(), script)


@pytest.mark.parametrize("number", [1, 3])
def test_keyed_reader_after_a_process_that_ended_keeps_the_order(number: int) -> None:
    async def script(rig: Rig) -> None:
        await taken_elsewhere(rig, *range(number))
        await publish(rig, number)
        await asyncio.sleep(2 * ACK_WAIT_S)
        assert rig.out == list(range(number + 1))

    rigged(in_order(), script)
