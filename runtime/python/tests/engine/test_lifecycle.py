"""Start, pause, drain, refusals; state that several activations share."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from kumeo_runtime.activation import Activation
from kumeo_runtime.config import Settings
from kumeo_runtime.engine.shared import EngineError
from kumeo_runtime.meta import Message
from kumeo_runtime.parked import Task
from kumeo_runtime.service import Service
from kumeo_runtime.spec import Edge, Source, Workflow
from kumeo_runtime.testing.rig import OUT, Rig, flow, rigged
from kumeo_runtime.testing.virtual_loop import run_virtual
from kumeo_runtime.transport.api import Outgoing, Refused, StreamConfig
from kumeo_runtime.transport.memory import MemoryServer, MemoryTransport


class Body(Message):
    n: int


async def slow(act: Activation, event: dict[str, Any]) -> None:
    await asyncio.sleep(2.0)
    act.emit(OUT, event["n"], site="emit")


def edge_flow(layout: str, version: str) -> Workflow:
    edge = Edge("next", "next", Body, layout=layout)

    def first(act: Activation, event: dict[str, Any]) -> None:
        act.send(edge, Body(act.meta, 1))

    async def never(act: Activation, message: Body) -> None:
        await asyncio.sleep(1e6)

    return flow(first, (edge, never), version=version)


def test_drain_finishes_what_is_here() -> None:
    async def script(rig: Rig) -> None:
        await rig.send({"n": 1})
        assert await rig.engine.drain() is True
        assert rig.out == [1]
        assert rig.engine.condition == "stopped"

    rigged(flow(slow), script)


def test_drain_gives_back_what_takes_too_long() -> None:
    async def script(rig: Rig) -> None:
        await rig.send({"n": 1})
        assert await rig.engine.drain(0.5) is False
        assert rig.out == []
        async with Rig(rig.workflow, server=rig.server) as other:
            await asyncio.sleep(3)
            assert other.out == [1]

    rigged(flow(slow), script)


def test_pause_takes_nothing_until_resume() -> None:
    async def script(rig: Rig) -> None:
        await rig.engine.pause()
        await rig.send({"n": 1})
        await asyncio.sleep(60)
        assert rig.out == []
        await rig.engine.resume()
        await asyncio.sleep(40)
        assert rig.out == [1]

    rigged(flow(slow), script)


def test_start_with_another_layout_and_messages_left_is_refused() -> None:
    async def main() -> None:
        server = MemoryServer()
        async with Rig(edge_flow("aaa", "1"), server=server) as rig:
            await rig.send({"n": 1})
        with pytest.raises(EngineError) as caught:
            await Rig(edge_flow("bbb", "2"), server=server).__aenter__()
        assert caught.value.code == "version-skew"
        async with Rig(edge_flow("aaa", "3"), server=server):
            pass

    run_virtual(main())


def asking_flow(layout: str, version: str) -> Workflow:
    edge = Edge("asked", "asked", Body, is_parked=True, layout=layout)

    def first(act: Activation, event: dict[str, Any]) -> None:
        act.park(edge, Body(act.meta, 1), Task("review"))

    def second(act: Activation, message: Body) -> None:
        act.emit(OUT, message.n, site="emit")

    return flow(first, (edge, second), version=version)


def test_start_with_another_layout_and_open_tasks_is_refused() -> None:
    async def main() -> None:
        server = MemoryServer()
        async with Rig(asking_flow("aaa", "1"), server=server) as rig:
            await rig.send({"n": 1})
        with pytest.raises(EngineError, match="1 open task,"):
            await Rig(asking_flow("bbb", "2"), server=server).__aenter__()
        async with Rig(asking_flow("aaa", "3"), server=server) as rig:
            (task,) = await rig.client.tasks()
            await rig.client.decide(task.id, "yes", by="ann")
        async with Rig(asking_flow("aaa", "3"), server=server) as rig:
            await asyncio.sleep(1)
        async with Rig(asking_flow("bbb", "4"), server=server):
            pass

    run_virtual(main())


def test_start_with_another_layout_and_nothing_left_is_allowed() -> None:
    async def main() -> None:
        server = MemoryServer()
        async with Rig(edge_flow("aaa", "1"), server=server):
            pass
        async with Rig(edge_flow("bbb", "2"), server=server) as rig:
            info = await rig.transport.stream_info("dev_flow_E")
            assert info is not None
            assert info.metadata["kumeo-edge-next"] == "bbb"

    run_virtual(main())


def test_start_with_a_stream_that_is_missing_is_refused() -> None:
    source = Source("events", "jetstream", "THEIRS", dict[str, Any])
    with pytest.raises(EngineError, match="no-stream"):
        rigged(flow(slow, source=source), lambda rig: rig.send())


def test_source_of_an_existing_stream_reads_it() -> None:
    async def main() -> None:
        server = MemoryServer()
        transport = MemoryTransport(server)
        await transport.connect()
        await transport.ensure_stream(StreamConfig("THEIRS", ("a.*",)))
        source = Source(
            "events", "jetstream", "THEIRS", dict[str, Any], settings={"subject": "a.*"}
        )
        async with Rig(flow(slow, source=source), server=server) as rig:
            rig.transport.publish(Outgoing("a.b", b'{"n": 5}'), lambda outcome: None)
            await asyncio.sleep(3)
            assert rig.out == [5]

    run_virtual(main())


def test_denied_publish_stops_the_engine_loudly() -> None:
    async def script(rig: Rig) -> None:
        def denied(message: Outgoing, on_outcome: Any) -> None:
            asyncio.get_running_loop().call_soon(on_outcome, Refused("denied", "no"))

        await rig.client.publish("events", {"n": 1}, id="e0")
        for reader in rig.engine.readers:
            reader.outbox._publish = denied  # type: ignore[method-assign]
        with pytest.raises(EngineError) as caught:
            await asyncio.wait_for(rig.engine.wait(), 60)
        assert caught.value.code == "permission-denied"
        assert rig.engine.condition == "failed"

    rigged(flow(slow), script)


def test_state_second_writer_with_old_sequence_is_refused() -> None:
    async def handler(act: Activation, event: dict[str, Any]) -> None:
        entry = await act.state.read("sums", "k")
        first = await act.state.write("sums", "k", b"1", entry.seq)
        second = await act.state.write("sums", "k", b"2", entry.seq)
        now = await act.state.read("sums", "k")
        act.emit(OUT, [first == now.seq, second, now.value.decode()], site="emit")

    async def script(rig: Rig) -> None:
        await rig.send({"n": 1})
        assert rig.out == [[True, None, "1"]]

    rigged(flow(handler), script)


def test_state_applied_with_its_result_counts_each_event_once() -> None:
    async def handler(act: Activation, event: dict[str, Any]) -> None:
        while True:
            entry = await act.state.read("sums", "k")
            known = await act.journal.read("sum", (), int)
            if known is not None:
                break
            total = int(entry.value or b"0") + event["n"]
            more = {"site": "sum", "path": (), "result": total, "type": int}
            await act.state.apply("sums", "k", b"%d" % total, entry.seq, **more)
        act.emit(OUT, known.value, site="emit")

    async def script(rig: Rig) -> None:
        await rig.send(*({"n": n} for n in range(1, 21)))
        await asyncio.sleep(60)
        assert max(rig.out) == 210
        assert len(set(rig.out)) == 20

    rigged(flow(handler), script)


def test_service_without_its_secret_says_which(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("API_KEY", raising=False)
    base = flow(slow)
    workflow = replace(base, secrets=("API_KEY",))

    async def main() -> None:
        await Service(workflow, Settings(nats_url="memory://")).start()

    with pytest.raises(EngineError, match="API_KEY"):
        asyncio.run(main())


def test_service_on_memory_starts_is_ready_and_drains() -> None:
    async def main() -> None:
        service = Service(flow(slow), Settings(nats_url="memory://"))
        await service.start()
        assert service.is_ready
        assert service.health()["condition"] == "running"
        assert await service.drain()
        assert service.condition == "stopped"

    asyncio.run(main())
