"""File targets on a real server: each value once, across restarts."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from kumeo_runtime.client import RuntimeClient
from kumeo_runtime.engine.shared import EngineError
from kumeo_runtime.service import Service
from kumeo_runtime.spec import Target, Workflow
from kumeo_runtime.targets.ledger import Ledger, LedgerBusy
from kumeo_runtime.testing.connected import Order, passing, running, settings_on, until
from kumeo_runtime.values import Record


class Item(Record):
    id: str
    tags: list[str]
    note: str | None = None


def writing(name: str, type: Any = Order) -> Workflow:
    return passing(None, Target("out", "file", name, type))


def run_events(
    nats_url: str, tmp_path: Path, workflow: Workflow, rounds: list[list[dict[str, Any]]]
) -> None:
    """Run once for each round of events."""
    settings = settings_on(nats_url)

    async def main() -> None:
        for number, events in enumerate(rounds):
            async with running(workflow, settings, tmp_path):
                async with RuntimeClient(workflow, settings) as client:
                    for index, event in enumerate(events):
                        await client.publish("orders", event, id=f"{number}-{index}")
                await asyncio.sleep(0.2)

    asyncio.run(asyncio.wait_for(main(), 30))


def test_values_are_lines_in_order_across_runs(nats_url: str, tmp_path: Path) -> None:
    rounds = [[{"id": "a"}, {"id": "b"}], [{"id": "c"}]]
    run_events(nats_url, tmp_path, writing("sub/out.jsonl"), rounds)
    text = (tmp_path / "sub" / "out.jsonl").read_text()
    assert text.splitlines() == [f'{{"id":"{each}","amount":0.0}}' for each in "abc"]


def test_values_of_a_csv_file_have_one_header(nats_url: str, tmp_path: Path) -> None:
    class Rows(Record):
        id: str
        amount: float = 0.0

    rounds = [[{"id": "a,b", "amount": 1.5}], [{"id": 'q"'}]]
    run_events(nats_url, tmp_path, writing("out.csv", Rows), rounds)
    assert (tmp_path / "out.csv").read_text() == 'id,amount\n"a,b",1.5\n"q""",0.0\n'


def test_csv_of_values_without_fields_is_an_error(nats_url: str, tmp_path: Path) -> None:
    workflow = writing("out.csv", Any)
    service = Service(workflow, settings_on(nats_url), root=tmp_path, package=tmp_path)

    async def main() -> None:
        try:
            await service.start()
        finally:
            await service.stop()

    with pytest.raises(EngineError) as caught:
        asyncio.run(main())
    assert caught.value.code == "invalid-setting"


def test_ledger_cuts_off_lines_that_were_not_noted(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    ledger = Ledger(path)
    ledger.append(["a"], b"1\n")
    ledger.close()
    with path.open("ab") as file:
        file.write(b"half a li")
    ledger = Ledger(path)
    assert ledger.unknown(["a", "b"]) == {"b"}
    ledger.append(["b"], b"2\n")
    ledger.close()
    assert path.read_bytes() == b"1\n2\n"


def test_ledger_keeps_what_was_in_the_file_before(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    path.write_bytes(b"old\n")
    ledger = Ledger(path)
    ledger.append(["a"], b"1\n")
    ledger.close()
    assert path.read_bytes() == b"old\n1\n"


def test_ledger_that_fails_to_note_leaves_no_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "out.jsonl"
    ledger = Ledger(path)

    def fail(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", fail)
    with pytest.raises(OSError, match="No space"):
        ledger.append(["a"], b"1\n")
    monkeypatch.undo()
    assert ledger.unknown(["a"]) == {"a"}
    ledger.append(["a"], b"1\n")
    ledger.close()
    assert path.read_bytes() == b"1\n"


def test_ledger_of_a_file_that_is_written_is_busy(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "out.jsonl")
    with pytest.raises(LedgerBusy):
        Ledger(tmp_path / "out.jsonl")
    ledger.close()


def test_second_process_goes_on_when_the_first_has_ended(nats_url: str, tmp_path: Path) -> None:
    workflow, settings = writing("out.jsonl"), settings_on(nats_url)
    file = tmp_path / "out.jsonl"

    async def main() -> None:
        async with RuntimeClient(workflow, settings) as client:
            async with running(workflow, settings, tmp_path):
                second = Service(workflow, settings, root=tmp_path, package=tmp_path)
                await second.start()
                await client.publish("orders", {"id": "a"}, id="a")
                await until(lambda: file.read_text().count("\n") == 1)
            await client.publish("orders", {"id": "b"}, id="b")
            await until(lambda: file.read_text().count("\n") == 2)
            await second.drain(5)

    asyncio.run(asyncio.wait_for(main(), 30))
