"""Stubs: by place for agents that are not deterministic, by work for the others."""

import pytest
from xdsl.ir import Attribute

from kumeo.dialects.data import (
    BOOL,
    BYTES,
    DURATION,
    FLOAT,
    INT,
    JSON,
    STR,
    TIME,
    EnumType,
    ListType,
    MapType,
    OptionType,
    RecordType,
)
from kumeo.dialects.data.casting import decode, encode
from kumeo.interp import World
from kumeo.interp.stubs import is_one_in, stub
from kumeo.testing.small_workflows import play

TYPES: list[Attribute] = [
    BOOL,
    INT,
    FLOAT,
    STR,
    BYTES,
    TIME,
    DURATION,
    JSON,
    EnumType.of("a", "b"),
    OptionType(INT),
    ListType(RecordType.of({"x": FLOAT, "odd name": OptionType(TIME)})),
    MapType(ListType(BOOL)),
]


@pytest.mark.parametrize("kind", TYPES, ids=str)
def test_stub_is_a_value_of_its_type(kind: Attribute) -> None:
    for number in range(50):
        json = stub(kind, number)
        assert encode(decode(json, kind), kind) == json


@pytest.mark.parametrize("kind", TYPES[1:3] + TYPES[8:], ids=str)
def test_stub_depends_on_its_key_alone(kind: Attribute) -> None:
    values = [stub(kind, number) for number in range(30)]
    assert values == [stub(kind, number) for number in range(30)]
    assert any(value != values[0] for value in values)


def test_one_in_holds_for_about_that_part_of_the_keys() -> None:
    hits = sum(is_one_in(10, number) for number in range(2000))
    assert 120 < hits < 280
    assert not any(is_one_in(0, number) for number in range(50))


LLM = """%pa = data.constant "same" : !data.str
%a = agent.llm "m" (prompt = %pa) id "a" site "a" : (!data.str) -> i64
%b = agent.llm "m" (prompt = %pa) id "b" site "b" : (!data.str) -> i64
workflow.emit %a : i64 to @t site "a"
workflow.emit %b : i64 to @t site "b"
"""


def test_language_models_at_two_places_differ_on_equal_prompts() -> None:
    first, second = play(LLM).payloads("t")
    assert first != second


def test_stubs_are_equal_in_two_runs_and_change_with_the_seed() -> None:
    assert play(LLM).emitted == play(LLM).emitted
    assert play(LLM).emitted != play(LLM, world=World(seed=1)).emitted


def model(name: str) -> str:
    return f"""%{name} = agent.model @m (x = %e) id "{name}" site "{name}" : (i64) -> i64
    workflow.emit %{name} : i64 to @t site "{name}"
    """


def test_models_without_a_file_answer_from_their_inputs() -> None:
    declared = 'workflow.model @m onnx("missing.onnx")'
    run = play(model("a") + model("b"), [1, 2], declarations=declared)
    first, same, other, _ = run.payloads("t")
    assert first == same
    assert first != other
    assert [c.given for c in run.calls] == [False] * 4


def test_pure_user_code_answers_from_its_inputs() -> None:
    call = """%NAME = agent.call @f (%e) effects "pure" id "NAME" site "NAME" : (i64) -> i64
    workflow.emit %NAME : i64 to @t site "NAME"
    """
    declared = 'agent.extern @f python("m:f") effects "pure" : (i64) -> i64'
    body = call.replace("NAME", "a") + call.replace("NAME", "b")
    first, second = play(body, declarations=declared).payloads("t")
    assert first == second


def test_fail_one_in_makes_some_stubbed_attempts_fail() -> None:
    run = play(LLM, list(range(100)), World(fail_one_in=4))
    failed = [c for c in run.calls if not isinstance(c.outcome, int)]
    assert 20 < len(failed) < 80
    assert len(run.calls) == 200
