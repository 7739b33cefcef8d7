"""What stages do: where a token goes, what it carries, and what is observed on the way."""

from typing import Any

import pytest

from kumeo.interp import Run, World, run
from kumeo.testing.small_workflows import events_of, parse

FIRST = "!data.option<!data.record<{message: !data.str, agent: !data.str}>>"


def play(stages: str, payloads: list[Any], world: World | None = None) -> Run:
    module = parse(
        f"""workflow.workflow @W {{
          workflow.source @s nats("s") : i64
          workflow.target @t nats("t")
          workflow.target @u nats("u")
          workflow.target @errors nats("errors")
          {stages}
        }}"""
    )
    return run(module, "W", events_of(payloads), world or World())


BAD = """%zero = data.constant 0 : i64
    %bad = data.rem %e, %zero : i64
    %odd = data.compare eq, %bad, %zero : i64"""


def entry(body: str, on_error: str = "") -> str:
    return f"agent.stage @on.s (%e: i64) entry [@s] {on_error} {{ {body} }}"


def emits(name: str, target: str) -> str:
    return f"""agent.stage @{name} (%x: i64) {{
      workflow.emit %x : i64 to @{target} site "{name}"
      agent.done
    }}"""


@pytest.mark.parametrize("edge", ["message", "inline"])
def test_goto_carries_values(edge: str) -> None:
    done = play(entry(f"agent.goto {edge} @a(%e : i64)") + emits("a", "t"), [4])
    assert done.payloads("t") == [4]


@pytest.mark.parametrize(("value", "target"), [(1, "t"), (3, "u")])
def test_branch_goes_one_way(value: int, target: str) -> None:
    body = """%two = data.constant 2 : i64
    %c = data.compare lt, %e, %two : i64
    agent.branch %c, message @a(%e : i64), message @b(%e : i64)"""
    done = play(entry(body) + emits("a", "t") + emits("b", "u"), [value])
    assert [sent.target for sent in done.emitted] == [target]


def test_branch_on_a_failure_goes_the_failed_way() -> None:
    body = f"{BAD} agent.branch %odd, message @a(%e : i64), done failed inline @b(%e : i64)"
    done = play(entry(body) + emits("a", "t") + emits("b", "u"), [1])
    assert [sent.target for sent in done.emitted] == ["u"]
    assert done.reports == []


def test_branch_on_a_failure_without_a_way_is_done() -> None:
    body = f"{BAD} agent.branch %odd, message @a(%e : i64), message @a(%e : i64)"
    done = play(entry(body) + emits("a", "t"), [1])
    assert done.emitted == []
    assert done.reports == []


@pytest.mark.parametrize(("value", "target"), [(1, "t"), (2, "t"), (3, "u"), (9, "u")])
def test_switch_goes_to_the_case_or_the_default(value: int, target: str) -> None:
    body = """agent.switch %e : i64 case 1 : i64, 2 : i64 inline @a(%e : i64)
      default inline @b(%e : i64)"""
    done = play(entry(body) + emits("a", "t") + emits("b", "u"), [value])
    assert [sent.target for sent in done.emitted] == [target]


def test_switch_on_a_boolean_reads_true_as_true() -> None:
    body = """%c = data.constant true : i1
    agent.switch %c : i1 case true inline @a(%e : i64) case false done"""
    assert len(play(entry(body) + emits("a", "t"), [1]).emitted) == 1


def test_switch_on_a_failure_goes_the_failed_way() -> None:
    body = f"""{BAD} agent.switch %bad : i64 case 1 : i64 inline @a(%e : i64)
      default inline @a(%e : i64) failed message @b(%e : i64)"""
    done = play(entry(body) + emits("a", "t") + emits("b", "u"), [1])
    assert [sent.target for sent in done.emitted] == ["u"]


def test_first_observed_failure_goes_through_all_stages_and_is_reported_once() -> None:
    body = f"{BAD} agent.observe %bad : i64 agent.goto message @a(%odd : i1)"
    later = 'agent.stage @a (%x: i1) { workflow.emit %x : i1 to @t site "a" agent.done }'
    done = play(entry(body, "on_error @errors") + later, [1])
    assert [(r.target, r.failure.code) for r in done.reports] == [("errors", "division-by-zero")]


def test_observe_a_value_reports_nothing() -> None:
    assert play(entry("agent.observe %e : i64 agent.done"), [1]).reports == []


def test_failure_of_a_failure_is_that_failure() -> None:
    body = f"{BAD} %f = agent.failure_of %odd : i1 -> f64 agent.observe %f : f64 agent.done"
    assert [r.failure.code for r in play(entry(body), [1]).reports] == ["division-by-zero"]


def test_failure_of_a_value_is_a_failure_too() -> None:
    body = "%f = agent.failure_of %e : i64 -> f64 agent.observe %f : f64 agent.done"
    assert [r.failure.code for r in play(entry(body), [1]).reports] == ["no-failure"]


def test_parked_agent_answers_in_the_next_stage() -> None:
    answer = '!data.record<{decision: !data.enum<"yes", "no">}>'
    review = f"""agent.stage @run.ask (%x: i64) {{
      %a = agent.review (input = %x) id "ask" site "ask" : (i64) -> {answer}
      workflow.emit %a : {answer} to @t site "a"
      agent.done
    }}"""
    world = World(answers={"ask": [{"decision": "no"}]})
    done = play(entry("agent.park @run.ask(%e : i64)") + review, [1], world)
    assert done.payloads("t") == [{"decision": "no"}]


def watched(inside: str, before: str = "%none") -> str:
    return f"""{BAD}
    %none = data.none : {FIRST}
    %known = data.constant {{message = "known", agent = ""}}
      : !data.record<{{message: !data.str, agent: !data.str}}>
    %some = data.some %known : {FIRST}
    %first = agent.watch {before} {{ {inside} agent.yield }}
    workflow.emit %first : {FIRST} to @t site "first"
    agent.done"""


def test_watch_gives_the_first_failure_and_keeps_it_inside() -> None:
    done = play(entry(watched("agent.observe %bad : i64")), [1])
    assert [sent["agent"] for sent in done.payloads("t")] == [""]
    assert done.reports == []


def test_watch_without_a_failure_gives_null() -> None:
    assert play(entry(watched("agent.observe %e : i64")), [1]).payloads("t") == [None]


def test_watch_keeps_what_was_observed_before() -> None:
    done = play(entry(watched("agent.observe %bad : i64", "%some")), [1])
    assert [sent["message"] for sent in done.payloads("t")] == ["known"]


def test_watch_gives_failing_results_as_they_are() -> None:
    body = f"""{BAD} %none = data.none : {FIRST}
    %first, %r = agent.watch %none -> (i64) {{ agent.yield %bad : i64 }}
    workflow.emit %first : {FIRST} to @t site "first"
    workflow.emit %r : i64 to @t site "r"
    agent.done"""
    done = play(entry(body), [1])
    assert done.payloads("t") == [None]
    assert [r.failure.code for r in done.reports] == ["division-by-zero"]
