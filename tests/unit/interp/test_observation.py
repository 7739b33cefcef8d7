"""Which failures are observed, by whom, and how often they are reported."""

import pytest

from kumeo.interp import Failure, World
from kumeo.testing.small_workflows import play

EMIT = 'workflow.emit %e : i64 to @t site "inner"'
LLM = """%p = data.constant "hi" : !data.str
%f = agent.llm "m" (prompt = %p) id "f" site "f" : (!data.str) -> i64
"""
FAILS = World(answers={"f": [{"fail": "down", "code": "timeout"}]})


def test_emit_of_a_failure_is_skipped_and_reported() -> None:
    run = play('workflow.emit %bad : i64 to @t site "a"\nworkflow.emit %e : i64 to @u site "b"')
    assert (run.payloads("t"), run.payloads("u")) == ([], [1])
    assert [(r.target, r.failure.code) for r in run.reports] == [(None, "division-by-zero")]


def test_report_goes_to_the_on_error_target_with_error_and_event() -> None:
    run = play(LLM + 'workflow.emit %f : i64 to @t site "a"', [7], FAILS, on_error="@errors")
    expected = {"error": {"code": "timeout", "message": "down", "agent": "f"}, "event": 7}
    assert run.payloads("errors") == [expected]


def test_two_observed_failures_give_one_report_of_the_first() -> None:
    run = play('workflow.emit %worse : i64 to @t site "a"\nworkflow.emit %bad : i64 to @t site "b"')
    assert [r.failure.code for r in run.reports] == ["null-value"]


def test_each_activation_has_its_own_report() -> None:
    run = play('workflow.emit %bad : i64 to @t site "a"', [1, 2])
    assert [r.event.id for r in run.reports] == ["e0", "e1"]


@pytest.mark.parametrize(
    "inner",
    [
        EMIT,
        f"workflow.if %yes {{ {EMIT} workflow.yield }}",
        "workflow.call @sub(%e) site 'sub' : (i64) -> ()".replace("'", '"'),
        """%r = agent.review (input = %e) id "r" site "r"
        : (i64) -> !data.record<{decision: !data.enum<"yes">}>""",
        """%p = data.constant "hi" : !data.str
        %g = agent.llm "m" (prompt = %p) id "g" site "g"
        fallback { workflow.emit %e : i64 to @t site "fb" agent.yield } : (!data.str) -> i64""",
    ],
    ids=["emit", "nested emit", "emitting call", "review", "emitting fallback"],
)
def test_failed_condition_of_something_that_acts_is_observed(inner: str) -> None:
    outside = f"""workflow.subworkflow @sub (%x: i64) {{
      workflow.call @deep(%x) site "deep" : (i64) -> ()
      workflow.return
    }}
    workflow.subworkflow @deep (%x: i64) {{ {EMIT_X} workflow.return }}"""
    run = play(f"workflow.if %badflag {{ {inner} workflow.yield }}", outside=outside)
    assert (run.emitted, run.calls) == ([], [])
    assert [r.failure.code for r in run.reports] == ["division-by-zero"]


EMIT_X = 'workflow.emit %x : i64 to @t site "x"'


def test_failed_condition_of_something_pure_is_not_observed() -> None:
    body = """%r = workflow.if %badflag -> (i64) { workflow.yield %one : i64 }
      else { workflow.yield %two : i64 }"""
    assert play(body).reports == []


def test_failed_condition_of_a_reading_agent_is_not_observed() -> None:
    run = play(f"workflow.if %badflag {{ {LLM} workflow.yield }}")
    assert (run.reports, run.calls) == ([], [])


def test_failed_condition_makes_every_result_that_failure() -> None:
    body = """%r, %q = workflow.if %badflag -> (i64, i64) { workflow.yield %one, %one : i64, i64 }
      else { workflow.yield %two, %two : i64, i64 }
    workflow.emit %q : i64 to @t site "a" """
    assert play(body).reports[0].failure.code == "division-by-zero"


def test_failed_match_subject_is_observed_if_a_case_acts() -> None:
    body = f"workflow.match %bad : i64 case 1 : i64 {{ {EMIT} workflow.yield }}"
    body += " default { workflow.yield }"
    assert len(play(body).reports) == 1


def test_failed_foreach_list_is_observed_if_the_body_acts() -> None:
    body = f"""%l = data.list [%bad] : !data.list<i64>
    workflow.foreach (%x: i64) in %l {{ {EMIT} workflow.yield }}"""
    assert len(play(body).reports) == 1


def test_acting_agent_that_reads_a_failure_is_cancelled_and_observes_it() -> None:
    body = """%r = agent.review (input = %bad) id "r" site "r"
      : (i64) -> !data.record<{decision: !data.enum<"yes">}>"""
    run = play(body)
    assert run.calls == []
    assert [r.failure.code for r in run.reports] == ["division-by-zero"]


def test_reading_agent_that_reads_a_failure_is_cancelled_in_silence() -> None:
    body = """%p = data.format "{{ x }}" (x = %bad)
    %f = agent.llm "m" (prompt = %p) id "f" site "f" : (!data.str) -> i64"""
    run = play(body)
    assert (run.calls, run.reports) == ([], [])


def test_acting_agent_that_fails_itself_is_not_observed_until_read() -> None:
    body = """%r = agent.review (input = %e) id "r" site "r"
      : (i64) -> !data.record<{decision: !data.enum<"yes">}>"""
    run = play(body, world=World(answers={"r": [{"fail": "asleep"}]}))
    assert len(run.calls) == 1
    assert run.reports == []


@pytest.mark.parametrize(
    "make",
    [
        "%x = data.mul %big, %big : f64",
        "%i = data.mul %big, %big : f64 %x = data.neg %i : f64",
        "%i = data.mul %big, %big : f64 %x = data.sub %i, %i : f64",
    ],
    ids=["infinity", "minus infinity", "nan"],
)
def test_emit_of_a_number_that_is_not_finite_is_observed(make: str) -> None:
    run = play(
        f"""%big = data.constant 1.0e300 : f64 {make}
        workflow.emit %x : f64 to @t site "a" """
    )
    assert run.emitted == []
    assert [r.failure.code for r in run.reports] == ["not-finite"]


def test_failure_of_an_agent_names_its_site() -> None:
    run = play(LLM + 'workflow.emit %f : i64 to @t site "a"', world=FAILS)
    assert run.reports[0].failure == Failure("timeout", "down", "f")
