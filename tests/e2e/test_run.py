"""`kumeo run` on the embedded server as a user runs it: processes, files, kills."""

import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"
KUMEO = str(Path(sys.executable).parent / "kumeo")
LIMIT_S = 60.0

ORDERS = """schema Order { id: string  amount: float }

workflow Orders {
  source: NATS("orders.raw", schema: Order)
  target: { small: NATS("orders.small"), large: NATS("orders.large") }
  config: { limit: 100.0 }
  agents: [
    DataProcessor(id: "tax", fields: { total: source.amount * 1.19 })
    if source.amount > config.limit {
      HumanReview(id: "ok", title: "Large", input: source, timeout: 1h, on_timeout: "fail")
      emit { order: source, ok: ok } to target.large
    } else {
      emit { order: source, total: tax.total } to target.small
    }
  ]
}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "orders.kumeo").write_text(ORDERS)
    return tmp_path


@pytest.fixture
def start(folder: Path) -> "Iterator[Callable[..., subprocess.Popen[str]]]":
    started: list[subprocess.Popen[str]] = []
    environ = {k: v for k, v in os.environ.items() if not k.startswith("KUMEO_")}

    def run(*arguments: str, **more: Any) -> "subprocess.Popen[str]":
        process = subprocess.Popen(
            [KUMEO, *arguments],
            cwd=folder,
            env=environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            **more,
        )
        started.append(process)
        return process

    yield run
    for process in started:
        process.kill()
        process.communicate()


Start = Callable[..., "subprocess.Popen[str]"]


def ends(process: "subprocess.Popen[str]") -> tuple[int, str, str]:
    out, err = process.communicate(timeout=LIMIT_S)
    return process.returncode, out, err


def orders(count: int) -> str:
    return "".join(
        json.dumps({"id": f"o{n}", "amount": float(n % 90)}) + "\n" for n in range(count)
    )


def results(path: Path) -> list[dict[str, Any]]:
    lines = path.read_text().splitlines(keepends=True) if path.exists() else []
    return [json.loads(line) for line in lines if line.endswith("\n")]


def waits_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LIMIT_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def server_pid(folder: Path) -> int:
    return json.loads((folder / ".kumeo/server/connection.json").read_text())["server_pid"]


def test_run_input_and_output_are_files(start: Start, folder: Path) -> None:
    (folder / "e.jsonl").write_text(orders(100))
    code, out, err = ends(start("run", "orders.kumeo", "--input", "e.jsonl", "--output", "o.jsonl"))
    assert (code, out) == (0, ""), err
    assert "100 events in" in err
    assert "small: 100" in err
    found = [line["value"]["order"]["id"] for line in results(folder / "o.jsonl")]
    assert sorted(found) == sorted(f"o{n}" for n in range(100))


def test_run_streams_are_a_filter(start: Start) -> None:
    process = start(
        "run", "orders.kumeo", "--input", "-", "--output", "-", "-q", stdin=subprocess.PIPE
    )
    out, err = process.communicate(orders(3), timeout=LIMIT_S)
    assert (process.returncode, err) == (0, "")
    assert [json.loads(line)["value"]["total"] for line in out.splitlines()] == [0.0, 1.19, 2.38]


def test_run_prints_of_code_are_no_results(start: Start, folder: Path) -> None:
    text = ORDERS.replace(
        'DataProcessor(id: "tax", fields: { total: source.amount * 1.19 })',
        'Tax(id: "tax", amount: source.amount)',
    ).replace("total: tax.total", "total: tax")
    tax = 'agent Tax(amount: float) -> float { python: "taxes:of" }\n'
    (folder / "orders.kumeo").write_text(tax + text)
    code = "def of(amount: float) -> float:\n    print('seen')\n    return amount\n"
    (folder / "taxes.py").write_text(code)
    (folder / "e.jsonl").write_text(orders(2))
    done, out, err = ends(start("run", "orders.kumeo", "--input", "e.jsonl", "--output", "-", "-q"))
    assert (done, err) == (0, "seen\nseen\n")
    assert [json.loads(line)["target"] for line in out.splitlines()] == ["small", "small"]


def test_run_again_does_nothing_twice(start: Start, folder: Path) -> None:
    (folder / "e.jsonl").write_text(orders(20))
    arguments = ("run", "orders.kumeo", "--input", "e.jsonl", "--output", "o.jsonl")
    assert ends(start(*arguments))[0] == 0
    with (folder / "e.jsonl").open("a") as file:
        file.write('{"id": "late", "amount": 1.0}\n')
    code, _, err = ends(start(*arguments))
    assert code == 0
    assert "20 lines were" in err
    assert Counter(line["value"]["order"]["id"] for line in results(folder / "o.jsonl")) == Counter(
        [*(f"o{n}" for n in range(20)), "late"]
    )


def test_run_again_as_new_events_does_everything_twice(start: Start, folder: Path) -> None:
    (folder / "e.jsonl").write_text(orders(5))
    arguments = ("run", "orders.kumeo", "--input", "e.jsonl", "--output", "o.jsonl")
    assert ends(start(*arguments))[0] == 0
    assert ends(start(*arguments, "--again"))[0] == 0
    assert len(results(folder / "o.jsonl")) == 10


def test_run_csv_cells_have_the_types_of_the_source(start: Start, folder: Path) -> None:
    (folder / "e.csv").write_text("id,amount\n007,2\n")
    assert ends(start("run", "orders.kumeo", "--input", "e.csv", "--output", "o.jsonl"))[0] == 0
    assert [line["value"]["order"] for line in results(folder / "o.jsonl")] == [
        {"id": "007", "amount": 2.0}
    ]


def test_run_csv_row_with_too_many_cells_is_a_dead_letter(start: Start, folder: Path) -> None:
    (folder / "e.csv").write_text("id,amount\na,1,5\nb,2\n")
    code, _, err = ends(start("run", "orders.kumeo", "--input", "e.csv", "--output", "o.jsonl"))
    assert (code, "dead letters: 1" in err) == (0, True), err
    assert [line["value"]["order"]["id"] for line in results(folder / "o.jsonl")] == ["b"]
    letter = json.loads(ends(start("dlq", "list", "orders.kumeo", "--json"))[1])
    assert letter["event"] == "row 1 has 3 cells, and there are 2 columns: a,1,5"


@pytest.mark.parametrize("mark", [";", "\t"])
def test_run_csv_with_other_separators_is_wrong_usage(
    start: Start, folder: Path, mark: str
) -> None:
    (folder / "e.csv").write_text(f"id{mark}amount\na{mark}1\n")
    code, _, err = ends(start("run", "orders.kumeo", "--input", "e.csv"))
    assert (code, "save it with commas" in err) == (2, True), err


def test_run_whose_events_all_fail_says_why_and_exits_with_1(start: Start, folder: Path) -> None:
    (folder / "e.jsonl").write_text('{"id": "a"}\n{"id": "b"}\n')
    code, _, err = ends(start("run", "orders.kumeo", "--input", "e.jsonl", "-q"))
    assert code == 1
    assert "the last of 2 failed: invalid-event, " in err


def test_run_failed_attempts_are_shown_with_their_reason(start: Start, folder: Path) -> None:
    text = ORDERS.replace(
        'DataProcessor(id: "tax", fields: { total: source.amount * 1.19 })',
        'Query(id: "tax", context: context.db, sql: "SELECT total FROM absent",'
        " output: Tax, retry: 2, fallback: [])",
    )
    text = text.replace("total: tax.total", "total: len(tax)")
    text = text.replace("  config:", '  context: { db: Database("sqlite:t.db") }\n  config:')
    (folder / "orders.kumeo").write_text("schema Tax { total: float }\n" + text)
    sqlite3.connect(folder / "t.db").execute("CREATE TABLE t (id TEXT)")
    (folder / "e.jsonl").write_text(orders(1))
    code, _, err = ends(start("run", "orders.kumeo", "--input", "e.jsonl"))
    assert code == 0, err
    assert "failed attempts of `tax`: " in err
    assert re.search(r"last failure of `tax`: .*no such table: absent", err), err


def test_run_bad_lines_are_dead_letters_and_cost_nobody_else(start: Start, folder: Path) -> None:
    good, bad = orders(2).encode(), b'{"id": 1}\n\xff\xfe\nno json\n'
    (folder / "e.jsonl").write_bytes(bad + good)
    code, _, err = ends(start("run", "orders.kumeo", "--input", "e.jsonl", "--output", "o.jsonl"))
    assert code == 0
    assert "dead letters: 3" in err
    assert len(results(folder / "o.jsonl")) == 2
    _, out, _ = ends(start("dlq", "list", "orders.kumeo"))
    assert out.count("invalid-event") == 3


def test_run_ctrl_c_drains_and_the_server_ends(start: Start, folder: Path) -> None:
    process = start("run", "orders.kumeo", "--output", "o.jsonl", start_new_session=True)
    waits_for((folder / ".kumeo/Orders/output.json").exists)
    server = server_pid(folder)
    os.killpg(process.pid, signal.SIGINT)
    code, _, err = ends(process)
    assert code == 0, err
    waits_for(lambda: not alive(server))


def test_run_second_ctrl_c_ends_at_once(start: Start, folder: Path) -> None:
    text = ORDERS.replace(
        'DataProcessor(id: "tax", fields: { total: source.amount * 1.19 })',
        'LLM(id: "tax", engine: "ollama/none", prompt: "x", output: Tax, timeout: 60s,'
        ' retry: { max: 9, backoff: "fixed", delay: 9s })',
    )
    (folder / "orders.kumeo").write_text("schema Tax { total: float }\n" + text)
    process = start("run", "orders.kumeo", "--output", "o.jsonl", "--input", "-", stdin=-1)
    assert process.stdin is not None
    process.stdin.write('{"id": "1", "amount": 1.0}\n')
    process.stdin.flush()
    waits_for((folder / ".kumeo/Orders/output.json").exists)
    time.sleep(1.0)
    process.send_signal(signal.SIGINT)
    time.sleep(0.5)
    assert process.poll() is None
    process.send_signal(signal.SIGINT)
    asked = time.monotonic()
    code, _, _ = ends(process)
    assert code == 130
    assert time.monotonic() - asked < 5


def alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def test_run_second_one_is_refused_and_publish_attaches(start: Start, folder: Path) -> None:
    start("run", "orders.kumeo", "--output", "o.jsonl")
    waits_for(lambda: bool(list((folder / ".kumeo").glob("Orders/output.json"))))
    code, _, err = ends(start("run", "orders.kumeo"))
    assert code == 1
    assert "[already-running]" in err
    event = '{"id": "sent", "amount": 1.0}'
    assert ends(start("publish", "orders.kumeo", "source", event, "--id", "e-1"))[0] == 0
    waits_for(lambda: len(results(folder / "o.jsonl")) == 1)
    _, out, _ = ends(start("trace", "Orders", "e-1"))
    assert "event of source" in out
    assert "result for small" in out


@pytest.mark.parametrize("seconds", [0.05, 0.3])
def test_run_killed_in_the_middle_every_result_comes_once(
    start: Start, folder: Path, seconds: float
) -> None:
    (folder / "e.jsonl").write_text(orders(6000))
    arguments = ("run", "orders.kumeo", "--input", "e.jsonl", "--output", "o.jsonl", "-q")
    process = start(*arguments, "--rate", "6000")
    waits_for(lambda: len(results(folder / "o.jsonl")) > 0)
    time.sleep(seconds)
    server = server_pid(folder)
    process.kill()
    ends(process)
    assert len(results(folder / "o.jsonl")) < 6000
    waits_for(lambda: not alive(server))
    code, _, err = ends(start(*arguments))
    assert (code, err) == (0, "")
    found = Counter(line["value"]["order"]["id"] for line in results(folder / "o.jsonl"))
    wanted = Counter(f"o{n}" for n in range(6000))
    assert found == wanted, whereabouts(start, folder, wanted - found)


def whereabouts(start: Start, folder: Path, lost: Counter[str]) -> str:
    """Return what the store says of events that have no result."""
    note = (folder / ".kumeo/Orders/output.json").read_text()
    letters = ends(start("dlq", "list", "Orders"))[1]
    more = ends(start("run", "orders.kumeo", "--input", "e.jsonl", "--output", "o.jsonl"))[2]
    back = {line["value"]["order"]["id"] for line in results(folder / "o.jsonl")} & set(lost)
    return f"lost {sorted(lost)}; letters: {letters}; note: {note}; back: {back}; run: {more}"


def test_run_server_killed_in_the_middle_is_told(start: Start, folder: Path) -> None:
    (folder / "e.jsonl").write_text(orders(3000))
    arguments = ("run", "orders.kumeo", "--input", "e.jsonl", "--output", "o.jsonl", "-q")
    process = start(*arguments, "--rate", "1000")
    waits_for(lambda: len(results(folder / "o.jsonl")) > 0)
    os.kill(server_pid(folder), signal.SIGKILL)
    code, _, err = ends(process)
    assert code == 1
    assert "[server-failed]" in err
    assert ends(start(*arguments))[0] == 0
    assert Counter(line["value"]["order"]["id"] for line in results(folder / "o.jsonl")) == Counter(
        f"o{n}" for n in range(3000)
    )


def test_run_person_decides_between_two_runs(start: Start, folder: Path) -> None:
    (folder / "e.jsonl").write_text('{"id": "big", "amount": 500}\n')
    arguments = ("run", "orders.kumeo", "--input", "e.jsonl", "--output", "o.jsonl")
    _, _, err = ends(start(*arguments))
    assert "waiting for a person: 1" in err
    _, out, _ = ends(start("tasks", "list", "Orders", "--json"))
    task = json.loads(out)["id"]
    assert ends(start("tasks", "decide", "Orders", task[:8], "approve", "--by", "ana"))[0] == 0
    assert ends(start(*arguments))[0] == 0
    (line,) = results(folder / "o.jsonl")
    assert line["target"] == "large"
    assert (line["value"]["ok"]["decision"], line["value"]["ok"]["by"]) == ("approve", "ana")


def test_run_fraud_detection_killed_in_the_middle_every_payment_once(
    start: Start, folder: Path
) -> None:
    payment = {"card": "c", "amount": 12.5, "at": "2026-01-01T10:00:00Z"}
    lines = [json.dumps({"tx_id": f"t{n}", **payment}) + "\n" for n in range(2000)]
    (folder / "e.jsonl").write_text("".join(lines))
    file = str(EXAMPLES / "fraud_detection.kumeo")
    arguments = ("run", file, "--input", "e.jsonl", "--output", "o.jsonl", "-q")
    process = start(*arguments)
    waits_for(lambda: len(results(folder / "o.jsonl")) > 0)
    process.kill()
    ends(process)
    code, _, err = ends(start(*arguments))
    assert (code, err) == (0, "")
    found = Counter(line["value"]["tx_id"] for line in results(folder / "o.jsonl"))
    assert found == Counter(f"t{n}" for n in range(2000))
