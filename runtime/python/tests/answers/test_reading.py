"""`read_answer`: costs, flags, keys, two answers, and what the model is told."""

import json
from typing import Any, Literal

import pytest
from kumeo_runtime.answers import Answered, read_answer
from kumeo_runtime.values import Failure, Record


class Ticket(Record, kw_only=True):
    """What most answers here are."""

    intent: Literal["refund", "complaint"]
    amount: float
    note: str | None = None


REFUND = Ticket(intent="refund", amount=2.0)


def failure_of(text: str, type: Any = Ticket, key: str | None = None) -> Failure:
    """Return the failure of an answer that cannot be used."""
    found = read_answer(text, type, key=key)
    assert isinstance(found, Failure), found
    return found


def answered(text: str, type: Any = Ticket, key: str | None = None) -> Answered[Any]:
    """Return the value of an answer that can."""
    found = read_answer(text, type, key=key)
    assert not isinstance(found, Failure), found.message
    return found


def test_proper_json_costs_nothing() -> None:
    assert answered('{"intent": "refund", "amount": 2}') == Answered(REFUND, (), 0)


def test_repair_is_flagged_and_costs() -> None:
    found = answered('{"intent": "refund", "amount": 2,}')
    assert (found.value, found.flags) == (REFUND, ("comma at the end",))
    assert found.cost > 0


def test_fence_beats_an_example_in_prose() -> None:
    text = '```json\n{"intent": "refund", "amount": 2}\n```'
    assert answered('Like {"intent": "complaint", "amount": 1}:\n' + text).value == REFUND


def test_two_answers_are_ambiguous() -> None:
    text = '{"intent": "refund", "amount": 2} or {"intent": "refund", "amount": 3}'
    assert failure_of(text).code == "ambiguous"


def test_two_answers_with_nearly_equal_costs_are_ambiguous() -> None:
    text = '{"intent": "refund", "amount": 2} or {"intent": "Complaint", "amount": 3}'
    assert failure_of(text).code == "ambiguous"


def test_answer_that_is_followed_by_a_cut_one_is_cut_off() -> None:
    text = '{"intent": "refund", "amount": 2}\nNo: {"intent": "complaint", "amount'
    assert failure_of(text).code == "cut-off"


def test_object_closed_too_early_is_refused() -> None:
    failure_of('{"intent": "refund", "amount": 2}, "note": "late"}')


def test_message_names_all_problems_with_places() -> None:
    message = failure_of('{"intent": "exchange", "amount": "many"}').message
    assert 'at intent: expected one of "refund", "complaint", not "exchange"' in message
    assert 'at amount: expected a number, not "many"' in message


def test_message_names_missing_fields() -> None:
    assert failure_of('{"note": "x"}').message == (
        'the field "intent" is missing; the field "amount" is missing'
    )


def test_message_looks_into_wrappers() -> None:
    message = failure_of('{"answer": {"intent": "refund", "amount": "many"}}').message
    assert message == 'at amount: expected a number, not "many"'


def test_message_without_json_says_what_is_expected() -> None:
    assert failure_of("I cannot.").message == "expected a JSON object, found no JSON"


def test_many_problems_are_not_all_named() -> None:
    message = failure_of(json.dumps(["x"] * 50), list[int]).message
    assert message.endswith("and 45 more")


@pytest.mark.parametrize(
    "text", ['{"value": 3}', '{"value": "3"}', '{"Value": 3, "why": "x"}', "3"]
)
def test_key_holds_the_value(text: str) -> None:
    assert answered(text, int, key="value").value == 3


def test_key_is_preferred_in_maps() -> None:
    assert answered('{"value": {"value": 1}}', dict[str, int], key="value").value == {"value": 1}


def test_map_without_its_key_is_read() -> None:
    assert answered('{"a": 1}', dict[str, int], key="value").value == {"a": 1}


def test_free_text_stays_as_it_is() -> None:
    assert answered(" {x} \n", str) == Answered(" {x} \n", (), 0)


def test_reasoning_is_flagged() -> None:
    assert answered("<think>x</think>hi", str).flags == ("reasoning left out",)


def test_tag_inside_of_text_is_no_reasoning() -> None:
    found = answered('{"intent": "refund", "amount": 2, "note": "<think>a</think>b",}')
    assert found.value.note == "<think>a</think>b"


def test_surrogates_in_text_are_no_error() -> None:
    assert answered("\ud800", str).value == "?"


@pytest.mark.parametrize(
    "text",
    [
        '{"a": "x "hi", then"}',
        '{"a": "x, "hi" then"}',
        '{"a": ""hi" x"}',
        '{a: "b" c" }',
        '{"a": "b" c"}',
        '{"a": "x\\u12"}',
        '{"a": b, "c": d" e}',
    ],
)
def test_text_whose_end_is_not_sure_is_refused(text: str) -> None:
    failure_of(text, dict[str, str])


def test_quote_behind_an_array_is_no_next_part() -> None:
    failure_of('{"intent": "refund", "amount": 2, "note": [z]"}')


def test_long_text_is_read_only_as_proper_json() -> None:
    text = "x" * 1_000_000 + '\n{"intent": "refund", "amount": 2}'
    assert failure_of(text).code == "too-large"
