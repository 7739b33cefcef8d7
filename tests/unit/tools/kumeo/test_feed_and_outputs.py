"""Inputs into a store and outputs out of it, with ends in the middle."""

import asyncio
import io
import json
import os
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, Literal

import msgspec
import pytest
from kumeo_runtime.sources.rows import converter_of
from kumeo_runtime.transport.api import Outgoing, StreamConfig
from kumeo_runtime.transport.memory import MemoryServer, MemoryTransport

from kumeo.tools.running.feed import Feed
from kumeo.tools.running.inputs import Input
from kumeo.tools.running.outputs import Outputs, Place, Written, last_sequences
from kumeo.tools.running.position import Tracker, load_position

Work = Callable[[MemoryTransport], Coroutine[Any, Any, None]]
LINES = b"".join(b'{"n": %d}\n' % number for number in range(1, 11))


def with_store(work: Work, max_bytes: int = -1) -> None:
    """Run against a store with a stream `S` for `s.>` whose ids are forgotten at once."""

    async def run() -> None:
        transport = MemoryTransport(MemoryServer())
        await transport.connect()
        config = StreamConfig("S", ("s.>",), max_bytes=max_bytes, duplicate_window_s=0.001)
        await transport.ensure_stream(config)
        await work(transport)
        await transport.close()

    asyncio.run(asyncio.wait_for(run(), 10))


def feed_of(
    transport: MemoryTransport, folder: Path, data: bytes = LINES, **settings: Any
) -> tuple[Feed, list[int]]:
    refused: list[int] = []
    save_to = folder / "position.json"
    given = Input("e.jsonl", io.BytesIO(data), "k")
    tracker = Tracker(load_position(save_to))
    feed = Feed(
        transport,
        "s.in",
        "S",
        given,
        save_to,
        lambda line, outcome: refused.append(line.number),
        tracker,
        **settings,
    )
    return feed, refused


async def stored(transport: MemoryTransport) -> list[int]:
    found = await transport.read("S", "s.in", 1, 1000)
    return [json.loads(message.payload)["n"] for message in found]


def test_feed_sends_every_line_in_order(tmp_path: Path) -> None:
    async def work(transport: MemoryTransport) -> None:
        feed, _ = feed_of(transport, tmp_path)
        await feed.run()
        assert await stored(transport) == list(range(1, 11))
        assert (feed.sent, feed.known) == (10, 0)

    with_store(work)


def test_feed_that_is_ahead_waits_for_the_services(tmp_path: Path) -> None:
    async def work(transport: MemoryTransport) -> None:
        lines = b"".join(b'{"n":%d}\n' % number for number in range(1, 601))
        handled = 0
        feed, _ = feed_of(
            transport, tmp_path, lines, is_ahead=lambda feed: feed.taken - handled > 100
        )
        running = asyncio.create_task(feed.run())
        await asyncio.sleep(0.1)
        assert feed.sent == 256  # one batch
        handled = 600
        await running
        assert feed.sent == 600

    with_store(work)


def test_feed_again_sends_nothing(tmp_path: Path) -> None:
    async def work(transport: MemoryTransport) -> None:
        for _ in range(2):
            feed, _ = feed_of(transport, tmp_path)
            await feed.run()
            await asyncio.sleep(0.01)
        assert await stored(transport) == list(range(1, 11))
        assert (feed.sent, feed.known) == (0, 10)

    with_store(work)


def test_feed_killed_before_it_noted_anything_sends_the_rest(tmp_path: Path) -> None:
    async def work(transport: MemoryTransport) -> None:
        first, _ = feed_of(transport, tmp_path, b"".join(LINES.splitlines(keepends=True)[:4]))
        await first.run()
        (tmp_path / "position.json").unlink()
        await asyncio.sleep(0.01)
        second, _ = feed_of(transport, tmp_path)
        await second.run()
        assert await stored(transport) == list(range(1, 11))
        assert (second.sent, second.known) == (6, 4)

    with_store(work)


def test_feed_line_that_is_too_large_is_told_and_passed(tmp_path: Path) -> None:
    async def work(transport: MemoryTransport) -> None:
        data = b'{"n": 1}\n' + b"x" * (transport.max_payload + 1) + b'\n{"n": 3}\n'
        feed, refused = feed_of(transport, tmp_path, data)
        await feed.run()
        assert refused == [2]
        assert await stored(transport) == [1, 3]

    with_store(work)


def test_feed_full_store_waits_for_room(tmp_path: Path) -> None:
    async def work(transport: MemoryTransport) -> None:
        feed, refused = feed_of(transport, tmp_path)
        running = asyncio.create_task(feed.run())
        await asyncio.sleep(0.05)
        held = await stored(transport)
        assert 0 < len(held) < 10
        while not running.done():
            await transport.purge("S", "s.in")
            await asyncio.sleep(0.05)
        assert (feed.sent, refused) == (10, [])
        assert feed.full > 0

    with_store(work, max_bytes=500)


def test_feed_rate_is_kept(tmp_path: Path) -> None:
    async def work(transport: MemoryTransport) -> None:
        started = asyncio.get_running_loop().time()
        feed, _ = feed_of(transport, tmp_path, rate_per_s=50.0)
        await feed.run()
        assert asyncio.get_running_loop().time() - started >= 9 / 50 - 0.01

    with_store(work)


