"""The in-memory store under faults: what is lost, what comes twice, who is still called."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest
from kumeo_runtime.testing.virtual_loop import run_virtual
from kumeo_runtime.transport import TransportError, open_transport
from kumeo_runtime.transport.api import (
    CREATE,
    Accepted,
    ConsumerConfig,
    Delivery,
    Outcome,
    Outgoing,
    Refused,
    StreamConfig,
)
from kumeo_runtime.transport.memory import Faults, MemoryServer, MemoryTransport


async def opened(faults: Faults | None = None) -> tuple[MemoryServer, MemoryTransport]:
    server = MemoryServer(epoch_us=0, faults=faults)
    transport = MemoryTransport(server)
    await transport.connect()
    await transport.ensure_stream(StreamConfig("S", ("s.>",)))
    await transport.ensure_consumer(ConsumerConfig("S", "d", ("s.*",), ack_wait_s=1.0))
    return server, transport


async def publish(transport: MemoryTransport, subject: str, seconds: float = 6.0) -> list[Outcome]:
    outcomes: list[Outcome] = []
    transport.publish(Outgoing(subject, b"x", None, CREATE), outcomes.append)
    await asyncio.sleep(seconds)
    return outcomes


def run(main: Coroutine[Any, Any, Any]) -> Any:
    return run_virtual(main)


def test_lost_request_is_unavailable_and_stores_nothing() -> None:
    async def main() -> None:
        server, transport = await opened(Faults(lost_request=1.0))
        (outcome,) = await publish(transport, "s.1")
        assert isinstance(outcome, Refused)
        assert outcome.reason == "unavailable"
        assert not server.streams["S"].entries

    run(main())


def test_lost_answer_is_unavailable_though_stored() -> None:
    async def main() -> None:
        server, transport = await opened(Faults(lost_answer=1.0))
        (outcome,) = await publish(transport, "s.1")
        assert isinstance(outcome, Refused)
        assert len(server.streams["S"].entries) == 1

    run(main())


def test_full_by_fault_refuses() -> None:
    async def main() -> None:
        _, transport = await opened(Faults(full=1.0))
        (outcome,) = await publish(transport, "s.1")
        assert outcome == Refused("full", "no room")

    run(main())


def test_crash_forgets_a_fresh_acknowledgement_and_keeps_an_old_one() -> None:
    async def main() -> list[tuple[int, int]]:
        server, transport = await opened()
        got: list[Delivery] = []
        transport.pull("S", "d", got.append).grant(10, 1000)
        await publish(transport, "s.1", 0.01)
        transport.ack(got[0])
        await asyncio.sleep(1.0)
        await publish(transport, "s.2", 0.3)
        transport.ack(got[1])
        await asyncio.sleep(0.05)
        server.crash(0.1)
        await asyncio.sleep(3.0)
        return [(d.seq, d.attempt) for d in got[2:]]

    seen = run(main())
    assert seen
    assert {seq for seq, _ in seen} == {2}


def test_cut_fails_what_is_under_way_and_heals() -> None:
    async def main() -> None:
        _, transport = await opened()
        outcomes: list[Outcome] = []
        transport.publish(Outgoing("s.1", b"x"), outcomes.append)
        transport.cut()
        await asyncio.sleep(0.1)
        assert [type(o) for o in outcomes] == [Refused]
        with pytest.raises(TransportError):
            await transport.stream_info("S")
        transport.heal()
        assert isinstance((await publish(transport, "s.2"))[0], Accepted)

    run(main())


def test_killed_worker_is_never_called_and_its_message_goes_to_another() -> None:
    async def main() -> tuple[int, int]:
        server, first = await opened()
        second = MemoryTransport(server)
        await second.connect()
        a: list[Delivery] = []
        b: list[Delivery] = []
        first.pull("S", "d", a.append).grant(1, 100)
        await asyncio.sleep(0.1)
        first.publish(Outgoing("s.1", b"x"), lambda outcome: pytest.fail("called"))
        await asyncio.sleep(0)
        first.kill()
        second.pull("S", "d", b.append).grant(1, 100)
        await asyncio.sleep(5.0)
        return len(a), len(b)

    assert run(main())[0] == 0
    assert run(main())[1] == 1


def test_doubled_delivery_arrives_twice() -> None:
    async def main() -> int:
        _, transport = await opened(Faults(twice=1.0))
        got: list[Delivery] = []
        transport.pull("S", "d", got.append).grant(10, 1000)
        await publish(transport, "s.1", 0.1)
        return len(got)

    assert run(main()) == 2


def test_equal_seeds_give_equal_faults() -> None:
    def trips(seed: int) -> list[tuple[float, ...]]:
        faults = Faults(seed, lost_request=0.5, delay_s=1.0)
        return [faults.trips("request") for _ in range(20)]

    assert trips(3) == trips(3)
    assert trips(3) != trips(4)


def test_callbacks_are_never_called_inside_of_publish() -> None:
    async def main() -> None:
        _, transport = await opened()
        outcomes: list[Outcome] = []
        transport.publish(Outgoing("s.1", b"x"), outcomes.append)
        assert not outcomes

    run(main())


def test_open_named_memory_store_is_shared() -> None:
    async def main() -> bool:
        first, second = (
            open_transport("memory://shared-test"),
            open_transport("memory://shared-test"),
        )
        await first.connect()
        await second.connect()
        await first.ensure_stream(StreamConfig("S", ("s.>",)))
        return await second.stream_info("S") is not None

    assert run(main())
