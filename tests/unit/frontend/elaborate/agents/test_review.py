"""`HumanReview`: what a person may change, times and people, and what is refused."""

from collections.abc import Callable

import pytest

Ir = Callable[..., str]
Codes = Callable[..., list[str]]


def review(*arguments: str) -> str:
    parts = ", ".join(("input: source", *arguments))
    return f"x = HumanReview({parts}) emit x to target.good"


def test_edited_value_is_a_field_of_the_result(ir_of: Ir) -> None:
    ir = ir_of(review("edit: source.items", "form: { why: string? }"))
    assert "agent.review (input = %source, edit = %" in ir
    assert "value: !data.list<!data.record<{sku: !data.str, count: i64}>>, why:" in ir


def test_edit_may_be_a_reference_in_a_string(ir_of: Ir) -> None:
    assert "at: !data.time, value: f64}" in ir_of(review('edit: "source.amount"'))


def test_without_edit_a_form_may_have_a_value(ir_of: Ir) -> None:
    assert "value: i64" in ir_of(review("form: { value: int }"))


def test_times_and_priority_are_settings(ir_of: Ir) -> None:
    times = ("timeout: 3h", "due: 1h", "reminder: 2h", "priority: 3")
    ir = ir_of(review(*times, 'on_timeout: "escalate"', 'escalate_to: ["boss", "office"]'))
    assert "timeout_us = 10800000000 : i64, due_us = 3600000000 : i64" in ir
    assert "reminder_us = 7200000000 : i64" in ir
    assert 'priority = 3 : i64, escalate_to = ["boss", "office"]' in ir


@pytest.mark.parametrize(
    "arguments",
    [
        ("edit: source.items", "form: { value: int }"),
        ("due: 0s",),
        ("reminder: 5",),
        ("priority: -1",),
        ("assignees: []",),
        ('assignees: ["ann", 5]',),
        ('escalate_to: "boss"',),
        ("timeout: 1h", 'on_timeout: "fail"', 'escalate_to: "boss"'),
        ("timeout: 1h", 'on_timeout: "escalate"', 'escalate_to: [""]'),
    ],
)
def test_what_does_not_fit_is_refused_once(codes_of: Codes, arguments: tuple[str, ...]) -> None:
    assert codes_of(review(*arguments)) == ["invalid-setting"]


def test_unknown_value_to_edit_is_reported_once(codes_of: Codes) -> None:
    assert codes_of(review("edit: source.itms")) == ["unknown-field"]


MOCK = """test "t" for W {{
  given: {{ id: "1", amount: 1.0, items: [], level: low }}
  mock: {{ x: {} }}
  expect: {{ good: [{{}}] }}
}}"""


@pytest.mark.parametrize(
    ("answer", "codes"),
    [
        ("{ decision: approve }", []),
        ("{ decision: approve, value: 2.5 }", []),
        ('{ decision: approve, value: "2" }', ["invalid-test"]),
        ("{ value: 2.5 }", ["invalid-test"]),
    ],
)
def test_mock_may_leave_out_a_value_that_is_not_changed(
    codes_of: Codes, answer: str, codes: list[str]
) -> None:
    assert codes_of(review("edit: source.amount"), after=MOCK.format(answer)) == codes


def test_mock_of_a_form_may_not_leave_out_a_value(codes_of: Codes) -> None:
    mock = MOCK.format("{ decision: approve }")
    assert codes_of(review("form: { value: float }"), after=mock) == ["invalid-test"]