def test_feed_stop_in_the_middle_goes_on_later(tmp_path: Path) -> None:
    async def work(transport: MemoryTransport) -> None:
        first, _ = feed_of(transport, tmp_path, rate_per_s=50.0)
        running = asyncio.create_task(first.run())
        await asyncio.sleep(0.1)
        first.stop()
        await running
        assert 0 < first.sent < 10
        second, _ = feed_of(transport, tmp_path)
        await second.run()
        assert await stored(transport) == list(range(1, 11))

    with_store(work)


def test_feed_slow_stream_sends_each_line_when_it_comes(tmp_path: Path) -> None:
    async def work(transport: MemoryTransport) -> None:
        reader, writer = os.pipe()
        feed, _ = feed_of(transport, tmp_path, is_slow=True)
        feed.given.stream = os.fdopen(reader, "rb")
        running = asyncio.create_task(feed.run())
        os.write(writer, b'{"n": 1}\n')
        while feed.sent < 1:
            await asyncio.sleep(0.005)
        os.write(writer, b'{"n": 2}\n')
        os.close(writer)
        await running
        feed.given.stream.close()
        assert await stored(transport) == [1, 2]

    with_store(work)


async def outputs_of(transport: MemoryTransport, folder: Path) -> Outputs:
    places = {"ok": Place("S", "s.ok"), "odd": Place("S", "s.odd")}
    _, before = await last_sequences(transport, ["s.ok", "s.odd"])
    sidecar = folder / "state" / "output.json"
    return Outputs(transport, places, str(folder / "out.jsonl"), sidecar, before)


async def emit(transport: MemoryTransport, *bodies: bytes, subject: str = "s.ok") -> None:
    for body in bodies:
        transport.publish(Outgoing(subject, body, {"Kumeo-Id": "i"}), lambda outcome: None)
    await transport.flush()


def values(folder: Path) -> list[Any]:
    lines = (folder / "out.jsonl").read_text().splitlines()
    return [json.loads(line)["value"] for line in lines]


def test_outputs_are_json_lines_with_target_and_id(tmp_path: Path) -> None:
    async def work(transport: MemoryTransport) -> None:
        outputs = await outputs_of(transport, tmp_path)
        await outputs.open(io.BytesIO())
        await emit(transport, b'{"a":1}')
        await emit(transport, b"no json \xff", subject="s.odd")
        await outputs.finish()
        outputs.close()
        assert (tmp_path / "out.jsonl").read_text("utf-8").splitlines() == [
            '{"target": "ok", "id": "i", "value": {"a":1}}',
            '{"target": "odd", "id": "i", "value": "no json \ufffd"}',
        ]

    with_store(work)


def test_outputs_new_file_starts_with_what_this_run_makes(tmp_path: Path) -> None:
    async def work(transport: MemoryTransport) -> None:
        await emit(transport, b"1")
        outputs = await outputs_of(transport, tmp_path)
        await emit(transport, b"2")
        await outputs.open(io.BytesIO())
        await emit(transport, b"3")
        await outputs.finish()
        outputs.close()
        assert values(tmp_path) == [2, 3]

    with_store(work)


def test_outputs_after_a_kill_between_file_and_note_are_written_once(tmp_path: Path) -> None:
    async def work(transport: MemoryTransport) -> None:
        first = await outputs_of(transport, tmp_path)
        await first.open(io.BytesIO())
        await emit(transport, b"1")
        await first.finish()
        first.close()
        with (tmp_path / "out.jsonl").open("ab") as file:
            file.write(b'{"value": "half of a li')
        await emit(transport, b"2")
        second = await outputs_of(transport, tmp_path)
        await second.open(io.BytesIO())
        await second.finish()
        second.close()
        assert values(tmp_path) == [1, 2]

    with_store(work)


def test_outputs_of_a_stream_made_anew_start_at_its_beginning(tmp_path: Path) -> None:
    async def work(transport: MemoryTransport) -> None:
        first = await outputs_of(transport, tmp_path)
        await first.open(io.BytesIO())
        await emit(transport, b"1", b"2")
        await first.finish()
        first.close()
        await transport.delete_stream("S")
        await asyncio.sleep(0.01)
        await transport.ensure_stream(StreamConfig("S", ("s.>",)))
        await emit(transport, b"3")
        second = await outputs_of(transport, tmp_path)
        await second.open(io.BytesIO())
        await second.finish()
        second.close()
        assert values(tmp_path) == [1, 2, 3]

    with_store(work)


class Order(msgspec.Struct):
    id: str
    count: int
    price: float | None
    kind: Literal["a", "b"]
    paid: bool
    tags: list[str]


@pytest.mark.parametrize(
    ("column", "cell", "expected"),
    [
        ("id", "007", "007"),
        ("count", "7", 7),
        ("count", "many", "many"),
        ("price", "", None),
        ("price", "1.5", 1.5),
        ("kind", "a", "a"),
        ("paid", "True", True),
        ("tags", '["x"]', ["x"]),
        ("else", "1", "1"),
    ],
)
def test_converter_cell_is_what_its_field_wants(column: str, cell: str, expected: object) -> None:
    assert json.loads(converter_of(Order)({column: cell})) == {column: expected}


def test_written_floor_stays_below_what_is_not_written() -> None:
    written = Written()
    for seq in (1, 2, 3):
        written.add(seq)
    written.raise_floor(13)  # 4 to 13 are on their way
    assert [written.has(seq) for seq in (3, 4, 13)] == [True, False, False]
    written.add(13)
    assert (written.has(4), written.has(13)) == (False, True)
