"""`kumeo config`: what a running workflow takes without a restart."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

KUMEO = str(Path(sys.executable).parent / "kumeo")
FLOW = """schema Order { id: string  amount: float }

workflow Orders {
  source: NATS("orders.raw", schema: Order)
  target: { small: NATS("orders.small"), large: NATS("orders.large") }
  config: { limit: { value: 100.0, dynamic: true }, label: "x" }
  agents: [
    if source.amount > config.limit { emit source to target.large }
    else { emit { order: source, label: config.label } to target.small }
  ]
}
"""
Tool = Callable[..., Any]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("KUMEO_NATS_URL", raising=False)
    Path("orders.kumeo").write_text(FLOW)
    return tmp_path


@pytest.fixture
def running(folder: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """A run without an end, which writes `out.jsonl`."""
    environ = {k: v for k, v in os.environ.items() if not k.startswith("KUMEO_")}
    command = [KUMEO, "run", "orders.kumeo", "--output", "out.jsonl", "-q"]
    process = subprocess.Popen(command, cwd=folder, env=environ)
    yield process
    process.kill()
    process.wait()


def targets(folder: Path, count: int) -> list[str]:
    """Return the targets of the values that have come, once there are so many."""
    deadline = time.monotonic() + 30
    while True:
        path = folder / "out.jsonl"
        lines = path.read_text().splitlines() if path.exists() else []
        if len(lines) >= count:
            return [json.loads(line)["target"] for line in lines]
        assert time.monotonic() < deadline, lines
        time.sleep(0.05)


def send(kumeo: Tool, id: str) -> None:
    event = json.dumps({"id": id, "amount": 50.0})
    assert kumeo("publish", "orders.kumeo", "source", event, "--id", id).code == 0


def test_config_set_is_taken_by_a_run_that_goes_on(
    kumeo: Tool, folder: Path, running: "subprocess.Popen[bytes]"
) -> None:
    send(kumeo, "before")
    assert targets(folder, 1) == ["small"]
    done = kumeo("config", "set", "orders.kumeo", "limit", "20")
    assert (done.code, done.out.startswith("limit = 20.0, for events from ")) == (0, True), done.err
    time.sleep(6)
    send(kumeo, "after")
    assert targets(folder, 2) == ["small", "large"]
    assert running.poll() is None
    assert json.loads(kumeo("status", "Orders", "--json").out)["config"]["limit"] == 20.0
    assert kumeo("config", "get", "Orders", "limit").out == "20.0\n"


def test_config_list_shows_what_may_change(kumeo: Tool, folder: Path) -> None:
    lines = kumeo("config", "list", "orders.kumeo").out.splitlines()
    assert [line.split() for line in lines[1:]] == [
        ["limit", "100.0", "while", "it", "runs", "-"],
        ["label", '"x"', "at", "the", "start", "-"],
    ]


@pytest.mark.parametrize(
    ("name", "value", "code", "text"),
    [
        ("limit", "high", 1, "invalid-config"),
        ("limt", "1", 2, "write `limit`"),
        ("label", "y", 1, "not-dynamic"),
    ],
)
def test_config_set_what_does_not_fit_is_refused(
    kumeo: Tool, folder: Path, name: str, value: str, code: int, text: str
) -> None:
    Path("none.jsonl").write_text("")
    assert kumeo("run", "orders.kumeo", "--input", "none.jsonl", "-q").code == 0
    done = kumeo("config", "set", "orders.kumeo", name, value)
    assert (done.code, text in done.err) == (code, True), done.err
    assert kumeo("config", "get", "Orders", "limit").out == "100.0\n"


def test_config_set_before_the_first_run_says_how_to_start(kumeo: Tool, folder: Path) -> None:
    done = kumeo("config", "set", "orders.kumeo", "limit", "1")
    assert (done.code, "kumeo run --config limit=…" in done.err) == (1, True)
