"""Inputs and how far they are sent: no line is lost, none comes twice."""

import io
from pathlib import Path

import pytest

from kumeo.tools.running.inputs import Input, open_input
from kumeo.tools.running.position import Position, Tracker, load_position, save_position


def lines_of(data: bytes, after: int = 0, offset: int = 0) -> list[tuple[int, bytes, int]]:
    given = Input("e.jsonl", io.BytesIO(data), "k")
    return [(each.number, each.payload, each.end) for each in given.lines(after, offset)]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"1\n2\n", [(1, b"1", 2), (2, b"2", 4)]),
        (b"1\r\n\r\n2", [(1, b"1", 3), (3, b"2", 6)]),
        (b"\xff\n", [(1, b"\xff", 2)]),
        (b"", []),
    ],
)
def test_lines_cases(data: bytes, expected: list[tuple[int, bytes, int]]) -> None:
    assert lines_of(data) == expected


def test_lines_after_a_line_are_the_same_with_and_without_offset() -> None:
    data = b"one\n\ntwo\nthree\n"
    whole = lines_of(data)
    assert lines_of(data, after=3) == whole[2:]
    assert lines_of(data, after=3, offset=9) == whole[2:]


def test_lines_longer_than_the_limit_are_cut_and_the_next_one_is_whole(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("kumeo.tools.running.inputs.LINE_MAX", 4)
    found = [(number, payload) for number, payload, _ in lines_of(b"123456789\nab\n")]
    assert found == [(1, b"1234"), (2, b"ab")]


def test_lines_csv_rows_are_converted_after_the_names_of_columns() -> None:
    data = "\ufeffa,b\n1,x\n2,y\n".encode()
    given = Input("e.csv", io.BytesIO(data), "k", lambda row: "".join(row.values()).encode())
    assert [(each.number, each.payload) for each in given.lines(after=1)] == [(2, b"2y")]


def test_key_growing_file_keeps_it(tmp_path: Path) -> None:
    file = tmp_path / "e.jsonl"
    file.write_text("1\n")
    before = open_input(str(file), None).key
    file.write_text("1\n2\n")
    assert open_input(str(file), None).key == before
    file.write_text("3\n2\n")
    assert open_input(str(file), None).key != before


def test_id_of_another_generation_is_another_one() -> None:
    given = Input("e", io.BytesIO(), "k", generation=".2")
    assert given.id_of(1) == "e:k.2:1"
    assert Input("e", io.BytesIO(), "k").number_of("e:k.2:1") is None


def test_position_in_a_new_stream_is_the_beginning() -> None:
    found = Position(3, 40, 5, "g", "monday").for_stream("tuesday", 100)
    assert found == Position(created="tuesday")


def test_position_in_the_same_stream_is_kept() -> None:
    position = Position(3, 40, 5, "g", "monday")
    assert position.for_stream("monday", 40) is position


def test_position_in_a_file_that_was_replaced_is_the_beginning_of_new_events() -> None:
    found = Position(3, 40, 5, "", "monday").for_stream("monday", 39)
    assert (found.line, found.offset, found.seq) == (0, 0, 5)
    assert found.generation


def test_stdin_is_a_new_input_each_time() -> None:
    keys = {open_input("-", io.BytesIO(b"1\n")).key for _ in range(2)}
    assert len(keys) == 2


def test_id_is_plain_text_and_knows_its_line() -> None:
    given = Input("dir/gr\u00f6\u00dfe 1.jsonl", io.BytesIO(), "k")
    assert given.id_of(7) == "gr%C3%B6%C3%9Fe%201.jsonl:k:7"
    assert given.number_of(given.id_of(7)) == 7
    assert given.number_of("other:k:7") is None


def tracked(*steps: tuple[str, int, int]) -> Tracker:
    tracker = Tracker(Position())
    for what, line, value in steps:
        (tracker.send if what == "send" else tracker.store)(line, value)
    return tracker


def test_settle_stops_at_the_first_gap() -> None:
    tracker = tracked(("send", 1, 10), ("send", 2, 20), ("send", 3, 30), ("store", 3, 5))
    assert tracker.settle().line == 0
    tracker.store(1, 6)
    assert (tracker.settle().line, tracker.waiting) == (1, 1)
    tracker.store(2, 7)
    found = tracker.settle()
    assert (found.line, found.offset, tracker.waiting) == (3, 30, 0)


def test_settle_sequence_is_older_than_every_line_on_its_way() -> None:
    tracker = tracked(("send", 1, 10), ("send", 2, 20), ("store", 2, 101))
    assert tracker.settle().seq == 0
    # Line 1 may be stored as 100: only its acknowledgement is missing.
    assert tracker.settle().seq == 0
    tracker.store(1, 100)
    assert tracker.settle().seq == 101


def test_settle_refused_line_is_passed() -> None:
    assert tracked(("send", 1, 10), ("store", 1, 0)).settle().line == 1


def test_position_is_read_back(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "p.json"
    assert load_position(file) == Position()
    save_position(file, Position(3, 40, 5, "g"))
    assert load_position(file) == Position(3, 40, 5, "g")
    file.write_text("[]")
    assert load_position(file) == Position()
