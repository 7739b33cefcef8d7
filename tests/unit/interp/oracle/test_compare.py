"""`compare`: one pair of modules for each way to differ, and for what may differ."""

from collections.abc import Callable

import pytest
from xdsl.dialects.builtin import ModuleOp

from kumeo.interp.oracle import Oracle, compare, make_trials
from kumeo.testing.small_workflows import module_of, parse

LLM = (
    '%p = data.format "x" ()\n'
    + '%r = agent.llm "m" (prompt = %p) id "a" site "{}" {} : (!data.str) -> i64'
)
EMIT = 'workflow.emit {} : i64 to @t site "{}"'
REVIEW = """%r = agent.review (input = %e) id "a" site "a"
  : (i64) -> !data.record<{decision: !data.enum<"a", "b">}>"""


def if_greater(limit: int) -> ModuleOp:
    return module_of(
        f"""%limit = data.constant {limit} : i64
        %c = data.compare gt, %e, %limit : i64
        workflow.if %c {{ {EMIT.format("%e", "x")} workflow.yield }}"""
    )


def keyed(*sites: str) -> ModuleOp:
    emits = [f'workflow.emit %e : !data.record<{{k: i64}}> to @t site "{site}"' for site in sites]
    return parse(
        f"""workflow.workflow @W {{
          workflow.source @s nats("s") key "k" : !data.record<{{k: i64}}>
          workflow.target @t nats("t")
          workflow.on @s (%e: !data.record<{{k: i64}}>) {{ {" ".join(emits)} workflow.return }}
        }}"""
    )


def test_compare_equal_modules_gives_nothing() -> None:
    assert compare(if_greater(1), if_greater(1)) is None


def test_compare_other_form_of_the_same_program_gives_nothing() -> None:
    body = "%sum = data.add %one, %one : i64\n" + EMIT.format("%sum", "x")
    folded = "%n = data.constant 2 : i64\n" + EMIT.format("%n", "x")
    assert compare(module_of(body), module_of(folded)) is None


def test_compare_fewer_calls_gives_nothing() -> None:
    emit = EMIT.format("%e", "x")
    assert compare(module_of(LLM.format("a", "") + "\n" + emit), module_of(emit)) is None


def test_compare_order_without_key_gives_nothing() -> None:
    first, second = EMIT.format("%e", "x"), EMIT.format("%e", "y")
    assert compare(module_of(first + "\n" + second), module_of(second + "\n" + first)) is None


SCORE = """agent.extern @f python("m:f") effects "{}" : (i64) -> i64
agent.extern @g python("m:g") effects "{}" : (i64) -> i64"""


def scored(body: str, effects: str = "pure") -> ModuleOp:
    return module_of(body, outside=SCORE.format(effects, effects))


def score(value: str, site: str, function: str = "f", effects: str = "pure") -> str:
    return (
        f'%{value} = agent.call @{function} (%e) effects "{effects}" '
        + f'id "{site}" site "{site}" : (i64) -> i64\n'
    )


def sent(*values: str) -> str:
    return "\n".join(EMIT.format(f"%{value}", value) for value in values)


def test_compare_failure_of_an_agent_merged_into_an_equal_one_gives_nothing() -> None:
    # The first failure that is observed is the report: that of the second agent.
    two = score("a", "left") + score("b", "right") + sent("b", "a")
    one = score("a", "left") + EMIT.format("%a", "b") + EMIT.format("%a", "a")
    assert compare(scored(two), scored(one), events=40) is None


def test_compare_failures_of_equal_agents_in_other_sites_differ() -> None:
    a, b = score("a", "left"), score("b", "right", "g")
    other = score("a", "right") + score("b", "left", "g") + sent("a", "b")
    found = compare(scored(a + b + sent("a", "b")), scored(other), events=40)
    assert found is not None
    assert found.what == "reports"


