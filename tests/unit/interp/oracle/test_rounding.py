"""How far numbers may move from the first pass on that rounds them."""

from typing import Any

import pytest
from xdsl.dialects.builtin import ModuleOp

from kumeo.interp.oracle import Oracle
from kumeo.interp.oracle.observe import Report
from kumeo.interp.oracle.rounding import is_close, numbers_close
from kumeo.testing.small_workflows import module_of

ROUNDS = 1e-6


def emits(number: str) -> ModuleOp:
    return module_of(
        f"""%n = data.constant {number} : f64
        workflow.emit %n : f64 to @t site "x" """
    )


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (0.5, 0.5 + 1e-07),
        (1000000000.0, 1000000000.0 + 1.0),
        ({"p": [0.0]}, {"p": [1e-09]}),
        (float("nan"),) * 2,
        ("risk 0.5, n=3.", "risk 0.50000001, n=3."),
        ("0.0", "1e-09"),
    ],
)
def test_numbers_that_are_rounded_are_close(first: Any, second: Any) -> None:
    assert numbers_close(first, second, ROUNDS)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (0.5, 0.50001),
        (1, 2),
        (True, False),
        ([0.5], [0.5, 0.5]),
        ("0.5 of 2", "0.50000001 of 3"),
        ("v1.2.5", "v1.2.50000001"),
        ("a0.5", "a0.50000001"),
        ("0.5 0.5", "0.5"),
        ("10000000", "10000001"),
        ("0.5", "0.51"),
    ],
)
def test_numbers_that_are_not_rounded_are_not_close(first: Any, second: Any) -> None:
    assert not numbers_close(first, second, ROUNDS)


def test_reports_with_another_message_are_not_close() -> None:
    report = Report(None, "impossible-evidence", "a", "e0", "risk")
    assert not is_close(report, report._replace(message="b"), ROUNDS)


def test_reports_whose_message_shows_a_rounded_number_are_close() -> None:
    report = Report(None, "unknown-state", "`Seen` has no state `0.5`", "e0", "risk")
    assert is_close(report, report._replace(message="`Seen` has no state `0.50000001`"), ROUNDS)


def test_oracle_without_rounding_tells_the_last_digit() -> None:
    assert Oracle(emits("0.5")).check(emits("0.50000001")) is not None


def test_oracle_with_rounding_takes_the_last_digit() -> None:
    assert Oracle(emits("0.5")).check(emits("0.50000001"), rounds=ROUNDS) is None


def test_oracle_with_rounding_tells_a_larger_step() -> None:
    assert Oracle(emits("0.5")).check(emits("0.501"), rounds=ROUNDS) is not None


def test_oracle_after_rounding_keeps_the_tolerance() -> None:
    oracle = Oracle(emits("0.5"))
    oracle.check(emits("0.50000001"), rounds=ROUNDS)
    assert oracle.check(emits("0.50000002")) is None


def test_stub_of_a_text_with_a_rounded_number_is_the_same() -> None:
    def asks(number: str) -> ModuleOp:
        return module_of(
            f"""%n = data.constant {number} : f64
            %q = data.format "risk {{{{ p }}}}" (p = %n)
            %a = agent.call @f (%q) effects "pure" id "a" site "a" : (!data.str) -> i64
            workflow.emit %a : i64 to @t site "x" """
        )

    assert Oracle(asks("0.5")).check(asks("0.50000001"), rounds=ROUNDS) is None
