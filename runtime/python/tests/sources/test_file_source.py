"""File sources on a real server: each line once, across restarts."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from kumeo_runtime.client import RuntimeClient
from kumeo_runtime.config import Settings
from kumeo_runtime.engine.shared import EngineError
from kumeo_runtime.service import Service
from kumeo_runtime.spec import Source, Workflow
from kumeo_runtime.testing.connected import Order, passing, running, settings_on, values_of


def reading(name: str, **settings: Any) -> Workflow:
    return passing(Source("orders", "file", name, Order, settings=settings))


async def ids_when(count: int, workflow: Workflow, settings: Settings) -> list[str]:
    async with asyncio.timeout(10):
        while True:
            found = [value["id"] for value in await values_of(workflow, settings)]
            if len(found) >= count:
                return found
            await asyncio.sleep(0.05)


def lines(*ids: str) -> str:
    return "".join(json.dumps({"id": each, "amount": 1.5}) + "\n" for each in ids)


def test_file_with_json_lines_gives_an_event_for_each(nats_url: str, tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text(lines("a", "b") + "\n" + lines("c")[:-1])
    settings, workflow = settings_on(nats_url), reading("in.jsonl")

    async def main() -> None:
        async with running(workflow, settings, tmp_path) as service:
            assert await ids_when(3, workflow, settings) == ["a", "b", "c"]
            assert service.connectors is not None
            assert service.connectors.are_sources_done

    asyncio.run(main())


def test_file_with_csv_rows_reads_cells_by_type(nats_url: str, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text('\ufeffid,amount\r\n"a\nb",2.5\r\nc,3\r\n')
    settings, workflow = settings_on(nats_url), reading("in.csv")

    async def main() -> None:
        async with running(workflow, settings, tmp_path):
            await ids_when(2, workflow, settings)
        assert await values_of(workflow, settings) == [
            {"id": "a\nb", "amount": 2.5},
            {"id": "c", "amount": 3.0},
        ]

    asyncio.run(main())


@pytest.mark.parametrize("name", ["in.jsonl", "in.csv"])
def test_file_that_grew_between_two_runs_gives_only_what_is_new(
    name: str, nats_url: str, tmp_path: Path
) -> None:
    file = tmp_path / name
    is_csv = name.endswith(".csv")
    first, more = ("id\na\nb\n", "c\n") if is_csv else (lines("a", "b"), lines("c"))
    file.write_text(first)
    settings, workflow = settings_on(nats_url), reading(name)

    async def main() -> None:
        async with running(workflow, settings, tmp_path):
            await ids_when(2, workflow, settings)
        with file.open("a") as growing:
            growing.write(more)
        async with running(workflow, settings, tmp_path):
            await ids_when(3, workflow, settings)
            await asyncio.sleep(0.3)
            assert await ids_when(3, workflow, settings) == ["a", "b", "c"]

    asyncio.run(main())


def test_file_that_was_written_anew_gives_other_events(nats_url: str, tmp_path: Path) -> None:
    file = tmp_path / "in.csv"
    file.write_text("id\na\nb\n")
    settings, workflow = settings_on(nats_url), reading("in.csv")

    async def main() -> None:
        async with running(workflow, settings, tmp_path):
            await ids_when(2, workflow, settings)
        file.write_text("id\nc\nd\ne\n")
        async with running(workflow, settings, tmp_path):
            assert await ids_when(5, workflow, settings) == ["a", "b", "c", "d", "e"]

    asyncio.run(main())


def test_file_that_is_watched_follows_whole_lines(nats_url: str, tmp_path: Path) -> None:
    file = tmp_path / "in.jsonl"
    settings, workflow = settings_on(nats_url), reading("in.jsonl", watch=True)

    async def main() -> None:
        async with running(workflow, settings, tmp_path):
            file.write_text(lines("a") + lines("b")[:10])
            assert await ids_when(1, workflow, settings) == ["a"]
            with file.open("a") as growing:
                growing.write(lines("b")[10:])
            assert await ids_when(2, workflow, settings) == ["a", "b"]

    asyncio.run(main())


def test_file_that_two_processes_read_gives_each_line_once(nats_url: str, tmp_path: Path) -> None:
    ids = [str(number) for number in range(2000)]
    (tmp_path / "in.jsonl").write_text(lines(*ids))
    settings, workflow = settings_on(nats_url), reading("in.jsonl")

    async def main() -> None:
        async with (
            running(workflow, settings, tmp_path),
            running(workflow, settings, tmp_path),
        ):
            found = await ids_when(2000, workflow, settings)
            await asyncio.sleep(0.3)
            assert sorted(found, key=int) == ids

    asyncio.run(main())


def test_line_that_no_store_takes_is_a_dead_letter(nats_url: str, tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text(lines("a", "x" * 2_000_000, "c"))
    settings, workflow = settings_on(nats_url), reading("in.jsonl")

    async def main() -> None:
        async with running(workflow, settings, tmp_path):
            assert await ids_when(2, workflow, settings) == ["a", "c"]
        async with RuntimeClient(workflow, settings) as client:
            (letter,) = await client.letters()
        assert (letter.code, letter.seq, letter.truncated) == ("too-large", 2, True)

    asyncio.run(main())


def test_file_that_is_missing_is_an_error_with_a_way_out(nats_url: str, tmp_path: Path) -> None:
    service = Service(reading("no.jsonl"), settings_on(nats_url), root=tmp_path, package=tmp_path)

    async def main() -> None:
        try:
            await service.start()
        finally:
            await service.stop()

    with pytest.raises(EngineError) as caught:
        asyncio.run(main())
    assert caught.value.code == "cannot-read"
    assert "watch: true" in caught.value.fix