MAX = "%max = data.constant 9223372036854775807 : i64\n"
LLM_SENT = LLM.format("a", "") + "\n" + EMIT.format("%r", "x")
CASES: dict[str, tuple[Callable[[], ModuleOp], Callable[[], ModuleOp], str]] = {
    "payload": (
        lambda: module_of(EMIT.format("%one", "x")),
        lambda: module_of(EMIT.format("%zero", "x")),
        "messages",
    ),
    "site": (
        lambda: module_of(EMIT.format("%one", "x")),
        lambda: module_of(EMIT.format("%one", "y")),
        "messages",
    ),
    "boundary": (lambda: if_greater(123456), lambda: if_greater(123457), "messages"),
    "lost report": (
        lambda: module_of(EMIT.format("%bad", "x")),
        lambda: module_of(""),
        "reports",
    ),
    "target of reports": (
        lambda: module_of(EMIT.format("%bad", "x"), on_error="@errors"),
        lambda: module_of(EMIT.format("%bad", "x")),
        "reports",
    ),
    "other code": (
        lambda: module_of(EMIT.format("%bad", "x")),
        lambda: module_of(EMIT.format("%worse", "x")),
        "reports",
    ),
    "other message": (
        lambda: module_of(MAX + "%b = data.add %max, %one : i64\n" + EMIT.format("%b", "x")),
        lambda: module_of(MAX + "%b = data.mul %max, %two : i64\n" + EMIT.format("%b", "x")),
        "reports",
    ),
    "order": (lambda: keyed("x", "y"), lambda: keyed("y", "x"), "order"),
    "more calls": (
        lambda: module_of(EMIT.format("%e", "x")),
        lambda: module_of(LLM.format("a", "") + "\n" + EMIT.format("%e", "x")),
        "calls",
    ),
    "more attempts": (
        lambda: module_of(LLM.format("a", "")),
        lambda: module_of(LLM.format("a", "policy<attempts = 3>")),
        "calls",
    ),
    "lost act": (lambda: module_of(REVIEW), lambda: module_of(""), "acts"),
    "renamed workflow": (
        lambda: module_of(""),
        lambda: parse("workflow.workflow @V {}"),
        "workflows",
    ),
}


@pytest.mark.parametrize("case", sorted(CASES))
def test_compare_different_modules_says_what_differs(case: str) -> None:
    before, after, what = CASES[case]
    found = compare(before(), after())
    assert found is not None
    assert found.what == what


def test_compare_answer_replaced_by_what_the_stub_says_is_found_on_replay() -> None:
    module = module_of(LLM_SENT)
    trial = make_trials(module, 1, 0, 1)[0]
    from kumeo.interp import run

    (answer,) = run(module, "W", trial.events, trial.world).payloads("t") or [0]
    constant = module_of(f"%r = data.constant {answer} : i64\n" + EMIT.format("%r", "x"))
    oracle = Oracle(module, trials=(trial,))
    found = oracle.check(constant, reduce=False)
    assert found is not None
    assert found.what == "replay"


def test_difference_is_shown_on_one_plain_event() -> None:
    found = compare(if_greater(10), if_greater(9), events=20)
    assert found is not None
    assert [event.payload for event in found.trial.events] == [10]
    assert found.trial.world.fail_one_in == 0
    assert "event" in str(found)


def test_difference_names_the_place_of_the_emit() -> None:
    found = compare(module_of(EMIT.format("%one", "x")), module_of(EMIT.format("%zero", "x")))
    assert found is not None
    assert found.finding.site == "x"


def test_oracle_accepts_a_module_and_compares_the_next_with_it() -> None:
    oracle = Oracle(module_of(EMIT.format("%one", "x")))
    zero = module_of(EMIT.format("%zero", "x"))
    oracle.accept(zero)
    assert oracle.check(zero) is None
    assert oracle.check(module_of(EMIT.format("%one", "x"))) is not None


def test_compare_same_seed_gives_the_same_difference() -> None:
    first, second = (compare(if_greater(3), if_greater(4), seed=5) for _ in range(2))
    assert first == second
