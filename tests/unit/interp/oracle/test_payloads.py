"""Generated payloads have their types and try what the module compares with."""

import random

import pytest
from xdsl.dialects.builtin import ModuleOp
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
from kumeo.interp.oracle.events import make_trials
from kumeo.interp.oracle.palette import Palette, palette_of
from kumeo.interp.oracle.payloads import Payloads
from kumeo.interp.oracle.reduce_input import simpler_data
from kumeo.interp.wire import from_json
from kumeo.testing.small_workflows import module_of

KINDS: tuple[Attribute, ...] = (
    BOOL,
    INT,
    FLOAT,
    STR,
    TIME,
    DURATION,
    BYTES,
    JSON,
    EnumType.of("a", "b"),
    OptionType(INT),
    ListType(OptionType(STR)),
    MapType(JSON),
    RecordType.of({"x": OptionType(FLOAT), "y": ListType(TIME)}),
)


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_payload_is_a_value_of_its_type(kind: Attribute) -> None:
    payloads = Payloads(Palette(), random.Random(1))
    made = [payloads.value(kind) for _ in range(100)]
    assert len([from_json(payload, kind) for payload in made]) == 100


def test_payload_is_near_a_compared_number() -> None:
    module = module_of("%n = data.constant 4711 : i64")
    payloads = Payloads(palette_of(module), random.Random(1))
    assert {4710, 4711, 4712} <= {payloads.value(INT) for _ in range(300)}


def test_payload_is_a_text_of_the_module() -> None:
    module = module_of('%n = data.constant "needle" : !data.str')
    payloads = Payloads(palette_of(module), random.Random(1))
    assert "needle" in {payloads.value(STR) for _ in range(300)}


def test_trials_have_wrong_and_repeated_events() -> None:
    trials = make_trials(module_of(""), events=40, count=3)
    events = [event for trial in trials for event in trial.events]
    assert any(event.payload == ["wrong"] for event in events)
    assert all(len(trial.events) == 40 for trial in trials)
    assert any(len(set(e.id for e in trial.events)) < 40 for trial in trials)


def test_trials_change_dynamic_configuration_only() -> None:
    text = """workflow.config @fixed : i64 = 1 : i64
    workflow.config @live : i64 = 1 : i64 dynamic"""
    trials = make_trials(module_of("", declarations=text), events=20)
    changed = {n for t in trials for change in t.world.config_changes.values() for n in change}
    assert changed == {"live"}


def test_trials_of_a_module_without_workflow_are_none() -> None:
    assert make_trials(ModuleOp([])) == ()


@pytest.mark.parametrize(
    ("data", "simpler"),
    [
        (5, [0, 1, 2]),
        (-1.5, [0.0, 1.0]),
        ("abc", ["", "a"]),
        (True, [False]),
        (False, []),
        (None, []),
        ([3], [[], [0], [1], [2]]),
        ({"a": 1, "b": None}, [{"b": None}, {"a": 1}, {"a": 0, "b": None}]),
    ],
)
def test_simpler_data_cases(data: object, simpler: list[object]) -> None:
    assert list(simpler_data(data)) == simpler
