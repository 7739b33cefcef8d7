"""What becomes of a task that nobody answers in time."""

from typing import Any

import pytest

from kumeo.interp import Run, World
from kumeo.testing.small_workflows import play

TASK = """
    %r = agent.review (input = %e) settings {{{settings}}} id "r" site "r"
      : (i64) -> !data.record<{{decision: !data.enum<"approve", "reject">, by: !data.str,
        at: !data.time, note: !data.option<!data.str>}}>
    workflow.emit %r : !data.record<{{decision: !data.enum<"approve", "reject">, by: !data.str,
        at: !data.time, note: !data.option<!data.str>}}> to @t site "out"
"""
LATE = {"fail": "nobody answered", "code": "timeout"}
ANSWER = {"decision": "approve", "by": "ann", "at": "2026-01-01T00:00:00Z", "note": "fine"}


def outcome(settings: str, *answers: Any) -> Run:
    world = World(answers={"r": list(answers)}, now_us=1_000_000)
    return play(TASK.format(settings=settings), [1], world)


def sent(run: Run) -> list[Any]:
    return [each.payload for each in run.emitted]


def test_decision_on_timeout_is_taken() -> None:
    run = outcome('on_timeout = "reject"', LATE)
    assert sent(run) == [
        {"decision": "reject", "by": "timeout", "at": "1970-01-01T00:00:01Z", "note": None}
    ]
    assert run.reports == []


def test_answer_in_time_ignores_on_timeout() -> None:
    assert sent(outcome('on_timeout = "reject"', ANSWER)) == [ANSWER]


def test_escalate_waits_for_one_more_answer() -> None:
    run = outcome('on_timeout = "escalate"', LATE, ANSWER)
    assert sent(run) == [ANSWER]
    assert [call.attempt for call in run.calls] == [1, 2]


def test_escalate_twice_late_is_a_failure() -> None:
    run = outcome('on_timeout = "escalate"', LATE, LATE)
    assert sent(run) == []
    assert [report.failure.code for report in run.reports] == ["timeout"]


@pytest.mark.parametrize("settings", ['on_timeout = "fail"', ""])
def test_without_a_way_out_the_failure_stays(settings: str) -> None:
    assert [r.failure.code for r in outcome(settings, LATE).reports] == ["timeout"]


def test_other_failures_do_not_time_out() -> None:
    run = outcome('on_timeout = "reject"', {"fail": "the page is down"})
    assert [r.failure.code for r in run.reports] == ["attempt-failed"]


EDIT = """
    %r = agent.review (input = %e, edit = %e) settings {{{settings}}} id "r" site "r"
      : (i64, i64) -> !data.record<{{decision: !data.enum<"approve", "reject">, by: !data.str,
        at: !data.time, value: i64}}>
    workflow.emit %r : !data.record<{{decision: !data.enum<"approve", "reject">, by: !data.str,
        at: !data.time, value: i64}}> to @t site "out"
"""
PLAIN = {"decision": "approve", "by": "ann", "at": "2026-01-01T00:00:00Z"}


def edited(settings: str, *answers: Any) -> Run:
    world = World(answers={"r": list(answers)}, now_us=1_000_000)
    return play(EDIT.format(settings=settings), [7], world)


def test_answer_without_the_value_leaves_it_unchanged() -> None:
    assert sent(edited("", PLAIN)) == [{**PLAIN, "value": 7}]


def test_answer_with_a_value_changes_it() -> None:
    assert sent(edited("", {**PLAIN, "value": 8})) == [{**PLAIN, "value": 8}]


def test_value_of_another_type_is_no_answer() -> None:
    run = edited("", {**PLAIN, "value": "eight"})
    assert sent(run) == []
    assert [each.code for each in run.diagnostics] == ["invalid-answer"]


def test_value_is_unchanged_after_a_timeout() -> None:
    (only,) = sent(edited('on_timeout = "reject"', LATE))
    assert (only["decision"], only["value"]) == ("reject", 7)


def test_value_is_unchanged_by_who_gets_it_later() -> None:
    (only,) = sent(edited('on_timeout = "escalate"', LATE, PLAIN))
    assert (only["by"], only["value"]) == ("ann", 7)


def test_failure_stays_a_failure_although_the_value_is_left_out() -> None:
    run = edited("", {"fail": "broken"})
    assert (sent(run), len(run.reports)) == ([], 1)
