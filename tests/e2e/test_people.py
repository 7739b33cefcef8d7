"""Tasks of several people on the command line, and the service that the commands start."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

ORDERS = """schema Order { id: string  amount: float }

workflow Orders {
  source: NATS("orders.raw", schema: Order)
  target: NATS("orders.done")
  agents: [
    HumanReview(id: "ok", title: "Large", input: source, form: { note: string? },
                group: "credit", timeout: 1h, on_timeout: "fail")
    emit { order: source, ok: ok } to target
  ]
}
"""
Tool = Callable[..., Any]


@pytest.fixture
def ran(kumeo: Tool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tool:
    """Return `kumeo` in a folder where one order waits for a person."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("KUMEO_NATS_URL", raising=False)
    Path("orders.kumeo").write_text(ORDERS)
    Path("e.jsonl").write_text('{"id": "big", "amount": 500.0}\n')
    assert kumeo("run", "orders.kumeo", "--input", "e.jsonl", "-q").code == 0
    return kumeo


def task_of(ran: Tool) -> str:
    return json.loads(ran("tasks", "list", "Orders", "--json").out)["id"]


def test_steps_of_several_people_stand_in_the_trail(ran: Tool) -> None:
    task = task_of(ran)
    for words in (
        ("claim", "Orders", task, "--by", "ana"),
        ("release", "Orders", task, "--by", "ana", "--comment", "lunch"),
        ("delegate", "Orders", task, "ben", "--by", "max"),
        ("comment", "Orders", task, "looks odd", "--by", "eve"),
        ("decide", "Orders", task, "approve", "--by", "ben", "--form", '{"note": "ok"}'),
    ):
        done = ran("tasks", *words)
        assert done.code == 0, done.err
    lines = ran("tasks", "audit", "Orders", task[:8], "--json").out.splitlines()
    steps = [(entry["action"], entry["by"], entry["after"]) for entry in map(json.loads, lines)]
    assert steps == [
        ("asked", "workflow", "open"),
        ("claimed", "ana", "claimed"),
        ("released", "ana", "open"),
        ("delegated", "max", "claimed"),
        ("commented", "eve", "claimed"),
        ("decided", "ben", "decided"),
    ]
    assert "lunch" in ran("tasks", "audit", "Orders").out


def test_claim_shows_who_has_the_task(ran: Tool) -> None:
    assert ran("tasks", "claim", "Orders", task_of(ran), "--by", "ana").code == 0
    assert "claimed by ana" in ran("tasks", "list", "Orders").out


def test_decide_what_does_not_fit_says_where_to_look(ran: Tool) -> None:
    task = task_of(ran)
    broken = ran("tasks", "decide", "Orders", task, "approve", "--form", "{note: 1}")
    assert (broken.code, "single quotes" in broken.err) == (2, True), broken.err
    wrong = ran("tasks", "decide", "Orders", task, "aprove")
    assert (wrong.code, f"kumeo tasks show Orders {task[:12]}" in wrong.err) == (2, True), wrong.err


def test_decide_value_of_a_task_without_one_is_wrong_usage(ran: Tool) -> None:
    done = ran("tasks", "decide", "Orders", task_of(ran), "approve", "--value", "3")
    assert (done.code, "this task has no value to edit" in done.err) == (2, True)


def test_people_add_list_and_remove(ran: Tool) -> None:
    added = ran("people", "add", "p.json", "ana", "--group", "credit", "--role", "manager")
    token = added.out.partition("token: ")[2].strip()
    text = Path("p.json").read_text()
    assert (added.code, token.startswith("kt_"), token in text) == (0, True, False)
    assert Path("p.json").stat().st_mode & 0o077 == 0
    assert "ana   manager  credit" in ran("people", "list", "p.json").out
    changed = ran("people", "add", "p.json", "ana", "--email", "a@example.com")
    assert (changed.out, json.loads(text)["people"][0]["token_sha256"]) == (
        "changed ana\n",
        json.loads(Path("p.json").read_text())["people"][0]["token_sha256"],
    )
    assert ran("people", "remove", "p.json", "ann").code == 2
    assert ran("people", "remove", "p.json", "ana").code == 0
    assert ran("people", "list", "p.json").out == "nobody\n"


