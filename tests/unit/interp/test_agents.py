"""The course of an agent: cancel, attempts, fallback, and where answers come from."""

from typing import Any

import pytest

from kumeo.diagnostics import Point
from kumeo.interp import Failure, World
from kumeo.testing.small_workflows import play

EMIT = 'workflow.emit %f : i64 to @t site "t"'


def llm(id: str = "f", *, attempts: int = 1, fallback: str = "", prompt: str = '"hi"') -> str:
    policy = f"policy<attempts = {attempts}>" if attempts > 1 else ""
    fallback = f"fallback {{ {fallback} }}" if fallback else ""
    return f"""%p{id} = data.constant {prompt} : !data.str
    %{id} = agent.llm "m" (prompt = %p{id}) id "{id}" site "{id}" {policy} {fallback}
      : (!data.str) -> i64
    """


def fails(*messages: str, then: Any = None) -> list[Any]:
    answers: list[Any] = [{"fail": message} for message in messages]
    return answers if then is None else [*answers, then]


def test_mock_answers_are_used_in_order() -> None:
    run = play(llm() + EMIT, [0, 0], World(answers={"f": [4, 5]}))
    assert run.payloads("t") == [4, 5]


def test_call_is_recorded_with_its_place_and_outcome() -> None:
    (call,) = play(llm(), world=World(answers={"f": [4]})).calls
    assert (call.agent, call.site, call.path, call.attempt) == ("f", "f", (), 1)
    assert (call.outcome, call.event, call.given) == (4, "e0", True)


def test_failed_attempts_are_retried_and_all_recorded() -> None:
    world = World(answers={"f": fails("a", "b", then=7)})
    run = play(llm(attempts=3) + EMIT, world=world)
    assert run.payloads("t") == [7]
    assert [(c.attempt, c.outcome) for c in run.calls] == [
        (1, Failure("attempt-failed", "a", "f")),
        (2, Failure("attempt-failed", "b", "f")),
        (3, 7),
    ]


def test_agent_that_succeeds_is_not_tried_again() -> None:
    assert len(play(llm(attempts=3), world=World(answers={"f": [1, 2, 3]})).calls) == 1


def test_last_failure_is_the_result_without_fallback() -> None:
    run = play(llm(attempts=2) + EMIT, world=World(answers={"f": fails("a", "b")}))
    assert run.reports[0].failure.message == "b"


def test_fallback_value_replaces_a_failed_agent() -> None:
    body = llm(attempts=2, fallback="agent.yield %two : i64") + EMIT
    run = play(body, world=World(answers={"f": fails("a", "b")}))
    assert (run.payloads("t"), run.reports, len(run.calls)) == ([2], [], 2)


def test_fallback_is_not_run_for_an_agent_that_answers() -> None:
    fallback = 'workflow.emit %e : i64 to @u site "fb" agent.yield'
    assert play(llm(fallback=fallback), world=World(answers={"f": [1]})).emitted == []


def test_fallback_may_be_another_agent() -> None:
    body = llm(fallback=llm("g") + "agent.yield %g : i64") + EMIT
    run = play(body, world=World(answers={"f": fails("a"), "g": [9]}))
    assert run.payloads("t") == [9]
    assert [c.agent for c in run.calls] == ["f", "g"]


def test_fallback_agent_that_fails_gives_its_own_failure() -> None:
    body = llm(fallback=llm("g") + "agent.yield %g : i64") + EMIT
    run = play(body, world=World(answers={"f": fails("a"), "g": fails("b")}))
    assert run.reports[0].failure == Failure("attempt-failed", "b", "g")


HANDLED = llm(fallback='workflow.emit %e : i64 to @u site "fb" agent.yield')
DOWN = World(answers={"f": fails("down")})


def test_handled_failure_cancels_readers_and_is_never_reported() -> None:
    run = play(HANDLED + EMIT, [6], DOWN)
    assert (run.payloads("t"), run.payloads("u"), run.reports) == ([], [6], [])


