"""What can be seen and done of a workflow that has run: tail, status, trace, dlq, tasks, replay."""

import json
import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ORDERS = """schema Order { id: string  amount: float  at: timestamp? }

workflow Orders {
  source: NATS("orders.raw", schema: Order)
  target: { small: NATS("orders.small"), large: NATS("orders.large") }
  agents: [
    if source.amount > 100.0 {
      HumanReview(id: "ok", title: "Large", input: source, form: { note: string? },
                  timeout: 1h, on_timeout: "fail")
      emit { order: source, ok: ok } to target.large
    } else {
      emit source to target.small
    }
  ]
}
"""
EVENTS = [
    '{"id": "a", "amount": 1.0}',
    '{"id": "b", "amount": 2.0}',
    '{"id": "big", "amount": 500.0}',
    '{"id": "odd", "amount": "a lot"}',
]
Tool = Callable[..., Any]


@pytest.fixture
def ran(kumeo: Tool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tool:
    """Return `kumeo` in a folder where two orders are done, one waits, and one is dead."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("KUMEO_NATS_URL", raising=False)
    Path("orders.kumeo").write_text(ORDERS)
    Path("e.jsonl").write_text("\n".join(EVENTS))
    assert kumeo("run", "orders.kumeo", "--input", "e.jsonl", "-q").code == 0
    return kumeo


def values(text: str) -> list[Any]:
    return [json.loads(line)["value"] for line in text.splitlines()]


def again(ran: Tool) -> list[Any]:
    """Run until all is handled and return the values that come."""
    Path("none.jsonl").write_text("")
    done = ran("run", "orders.kumeo", "--input", "none.jsonl", "--output", "-", "-q")
    assert done.code == 0, done.err
    return values(done.out)


def decide(ran: Tool, decision: str) -> None:
    """Answer the only task."""
    task = json.loads(ran("tasks", "list", "Orders", "--json").out)["id"]
    assert ran("tasks", "decide", "Orders", task, decision, "--by", "ana").code == 0


def test_tail_shows_the_last_values_of_targets(ran: Tool) -> None:
    found = values(ran("tail", "orders.kumeo", "--json").out)
    assert [value["id"] for value in found] == ["a", "b"]
    assert values(ran("tail", "orders.kumeo", "-n", "1", "--json").out) == found[1:]


def test_tail_one_target_shows_nothing_of_others(ran: Tool) -> None:
    assert ran("tail", "Orders", "large").out == ""


def test_tail_unknown_name_tells_the_nearest(ran: Tool) -> None:
    done = ran("tail", "Orders", "smal")
    assert done.code == 2
    assert "write `small`" in done.err


def test_tail_dead_letters_shows_the_reason(ran: Tool) -> None:
    (letter,) = values(ran("tail", "Orders", "--dead-letters", "--json").out)
    assert (letter["code"], letter["event"]["id"]) == ("invalid-event", "odd")


def test_status_counts_what_is_left(ran: Tool) -> None:
    found = json.loads(ran("status", "Orders", "--json").out)
    assert (found["dead_letters"], found["open_tasks"], found["process"]) == (1, 1, None)
    assert "dead letters: 1" in ran("status", "Orders").out


def test_trace_of_a_line_shows_event_and_result(ran: Tool) -> None:
    event = json.loads(ran("tail", "Orders", "-n", "1", "--json").out)["event"]
    text = ran("trace", "Orders", event).out
    assert ["event of source" in text, "result for small" in text] == [True, True]
    steps = [json.loads(line) for line in ran("trace", "Orders", event, "--json").out.splitlines()]
    assert [step["kind"] for step in steps] == ["event", "emit"]


def test_trace_of_a_message_shows_moments_as_text(ran: Tool) -> None:
    llm = 'LLM(id: "note", engine: "ollama/x", prompt: "{{ source.id }}", fallback: { text: "-" })'
    text = ORDERS.replace("agents: [", f"agents: [\n    {llm}")
    text = text.replace("emit source to", "emit { order: source, note: note } to")
    Path("orders.kumeo").write_text(text)
    event = '{"id": "m", "amount": 6.0, "at": "2026-01-01T10:00:00Z"}'
    assert ran("publish", "Orders", "source", event, "--id", "m").code == 0
    again(ran)
    steps = [json.loads(line) for line in ran("trace", "Orders", "m", "--json").out.splitlines()]
    (sent,) = [step for step in steps if step["kind"] == "edge"]
    assert sent["value"]["source"]["at"].startswith("2026-01-01T10:00:00")


def test_dlq_show_has_the_event(ran: Tool) -> None:
    letter = json.loads(ran("dlq", "list", "Orders", "--json").out)
    shown = json.loads(ran("dlq", "show", "Orders", letter["id"][:6]).out)
    assert (shown["code"], shown["event"]["id"]) == ("invalid-event", "odd")


def test_dlq_retry_of_a_corrected_workflow_handles_it(ran: Tool) -> None:
    decide(ran, "reject")
    again(ran)
    assert "again" in ran("dlq", "retry", "orders.kumeo", "--all").out
    Path("orders.kumeo").write_text(ORDERS.replace("amount: float", "amount: json", 1))
    text = Path("orders.kumeo").read_text().replace("source.amount > 100.0", 'source.id == "x"')
    Path("orders.kumeo").write_text(text)
    assert [value["id"] for value in again(ran)] == ["odd"]
    assert ran("dlq", "list", "Orders").out == "there are no dead letters\n"


def test_dlq_retry_without_ids_and_all_is_wrong_usage(ran: Tool) -> None:
    assert ran("dlq", "retry", "Orders").code == 2


def test_tasks_decide_lets_the_event_go_on(ran: Tool) -> None:
    assert "Large" in ran("tasks", "list", "Orders").out
    task = json.loads(ran("tasks", "list", "Orders", "--json").out)["id"]
    assert ran("tasks", "decide", "Orders", task, "perhaps").code == 2
    decide(ran, "reject")
    (value,) = again(ran)
    assert (value["order"]["id"], value["ok"]["decision"]) == ("big", "reject")
    assert ran("tasks", "list", "Orders").out == "nothing waits for a person\n"


def test_run_of_a_version_that_cannot_read_an_open_task_is_refused(ran: Tool) -> None:
    Path("orders.kumeo").write_text(ORDERS.replace("amount: float", "amount: float  vat: float?"))
    done = ran("run", "orders.kumeo", "--input", "e.jsonl", "-q")
    assert (done.code, "holds 1 open task," in done.err) == (1, True)
    assert "kumeo tasks list" in done.err


def test_tasks_show_has_the_form_and_a_command_that_answers(ran: Tool) -> None:
    task = json.loads(ran("tasks", "list", "Orders", "--json").out)
    shown = ran("tasks", "show", "Orders", task["id"][:8]).out
    assert "form:       note: text, may be left out\n" in shown
    (command,) = re.findall(r"^  kumeo (tasks decide .*)$", shown, re.MULTILINE)
    done = ran(*shlex.split(command))
    assert (done.code, "approve" in done.out) == (0, True), done.err


def test_tasks_json_has_moments_as_text(ran: Tool) -> None:
    task = json.loads(ran("tasks", "list", "Orders", "--json").out)
    moment = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"
    moments = [task[key] for key in ("now", "asked", "until")]
    assert [bool(re.fullmatch(moment, each)) for each in moments] == [True] * 3
    assert not {"asked_us", "body", "trail"} & set(task)


def test_tasks_withdraw_lets_an_edited_workflow_start_and_retry_asks_again(ran: Tool) -> None:
    Path("orders.kumeo").write_text(ORDERS.replace("amount: float", "amount: float  vat: float?"))
    assert ran("run", "orders.kumeo", "--input", "e.jsonl", "-q").code == 1
    done = ran("tasks", "withdraw", "Orders", "--all", "--reason", "asked anew", "--by", "ana")
    assert (done.code, done.out.startswith("withdrew ")) == (0, True), done.err
    assert again(ran) == []
    assert "ana has withdrawn the task: asked anew" in ran("dlq", "list", "Orders").out
    assert ran("dlq", "retry", "Orders", "--all", "--code", "withdrawn").code == 0
    assert again(ran) == []
    decide(ran, "approve")
    (value,) = again(ran)
    assert (value["order"]["id"], value["ok"]["decision"]) == ("big", "approve")


def test_run_of_the_old_build_handles_what_the_new_one_cannot_read(ran: Tool) -> None:
    decide(ran, "reject")
    Path("orders.kumeo").write_text(ORDERS.replace("amount: float", "amount: float  vat: float?"))
    refused = ran("run", "orders.kumeo", "--input", "e.jsonl", "-q")
    assert refused.code == 1
    (command,) = re.findall(r"`kumeo (run --build \S+ --drain)`", refused.err)
    done = ran(*command.split(), "--output", "-", "-q")
    assert [value["order"]["id"] for value in values(done.out)] == ["big"], done.err
    assert ran("run", "orders.kumeo", "--input", "e.jsonl", "-q").code == 0


def test_run_of_a_folder_without_a_build_says_where_builds_are(ran: Tool) -> None:
    done = ran("run", "--build", "elsewhere")
    assert (done.code, "`.kumeo/WORKFLOW/builds/`" in done.err) == (2, True)


def test_tasks_withdraw_of_a_decided_task_says_so(ran: Tool) -> None:
    task = json.loads(ran("tasks", "list", "Orders", "--json").out)["id"]
    decide(ran, "reject")
    done = ran("tasks", "withdraw", "Orders", task, "--reason", "late")
    assert (done.code, "task-decided" in done.err) == (1, True)


def test_dlq_drop_removes_the_letters_of_a_code(ran: Tool) -> None:
    assert ran("tasks", "withdraw", "Orders", "--all", "--reason", "r").code == 0
    done = ran("dlq", "drop", "Orders", "--all", "--code", "withdrawn", "--yes")
    assert done.out == "dropped 1 dead letter\n"
    assert json.loads(ran("dlq", "list", "Orders", "--json").out)["code"] == "invalid-event"


def test_dlq_drop_where_nobody_can_be_asked_wants_yes(ran: Tool) -> None:
    done = ran("dlq", "drop", "Orders", "--all")
    assert (done.code, "add `--yes`" in done.err) == (2, True)
    assert "invalid-event" in ran("dlq", "list", "Orders").out


def test_tasks_decide_form_that_does_not_fit_leaves_the_task_open(ran: Tool) -> None:
    task = json.loads(ran("tasks", "list", "Orders", "--json").out)["id"]
    done = ran("tasks", "decide", "Orders", task, "reject", "--form", '{"note": 3}')
    assert (done.code, "at note: expected text, not 3" in done.err) == (2, True)
    assert task[:12] in ran("tasks", "list", "Orders").out


def test_dlq_retry_of_an_event_that_is_nested_too_deep_sends_it(ran: Tool) -> None:
    ran("publish", "Orders", "source", "-", "--unchecked", stdin="[" * 100_000 + "\n")
    Path("none.jsonl").write_text("")
    assert "all-failed" in ran("run", "orders.kumeo", "--input", "none.jsonl", "-q").err
    code = "invalid-event"
    assert ran("dlq", "retry", "Orders", "--all", "--code", code).out.count("again\n") == 2


def test_replay_as_new_events_makes_new_results(ran: Tool) -> None:
    assert ran("replay", "Orders", "--to", "2").out == "sent 2 events again\n"
    assert [value["id"] for value in again(ran)] == ["a", "b"]


def test_replay_as_the_same_events_makes_nothing_twice(ran: Tool) -> None:
    assert ran("replay", "Orders", "--to", "2", "--same-ids").code == 0
    assert again(ran) == []


def test_replay_dry_run_sends_nothing(ran: Tool) -> None:
    assert ran("replay", "Orders", "--last", "3", "--dry-run").out == "would send 3 events again\n"
    assert again(ran) == []


def test_replay_without_a_range_is_wrong_usage(ran: Tool) -> None:
    assert ran("replay", "Orders").code == 2


def test_publish_lines_stores_the_good_ones_and_tells_the_others(ran: Tool) -> None:
    done = ran("publish", "Orders", "source", "-", stdin='{"id": "x", "amount": 1}\n{}\n')
    assert (done.code, done.out) == (1, "stored 1 event, refused 1\n")
    assert "<stdin>:2:1" in done.err
    assert [value["id"] for value in again(ran)] == ["x"]


def test_publish_unknown_source_tells_the_nearest(ran: Tool) -> None:
    done = ran("publish", "Orders", "sorce", "{}")
    assert (done.code, "write `source`" in done.err) == (2, True)


def test_run_unknown_config_entry_tells_what_there_is(ran: Tool) -> None:
    done = ran("run", "orders.kumeo", "--config", "limit=1", "--input", "e.jsonl")
    assert (done.code, "there is no config entry `limit`" in done.err) == (2, True)


def test_run_missing_input_tells_the_nearest(ran: Tool) -> None:
    done = ran("run", "orders.kumeo", "--input", "e.jsonk")
    assert (done.code, "did you mean `e.jsonl`?" in done.err) == (2, True)


@pytest.mark.parametrize("words", [["dlq"], ["dlq", "retry"], ["tasks", "decide"], ["run"]])
def test_help_of_a_command_teaches(kumeo: Tool, words: list[str]) -> None:
    done = kumeo(*words, "--help")
    assert done.code == 0
    assert "Usage: kumeo " + " ".join(words) in done.out