def test_run_with_people_but_no_port_is_wrong_usage(ran: Tool) -> None:
    done = ran("run", "orders.kumeo", "--people", "p.json")
    assert (done.code, "add `--tasks-port N`" in done.err) == (2, True)


def started(*words: str) -> "tuple[subprocess.Popen[str], str]":
    """Start `kumeo`; return the process and the address that it prints."""
    code = "import sys; from kumeo.tools.kumeo import main; sys.exit(main())"
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(
        [sys.executable, "-c", code, *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=environment,
    )
    assert process.stdout is not None
    for line in process.stdout:
        if "http://" in line:
            return process, line[line.index("http://") :].strip()
    raise AssertionError("no address was printed")


def answered(address: str, decision: str) -> int:
    """Claim and decide the only task over HTTP as the local user; return the last status."""
    base, _, token = address.partition("/#token=")
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=base, headers=headers, timeout=20) as http:
        (task,) = http.get("/api/v1/tasks").json()["tasks"]
        path, revision = f"/api/v1/tasks/{task['id']}", task["revision"]
        for act, body in (("claim", {}), ("decide", {"decision": decision})):
            answer = http.post(f"{path}/{act}", json=body, headers={"If-Match": str(revision)})
            revision = answer.json().get("revision")
        return answer.status_code


def test_serve_lets_a_person_decide_until_it_is_interrupted(ran: Tool) -> None:
    process, address = started("tasks", "serve", "Orders", "--port", "0")
    try:
        assert answered(address, "approve") == 200
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0
    finally:
        process.kill()
        process.communicate()
    assert ran("tasks", "list", "Orders").out == "nothing waits for a person\n"


def test_run_serves_tasks_and_goes_on_while_one_waits(ran: Tool) -> None:
    words = ("run", "orders.kumeo", "--input", "e.jsonl", "--output", "o.jsonl", "-q")
    process, address = started(*words, "--tasks-port", "0")
    try:
        assert answered(address, "reject") == 200
        assert process.wait(30) == 0
    finally:
        process.kill()
        process.communicate()
    (line,) = Path("o.jsonl").read_text().splitlines()
    assert json.loads(line)["value"]["ok"]["decision"] == "reject"


def test_serve_invalid_people_is_refused(ran: Tool) -> None:
    Path("p.json").write_text("[]")
    done = ran("tasks", "serve", "Orders", "--people", "p.json", "--port", "0")
    assert (done.code, "invalid-people" in done.err) == (1, True)


URGENT = """schema Order { id: string  amount: float }

workflow Orders {
  source: NATS("orders.raw", schema: Order)
  target: NATS("orders.done")
  agents: [
    if source.amount > 100.0 {
      HumanReview(id: "soon", title: "Urgent", input: source, group: "credit", priority: 3,
                  timeout: 1h, on_timeout: "escalate", escalate_to: ["max"], reminder: 30m)
      emit { order: source, by: soon.by } to target
    } else {
      HumanReview(id: "ok", title: "Usual", input: source, timeout: 1h, on_timeout: "fail")
      emit { order: source, by: ok.by } to target
    }
  ]
}
"""


def test_tasks_of_high_priority_are_first_and_say_what_follows(
    kumeo: Tool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("KUMEO_NATS_URL", raising=False)
    Path("orders.kumeo").write_text(URGENT)
    Path("e.jsonl").write_text('{"id": "a", "amount": 5.0}\n{"id": "b", "amount": 500.0}\n')
    assert kumeo("run", "orders.kumeo", "--input", "e.jsonl", "-q").code == 0
    rows = kumeo("tasks", "list", "Orders").out.splitlines()[1:]
    assert [row.split()[-1] for row in rows] == ["Urgent", "Usual"]
    shown = kumeo("tasks", "show", "Orders", rows[0].split()[0]).out
    assert "then escalate to max\n" in shown
    assert re.search(r"^reminder:   \d{4}-", shown, re.MULTILINE)
    assert "priority:   3\n" in shown
