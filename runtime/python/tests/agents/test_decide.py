"""`Decide` takes the decision that the interpreter takes, on random rules and criteria."""

import random
from typing import Any, Literal

import pytest
from kumeo_runtime.agents import Decide
from kumeo_runtime.testing.calls import MemoryCall
from kumeo_runtime.values import Failure, Record

from kumeo.dialects.agent import DecideOp
from kumeo.dialects.data import (
    BOOL,
    FLOAT,
    STR,
    ConstantOp,
    DataFailure,
    EnumType,
    ListType,
    OptionType,
    RecordType,
)
from kumeo.interp.decide import decide

NAMES = ("low", "mid", "high")
ENUM = EnumType.of(*NAMES, "other")
Level = Literal["low", "mid", "high", "other"]


class One(Record):
    decision: Level
    rule: str
    score: float | None = None


class Many(Record):
    decision: list[Level]
    rule: list[str]
    score: float | None = None


SCORE = OptionType(FLOAT)
ONE = RecordType.of({"decision": ENUM, "rule": STR, "score": SCORE})
MANY = RecordType.of({"decision": ListType(ENUM), "rule": ListType(STR), "score": SCORE})


def both(values: list[Any], many: bool = False, **options: Any) -> tuple[Any, Any]:
    """Return what the runtime and the interpreter decide, as plain data."""
    agent: Decide[Any] = Decide(site="d", result=Many if many else One, **options)
    found = agent(MemoryCall(), **{f"r{i}": value for i, value in enumerate(values)})
    kind = BOOL if options["mode"].endswith("match") else FLOAT
    zeros = [ConstantOp.of(False if kind == BOOL else 0.0, kind) for _ in values]
    extra = {k: options[k] for k in ("weights", "thresholds", "default") if k in options}
    op = DecideOp(
        "d",
        "d",
        options["mode"],
        zeros,
        options["rules"],
        options["outcomes"],
        MANY if many else ONE,
        **extra,
    )
    try:
        expected: Any = decide(op, values)
    except DataFailure as failure:
        return found, Failure(failure.code, failure.message, "d")
    if isinstance(found, Failure):
        return found, expected
    return {name: getattr(found, name) for name in found.__struct_fields__}, expected


@pytest.mark.parametrize("seed", range(40))
@pytest.mark.parametrize("mode", ["first_match", "all_match"])
def test_rules_agree_with_the_interpreter(mode: str, seed: int) -> None:
    rng = random.Random(seed)
    values = [rng.random() < 0.3 for _ in range(rng.randint(1, 5))]
    rules = [f"rule_{i}" for i in range(len(values))]
    outcomes = [rng.choice(NAMES) for _ in values]
    default = {"default": "other"} if rng.random() < 0.5 else {}
    found, expected = both(
        values, mode == "all_match", mode=mode, rules=rules, outcomes=outcomes, **default
    )
    assert found == expected


def numbers(rng: random.Random, count: int) -> list[float]:
    return [rng.choice([0.0, 1.0, rng.random(), -rng.random() * 0.1, 1e200]) for _ in range(count)]


@pytest.mark.parametrize("seed", range(60))
@pytest.mark.parametrize("mode", ["weighted_sum", "weighted_product", "topsis"])
def test_criteria_agree_with_the_interpreter(mode: str, seed: int) -> None:
    rng = random.Random(seed)
    count = rng.randint(1, 4)
    options: dict[str, Any] = {"weights": numbers(rng, count)} if rng.random() < 0.7 else {}
    options |= {"thresholds": sorted(numbers(rng, 3))} if rng.random() < 0.7 else {}
    options |= {"default": "other"} if rng.random() < 0.5 else {}
    rules = [f"c{i}" for i in range(count)]
    if mode == "topsis":
        options["weights"] = [rng.random() + 0.1 for _ in range(count)]
    found, expected = both(
        numbers(rng, count), mode=mode, rules=rules, outcomes=list(NAMES), **options
    )
    assert found == expected


def test_topsis_with_weights_that_vanish_fails_as_in_the_interpreter() -> None:
    options: dict[str, Any] = {"mode": "topsis", "weights": [5e-324], "rules": ["c0"]}
    found, expected = both([0.5], outcomes=list(NAMES), **options)
    assert found == expected


@pytest.mark.parametrize("seed", range(40))
def test_alternatives_agree_with_the_interpreter(seed: int) -> None:
    rng = random.Random(seed)
    columns: list[Any] = [numbers(rng, 3 if rng.random() < 0.95 else 2) for _ in range(3)]
    columns[2] = columns[2] if rng.random() < 0.5 else 0.5
    rules = ["a", "b", "c"]
    found, expected = both(columns, mode="topsis", rules=rules, outcomes=list(NAMES))
    assert found == expected


def first(**values: Any) -> Any:
    agent: Decide[One] = Decide(
        site="d", mode="first_match", rules=["a", "b"], outcomes=["low", "high"], result=One
    )
    return agent(MemoryCall(), **values)


def test_first_match_a_failure_after_the_match_does_not_matter() -> None:
    assert first(a=True, b=Failure("x", "y")) == One(decision="low", rule="a")


def test_first_match_a_failure_before_the_match_cancels() -> None:
    failure = Failure("x", "y")
    assert first(a=failure, b=True) is failure
    assert first(a=False, b=failure) is failure