def test_handled_failure_of_a_condition_is_not_reported() -> None:
    body = HANDLED + "%c = data.compare eq, %f, %one : i64\n"
    run = play(body + f"workflow.if %c {{ {EMIT} workflow.yield }}", [6], DOWN)
    assert (run.payloads("t"), run.reports) == ([], [])


def test_handled_failure_as_a_try_result_needs_no_handler() -> None:
    body = f"""%r = workflow.try -> (i64) {{ {HANDLED} workflow.yield %f : i64 }}
      catch (%err: !data.record<{{message: !data.str, agent: !data.str}}>) {{
        workflow.emit %one : i64 to @t site "h" workflow.yield %one : i64 }}
    workflow.emit %r : i64 to @t site "r" """
    run = play(body, [6], DOWN)
    assert (run.payloads("t"), run.reports) == ([], [])


def test_handled_failure_stays_handled_through_data_operations() -> None:
    body = HANDLED + '%s = data.add %f, %one : i64\nworkflow.emit %s : i64 to @t site "s"'
    assert play(body, [6], DOWN).reports == []


def test_failure_in_an_emitting_fallback_is_observed() -> None:
    body = llm(fallback='workflow.emit %bad : i64 to @u site "fb" agent.yield')
    assert [r.failure.code for r in play(body, world=DOWN).reports] == ["division-by-zero"]


def test_cancelled_agent_does_not_run_its_fallback() -> None:
    body = """%p = data.format "{{ x }}" (x = %bad)
    %f = agent.llm "m" (prompt = %p) id "f" site "f" fallback { agent.yield %two : i64 }
      : (!data.str) -> i64
    """
    run = play(body + EMIT)
    assert (run.payloads("t"), run.calls) == ([], [])


def test_attempts_are_counted_per_iteration() -> None:
    body = f"""%l = data.list [%one, %two] : !data.list<i64>
    workflow.foreach (%x: i64) in %l {{ {llm(attempts=2)} workflow.yield }}"""
    run = play(body, world=World(answers={"f": fails("a", then=1) + fails("b", then=2)}))
    assert [(c.path, c.attempt) for c in run.calls] == [((0,), 1), ((0,), 2), ((1,), 1), ((1,), 2)]


def test_agent_in_a_subworkflow_is_named_as_written_and_placed_below_the_call() -> None:
    outside = f"workflow.subworkflow @sub () {{ {llm()} workflow.return }}"
    run = play('workflow.call @sub() site "c" : () -> ()', outside=outside)
    assert [(c.agent, c.site) for c in run.calls] == [("f", "c/f")]


def test_inlined_agent_is_still_mocked_by_the_id_as_written() -> None:
    body = """%p = data.constant "hi" : !data.str
    %f = agent.llm "m" (prompt = %p) id "c/f" site "c/f" : (!data.str) -> i64
    """
    run = play(body + EMIT, world=World(answers={"f": [3]}))
    assert (run.payloads("t"), run.calls[0].agent) == ([3], "f")


@pytest.mark.parametrize("answer", ["text", None, 1.5, {"fail": 1}, {"fail": "x", "more": 1}, []])
def test_wrong_answer_fails_the_attempt_with_a_diagnostic(answer: Any) -> None:
    run = play(llm() + EMIT, world=World(answers={"f": [answer]}))
    assert [r.failure.code for r in run.reports] == ["invalid-answer"]
    (problem,) = run.diagnostics
    assert problem.code == "invalid-answer"
    assert "`f`" in problem.headline


def test_wrong_answer_may_be_followed_by_a_right_one() -> None:
    run = play(llm(attempts=2) + EMIT, world=World(answers={"f": ["text", 2]}))
    assert run.payloads("t") == [2]


def test_call_beyond_the_last_mock_answer_fails_with_a_diagnostic() -> None:
    run = play(llm() + EMIT, [0, 0], World(answers={"f": [1]}))
    assert [d.code for d in run.diagnostics] == ["missing-answer"]
    assert [r.failure.code for r in run.reports] == ["missing-answer"]


