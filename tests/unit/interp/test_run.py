"""Events, configuration, clock, trace, replay, and worlds that do not fit."""

from typing import Any

import pytest

from kumeo.interp import Event, Run, World, recordings_of, run
from kumeo.testing.small_workflows import events_of, module_of, parse, play

EMIT = 'workflow.emit %e : i64 to @t site "t"'


@pytest.mark.parametrize("payload", ["x", None, 1.5, 2**63, [1], {}, True])
def test_event_that_does_not_fit_is_reported_and_starts_nothing(payload: Any) -> None:
    result = play(EMIT, [payload], on_error="@errors")
    assert result.emitted == []
    (report,) = result.payloads("errors")
    assert (report["error"]["code"], report["event"]) == ("invalid-event", payload)


def test_event_that_does_not_fit_leaves_the_others_alone() -> None:
    assert play(EMIT, [1, "x", 3]).payloads("t") == [1, 3]


def test_event_of_an_unknown_source_is_reported() -> None:
    result = play(EMIT, [Event("e", "elsewhere", 1)])
    assert [r.failure.code for r in result.reports] == ["unknown-source"]


def test_extra_fields_are_ignored_and_missing_optional_ones_null() -> None:
    source = "!data.record<{a: i64, b: !data.option<i64>}>"
    body = f'workflow.emit %e : {source} to @t site "t"'
    result = play(body, [{"a": 1, "z": 9}], source=source)
    assert result.payloads("t") == [{"a": 1, "b": None}]


def test_now_is_the_time_of_the_activation() -> None:
    body = """%n = workflow.now
    workflow.emit %n : !data.time to @t site "t" """
    world = World(now_us=0, times={"e1": 60_000_000})
    expected = ["1970-01-01T00:00:00Z", "1970-01-01T00:01:00Z"]
    assert play(body, [1, 2], world).payloads("t") == expected


CONFIG = """%c = workflow.config_value @limit : i64
workflow.emit %c : i64 to @t site "t" """
CONSTANT = "workflow.config @limit : i64 = 5 : i64"
DYNAMIC = CONSTANT + " dynamic"


def test_config_has_its_default() -> None:
    assert play(CONFIG, declarations=CONSTANT).payloads("t") == [5]


def test_config_can_be_overridden() -> None:
    world = World(config={"limit": 7})
    assert play(CONFIG, [1, 1], world, declarations=CONSTANT).payloads("t") == [7, 7]


@pytest.mark.parametrize(("declared", "expected"), [(DYNAMIC, [5, 8, 8]), (CONSTANT, [5, 5, 5])])
def test_only_dynamic_config_changes_between_events(declared: str, expected: list[int]) -> None:
    world = World(config_changes={"e1": {"limit": 8}})
    assert play(CONFIG, [1, 1, 1], world, declarations=declared).payloads("t") == expected


@pytest.mark.parametrize(
    ("config", "code"), [({"limit": "x"}, "invalid-override"), ({"limt": 1}, "unknown-override")]
)
def test_wrong_override_is_a_diagnostic_and_the_default_stays(config: Any, code: str) -> None:
    result = play(CONFIG, world=World(config=config), declarations=CONSTANT)
    assert [d.code for d in result.diagnostics] == [code]
    assert result.payloads("t") == [5]


@pytest.mark.parametrize("name", ["Other", "W"])
def test_unknown_workflow_is_a_diagnostic(name: str) -> None:
    module = module_of(EMIT)
    result = run(module, name, events_of([1]), World())
    assert [d.code for d in result.diagnostics] == ([] if name == "W" else ["unknown-workflow"])


def test_only_workflow_needs_no_name() -> None:
    assert run(module_of(EMIT), None, events_of([1]), World()).payloads("t") == [1]


def test_no_workflow_is_a_diagnostic() -> None:
    result = run(parse("builtin.module {}"), None, events_of([1]), World())
    assert result.diagnostics[0].help() == "the module has no workflows"


LLM = """%p = data.constant "hi" : !data.str
%f = agent.llm "m" (prompt = %p) id "f" site "f" policy<attempts = 2> : (!data.str) -> i64
%r = agent.review (input = %f) id "r" site "r"
  : (i64) -> !data.record<{decision: !data.enum<"yes", "no">, at: !data.time}>
workflow.emit %r : !data.record<{decision: !data.enum<"yes", "no">, at: !data.time}> to @t site "r"
workflow.emit %f : i64 to @u site "f" """

WORLDS = {
    "stubs": World(seed=3),
    "failing stubs": World(fail_one_in=2),
    "mocks": World(answers={"f": [{"fail": "a", "code": "timeout"}, 4, 5, {"fail": "b"}]}),
}


def outcome(result: Run) -> Any:
    calls = [(c.site, c.path, c.attempt, c.outcome, c.event) for c in result.calls]
    return result.emitted, calls, result.reports


