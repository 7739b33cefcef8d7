"""`agent.decide`: rules, criteria, and which operands matter."""

import math

import pytest

from kumeo.dialects.data.failures import DataFailure
from kumeo.interp import Run, World
from kumeo.interp.decide import closeness_of, topsis, weighted_product, weighted_sum
from kumeo.testing.small_workflows import play

ENUM = '!data.enum<"low", "mid", "high">'
RESULT = f"!data.record<{{decision: {ENUM}, rule: !data.str, score: !data.option<f64>}}>"


def decide(operands: str, types: str, rest: str, result: str = RESULT) -> Run:
    body = f"""%x = data.constant 0.25 : f64  %y = data.constant 1.0 : f64
    %none = data.constant -1.0 : f64
    %l = data.constant [1.0, 5.0, 2.0] : !data.list<f64>
    %badlist = data.list [%x] : !data.list<f64>
    %d = agent.decide {rest.format(operands)} id "d" site "d" : ({types}) -> {result}
    workflow.emit %d : {result} to @t site "t" """
    return play(body)


def first(operands: str, default: str = "") -> Run:
    rest = 'first_match ({}) outcomes ["low", "high"] ' + default
    return decide(operands, "i1, i1", rest)


def outcome(run: Run) -> tuple[str, str]:
    (payload,) = run.payloads("t")
    return payload["decision"], payload["rule"]


@pytest.mark.parametrize(
    ("operands", "expected"),
    [
        ("a = %yes, b = %yes", ("low", "a")),
        ("a = %no, b = %yes", ("high", "b")),
        ("a = %yes, b = %badflag", ("low", "a")),
    ],
)
def test_first_match_gives_the_first_rule_that_holds(
    operands: str, expected: tuple[str, str]
) -> None:
    assert outcome(first(operands)) == expected


@pytest.mark.parametrize("operands", ["a = %badflag, b = %yes", "a = %no, b = %badflag"])
def test_first_match_is_cancelled_by_a_failure_before_a_match(operands: str) -> None:
    run = first(operands, 'default "mid"')
    assert (run.payloads("t"), run.calls) == ([], [])


def test_first_match_without_a_match_gives_the_default() -> None:
    assert outcome(first("a = %no, b = %no", 'default "mid"')) == ("mid", "default")


def test_first_match_without_a_match_or_default_fails() -> None:
    assert first("a = %no, b = %no").reports[0].failure.code == "no-decision"


ALL = f"!data.record<{{decision: !data.list<{ENUM}>, rule: !data.str}}>"


@pytest.mark.parametrize(
    ("operands", "expected"),
    [
        ("a = %yes, b = %yes", (["low", "high"], "a, b")),
        ("a = %no, b = %yes", (["high"], "b")),
        ("a = %no, b = %no", ([], "")),
    ],
)
def test_all_match_gives_every_rule_that_holds(
    operands: str, expected: tuple[list[str], str]
) -> None:
    run = decide(operands, "i1, i1", 'all_match ({}) outcomes ["low", "high"]', ALL)
    (payload,) = run.payloads("t")
    assert (payload["decision"], payload["rule"]) == expected


def test_all_match_is_cancelled_by_any_failure() -> None:
    rest = 'all_match ({}) outcomes ["low", "high"]'
    assert decide("a = %yes, b = %badflag", "i1, i1", rest, ALL).calls == []


THRESHOLDS = """outcomes ["low", "mid", "high"] weights [2.0 : f64, 1.0 : f64]
thresholds [0.0 : f64, 1.5 : f64, 9.0 : f64]"""


def test_weighted_sum_takes_the_highest_threshold_reached() -> None:
    run = decide("a = %x, b = %y", "f64, f64", "weighted_sum ({}) " + THRESHOLDS)
    assert run.payloads("t") == [{"decision": "mid", "rule": "weighted_sum", "score": 1.5}]


def test_score_below_all_thresholds_gives_the_default_with_the_score() -> None:
    rest = "weighted_sum ({}) " + THRESHOLDS + ' default "high"'
    (payload,) = decide("a = %none, b = %x", "f64, f64", rest).payloads("t")
    assert payload == {"decision": "high", "rule": "default", "score": -1.75}


def test_outcomes_without_thresholds_split_the_unit_interval() -> None:
    rest = 'weighted_sum ({}) outcomes ["low", "mid", "high"]'
    (payload,) = decide("a = %x, b = %x", "f64, f64", rest).payloads("t")
    assert payload["decision"] == "mid"


def test_topsis_on_lists_gives_the_best_alternative() -> None:
    rest = 'topsis ({}) outcomes ["low", "mid", "high"]'
    (payload,) = decide("a = %l, b = %y", "!data.list<f64>, f64", rest).payloads("t")
    assert payload == {"decision": "mid", "rule": "topsis", "score": 1.0}


def test_topsis_on_lists_of_another_length_fails() -> None:
    rest = 'topsis ({}) outcomes ["low", "mid", "high"]'
    run = decide("a = %badlist, b = %y", "!data.list<f64>, f64", rest)
    assert run.reports[0].failure.code == "invalid-argument"


def test_decision_can_be_mocked() -> None:
    body = f"""%d = agent.decide first_match (a = %no) outcomes ["low"] id "d" site "d"
      : (i1) -> {RESULT}
    workflow.emit %d : {RESULT} to @t site "t" """
    answer = {"decision": "high", "rule": "x", "score": None}
    assert play(body, world=World(answers={"d": [answer]})).payloads("t") == [answer]


def test_weighted_sum_is_a_sum_from_the_left() -> None:
    assert weighted_sum([1.0, 2.0], [3.0, 0.5]) == 4.0


def test_weighted_product_raises_to_the_weights() -> None:
    assert weighted_product([4.0, 3.0], [0.5, 2.0]) == 18.0


def test_weighted_product_of_a_negative_criterion_fails() -> None:
    with pytest.raises(DataFailure, match="0 or more"):
        weighted_product([-1.0], [1.0])


def test_weighted_product_that_is_too_large_fails() -> None:
    with pytest.raises(DataFailure, match="too large"):
        weighted_product([1e300], [2.0])


@pytest.mark.parametrize(("criteria", "expected"), [([1.0, 1.0], 1.0), ([0.0, 0.0], 0.0)])
def test_topsis_of_one_alternative_is_between_worst_and_best(
    criteria: list[float], expected: float
) -> None:
    assert topsis(criteria, [1.0, 2.0]) == expected


def test_topsis_of_equal_alternatives_is_a_half() -> None:
    assert closeness_of([[2.0, 2.0]], [1.0]) == [0.5, 0.5]


def test_topsis_closeness_by_hand() -> None:
    close = closeness_of([[3.0, 4.0], [4.0, 3.0]], [1.0, 2.0])
    assert close == pytest.approx([2 / 3, 1 / 3])
    assert math.isclose(sum(close), 1.0)


def test_topsis_with_weights_that_vanish_is_no_number() -> None:
    assert math.isnan(topsis([0.5], [5e-324]))