def test_diagnostic_about_an_answer_points_to_the_agent() -> None:
    body = """%p = data.constant "hi" : !data.str
    %f = agent.llm "m" (prompt = %p) id "f" site "f" : (!data.str) -> i64 loc("a.kumeo":3:5)"""
    run = play(body, world=World(answers={"f": ["x"]}))
    assert run.diagnostics[0].place == Point("a.kumeo", 3, 5)


PROCESS = """%r = agent.process (%e) do (%x: i64) {
  %ten = data.constant 10 : i64
  %y = data.rem %ten, %x : i64
  agent.yield %y : i64
} id "p" site "p" : (i64) -> i64
workflow.emit %r : i64 to @t site "t"
"""


def test_process_computes_from_its_inputs() -> None:
    run = play(PROCESS, [3])
    assert (run.payloads("t"), run.calls[0].outcome, run.calls[0].given) == ([1], 1, False)


def test_process_that_fails_is_the_agent_to_blame() -> None:
    run = play(PROCESS, [0])
    assert run.reports[0].failure.agent == "p"
    assert run.calls[0].outcome.code == "division-by-zero"


def test_process_can_be_mocked() -> None:
    run = play(PROCESS, [3], World(answers={"p": [77]}))
    assert (run.payloads("t"), run.calls[0].given) == ([77], True)


def test_process_may_give_null() -> None:
    body = """%o = data.none : !data.option<i64>
    %r = agent.process (%o) do (%x: !data.option<i64>) { agent.yield %x : !data.option<i64> }
      id "p" site "p" : (!data.option<i64>) -> !data.option<i64>
    workflow.emit %r : !data.option<i64> to @t site "t" """
    assert play(body).payloads("t") == [None]


ASKED = {
    "llm": ('agent.llm "m" (prompt = %p)', "(!data.str) -> i64", 5),
    "retrieve": ("agent.retrieve @kb ()", "() -> !data.str", "all of it"),
    "search": (
        "agent.retrieve @kb (query = %p)",
        "(!data.str) -> !data.list<!data.record<{text: !data.str, source: !data.str, score: f64}>>",
        [{"text": "a", "source": "b.md", "score": 0.5}],
    ),
    "query": (
        'agent.query @db (id = %p) sql "select 1"',
        "(!data.str) -> !data.list<!data.record<{n: i64}>>",
        [{"n": 1}],
    ),
    "review": (
        "agent.review (input = %p)",
        '(!data.str) -> !data.record<{decision: !data.enum<"yes", "no">, at: !data.time}>',
        {"decision": "no", "at": "2026-01-02T03:04:05Z"},
    ),
    "call": ('agent.call @fn (%p) effects "read"', "(!data.str) -> f64", 2.5),
}
DECLARED = """workflow.context @kb knowledge("docs")
workflow.context @db database("db")
agent.extern @fn python("m:f") effects "read" : (!data.str) -> f64"""


def asking(kind: str) -> str:
    op, types, _ = ASKED[kind]
    result = types.partition("-> ")[2]
    return f"""%p = data.constant "hi" : !data.str
    %r = {op} id "a" site "a" : {types}
    workflow.emit %r : {result} to @t site "t" """


@pytest.mark.parametrize("kind", ASKED)
def test_agent_that_asks_the_world_gives_the_answer(kind: str) -> None:
    answer = ASKED[kind][2]
    run = play(asking(kind), world=World(answers={"a": [answer]}), declarations=DECLARED)
    assert run.payloads("t") == [answer]


@pytest.mark.parametrize("kind", ASKED)
def test_agent_that_asks_the_world_has_a_stub_of_its_type(kind: str) -> None:
    run = play(asking(kind), declarations=DECLARED)
    assert (len(run.emitted), run.reports, run.calls[0].given) == (1, [], True)