@pytest.mark.parametrize("name", WORLDS)
def test_recordings_replay_the_run_exactly(name: str) -> None:
    module, events = module_of(LLM), events_of([1, 2, 3, 4])
    first = run(module, "W", events, WORLDS[name])
    again = run(module, "W", events, World(recordings=recordings_of(first), seed=99))
    assert outcome(again) == outcome(first)
    assert recordings_of(again) == recordings_of(first)


def test_recordings_hold_no_answers_that_were_computed() -> None:
    body = """%r = agent.process (%e) do (%x: i64) { agent.yield %x : i64 }
      id "p" site "p" : (i64) -> i64"""
    result = play(body)
    assert (len(result.calls), recordings_of(result)) == (1, {})


def test_event_that_comes_again_repeats_its_messages_but_not_its_calls() -> None:
    event = Event("same", "s", 1)
    result = play(LLM, [event, event], World(answers={"f": [4]}))
    assert len(result.calls) == 2
    assert result.payloads("u") == [4, 4]
    assert len({e.id for e in result.emitted}) == len(result.emitted) // 2


def test_event_that_comes_again_keeps_its_configuration() -> None:
    events = [Event(id, "s", 1) for id in ("old", "new", "old", "last")]
    world = World(config_changes={"old": {"limit": 1}, "new": {"limit": 2}})
    assert play(CONFIG, events, world, declarations=DYNAMIC).payloads("t") == [1, 2, 1, 2]


def test_trace_of_agents_names_them() -> None:
    result = play(LLM, world=World(answers={"f": [4]}))
    assert [(t.name, t.event) for t in result.trace] == [("f", "e0"), ("r", "e0")]


def test_trace_of_everything_has_each_value_and_failure() -> None:
    body = "%a = data.add %e, %two : i64 %b = data.rem %a, %zero : i64"
    result = play(body, [5], World(trace="all"))
    values = {t.name: t.value for t in result.trace}
    assert values["data.add"] == 7
    assert values["data.rem"].code == "division-by-zero"


def test_trace_of_nothing_is_empty() -> None:
    assert play(LLM, world=World(trace="none")).trace == []


def test_op_without_a_rule_fails_and_nothing_is_raised() -> None:
    body = "%x = builtin.unrealized_conversion_cast %e : i64 to i64\n" + EMIT.replace("%e", "%x")
    result = run(module_of(body), "W", events_of([1]), World())
    assert [r.failure.code for r in result.reports] == ["not-executable"]


TWO = """workflow.workflow @W {
  workflow.source @a nats("a") : i64
  workflow.source @b nats("b") : !data.str
  workflow.target @t nats("t")
  workflow.on @a (%x: i64) { workflow.emit %x : i64 to @t site "x" workflow.return }
  workflow.on @b (%y: !data.str) { workflow.emit %y : !data.str to @t site "y" workflow.return }
  workflow.on @a (%z: i64) { workflow.emit %z : i64 to @t site "z" workflow.return }
}"""


def test_each_body_that_reads_the_source_is_activated() -> None:
    result = run(parse(TWO), "W", [Event("1", "b", "hi"), Event("2", "a", 3)], World())
    assert [(e.site, e.payload) for e in result.emitted] == [("y", "hi"), ("x", 3), ("z", 3)]


def nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("depth", "code"), [(128, None), (129, "invalid-event"), (10**5, "invalid-event")]
)
def test_payload_may_be_nested_128_levels_deep(depth: int, code: str | None) -> None:
    body = 'workflow.emit %e : !data.json to @t site "t"'
    result = play(body, [nested(depth)], source="!data.json")
    assert [r.failure.code for r in result.reports] == ([] if code is None else [code])


def test_answer_that_is_nested_too_deeply_is_invalid() -> None:
    body = (
        LLM.splitlines()[0]
        + """
    %f = agent.llm "m" (prompt = %p) id "f" site "f" : (!data.str) -> !data.json"""
    )
    result = play(body, world=World(answers={"f": [nested(10**5)]}))
    assert [d.code for d in result.diagnostics] == ["invalid-answer"]


@pytest.mark.parametrize("trace", ["agents", "all"])
def test_deep_value_made_inside_is_a_failure_at_worst(trace: Any) -> None:
    body = """%j = data.call "parse_json"(%e) : !data.json
    %c = data.compare eq, %j, %j : !data.json
    %p = data.format "{{ j }}" (j = %j)
    %m = agent.model @m (j = %j) id "m" site "m" : (!data.json) -> i64
    %a = agent.aggregate (key = %j, n = %j) reducers ["count"] id "a" site "a"
      : (!data.json, !data.json) -> !data.record<{n: i64}>
    workflow.emit %c : i1 to @t site "t"
    workflow.emit %p : !data.str to @t site "p"
    workflow.emit %j : !data.json to @t site "j" """
    declared = 'workflow.model @m onnx("missing.onnx")'
    payload = "[" * 900 + "]" * 900
    result = play(body, [payload], World(trace=trace), source="!data.str", declarations=declared)
    assert len(result.reports) <= 1
