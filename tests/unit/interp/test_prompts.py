"""Templates: holes, text of values, and what a template cannot do."""

from typing import Any

import pytest

from kumeo.dialects.data import (
    DURATION,
    FLOAT,
    INT,
    JSON,
    STR,
    TIME,
    EnumType,
    ListType,
    RecordType,
)
from kumeo.dialects.data.failures import DataFailure
from kumeo.interp.prompts import namespace, render
from kumeo.testing.small_workflows import play

RECORD = RecordType.of({"name": STR, "items": ListType(INT), "at": TIME})
VALUE = {"name": "Ana", "items": [1, 2], "at": 0}


def text(template: str, **values: Any) -> str:
    return render(template, list(values), list(values.values()), [JSON] * len(values))


@pytest.mark.parametrize(
    ("value", "kind", "expected"),
    [
        ('plain "text"', STR, 'plain "text"'),
        (3, INT, "3"),
        (0.5, FLOAT, "0.5"),
        (True, JSON, "true"),
        (None, JSON, "null"),
        ("low", EnumType.of("low"), "low"),
        (0, TIME, "1970-01-01T00:00:00Z"),
        (1_500_000, DURATION, "1.5"),
        ([1, 2], ListType(INT), "[1, 2]"),
        ({"a": "é"}, JSON, '{"a": "é"}'),
        (VALUE, RECORD, '{"name": "Ana", "items": [1, 2], "at": "1970-01-01T00:00:00Z"}'),
    ],
)
def test_value_becomes_text(value: Any, kind: Any, expected: str) -> None:
    assert render("{{ x }}", ["x"], [value], [kind]) == expected


def test_dotted_holes_build_nested_names() -> None:
    names = ["source.a", "assess.level", "assess"]
    tree = namespace(names, [1, "high", {"level": "low", "why": "w"}])
    assert tree == {"source": {"a": 1}, "assess": {"level": "high", "why": "w"}}


def test_dotted_hole_leaves_the_value_of_the_shorter_one_alone() -> None:
    value = {"level": "low"}
    namespace(["assess", "assess.level"], [value, "high"])
    assert value == {"level": "low"}


def test_fields_are_entries_and_never_methods() -> None:
    assert render("{{ x.items }}", ["x"], [VALUE], [RECORD]) == "[1, 2]"


def test_loops_conditions_and_filters_work() -> None:
    template = "{% for i in x.items %}{{ loop.index }}={{ i }};{% endfor %}{{ x.name | upper }}"
    assert render(template, ["x"], [VALUE], [RECORD]) == "1=1;2=2;ANA"


def test_value_that_looks_like_a_template_is_only_text() -> None:
    attack = "{{ secret }}{% for x in y %}{# #}"
    assert text("[{{ x }}]", x=attack, secret="s") == f"[{attack}]"


@pytest.mark.parametrize(
    "template",
    [
        "{{ missing }}",
        "{{ x.missing }}",
        "{{ x.__class__ }}",
        "{{ x.keys() }}",
        "{{ s.upper() }}",
        "{{ s.__class__.__mro__ }}",
        "{{ s.format(1) }}",
        "{{ lipsum() }}",
        "{{ cycler }}",
        "{{ 1 / 0 }}",
        "{{ s + 1 }}",
        "{{ x | nofilter }}",
        "{% include 'other' %}",
        "{{ range(10000000) }}",
        "{% for %}",
        "{{ s | attr('__class__') }}",
        "{{ [x] | map(attribute='__class__') | list }}",
    ],
)
def test_template_that_cannot_be_filled_fails(template: str) -> None:
    with pytest.raises(DataFailure) as failure:
        text(template, x={"a": 1}, s="text")
    assert failure.value.code == "format-failed"


def test_last_line_break_is_kept() -> None:
    assert text("a\n") == "a\n"


def test_infinite_number_fails() -> None:
    with pytest.raises(DataFailure):
        render("{{ x }}", ["x"], [float("inf")], [FLOAT])


def test_format_is_strict() -> None:
    body = """%p = data.format "{{ a }}{{ b }}" (a = %e, b = %bad)
    workflow.emit %p : !data.str to @t site "t" """
    run = play(body)
    assert run.reports[0].failure.code == "division-by-zero"


def test_format_fills_in_its_holes() -> None:
    body = """%p = data.format "n={{ a.b }}" (a.b = %e)
    workflow.emit %p : !data.str to @t site "t" """
    assert play(body.replace("a.b = ", '"a.b" = '), [5]).payloads("t") == ["n=5"]
