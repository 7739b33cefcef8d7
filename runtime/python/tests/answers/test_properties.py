"""Whatever the text, the result is a failure or a value of the type; and the work has a bound."""

import json
from typing import Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kumeo_runtime.answers import read_answer
from kumeo_runtime.answers.candidates import candidates_in
from kumeo_runtime.answers.fitting import fit
from kumeo_runtime.answers.lenient import Lenient
from kumeo_runtime.answers.notes import Notes
from kumeo_runtime.answers.scanning import Budget
from kumeo_runtime.decoding import from_json
from kumeo_runtime.values import Duration, Failure, Int, Record, Time
from kumeo_runtime.writing import to_json


class Line(Record, kw_only=True):
    """A record in a list."""

    sku: str
    count: Int


class All(Record, kw_only=True):
    """A record with a field of each kind."""

    kind: Literal["a", "b c"]
    amount: float
    is_new: bool
    lines: list[Line]
    weights: dict[str, float]
    note: str | None = None
    body: bytes | None = None
    when: Time | None = None
    lasts: Duration | None = None
    rest: Any = None


TYPES: Any = [
    All, Line, int, float, bool, str, Any, Time, Duration, bytes, list[str], list[Int], list[Line],
    dict[str, str], dict[str, Int], Literal["a", "b c"], int | None, list[Literal["a", "b c"]],
]  # fmt: skip
PIECES = st.sampled_from(
    [
        *('{"', '"', "{", "}", "[", "]", ":", ",", "'", '": "', '", "', "\n", "```json\n", "```"),
        *("<think>", "</think>", "kind", "amount", "lines", "sku", "count", "a", "b c", "1", "1,2"),
        *("-1.5", "null", "None", "true", "...", "//", "#", "/*", "value", "yes", "answer", "- "),
        *("weights", "is_new", "\\u00e9", "\\ud800", "1e999", "(", ")", "$", "PT5M", "=", "\x00"),
        *("“", "\\"),
    ]
)
TEXTS = st.one_of(st.text(max_size=80), st.lists(PIECES, max_size=40).map("".join))
KEYS = st.text("abcXYZ_019 é", min_size=1, max_size=9).filter(str.strip)
"""The parser refuses stranger ones; proper JSON with them is read by the other parser."""
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4)
    ),
    max_leaves=12,
)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(text=TEXTS, type=st.sampled_from(TYPES), key=st.sampled_from([None, "value"]))
def test_read_answer_any_text_gives_failure_or_value_of_type(
    text: str, type: Any, key: str | None
) -> None:
    found = read_answer(text, type, key=key)
    if isinstance(found, Failure):
        assert found.message
        return
    data = to_json(found.value, type)
    assert not isinstance(data, Failure)
    assert not isinstance(from_json(data, type), Failure)


@settings(max_examples=200, deadline=None)
@given(data=JSON.filter(lambda data: isinstance(data, dict | list)))
def test_lenient_proper_json_is_read_as_by_the_standard_library(data: Any) -> None:
    text = json.dumps(data, ensure_ascii=False)
    node, end = Lenient(text, Budget(10**6)).read(0)
    notes = Notes()
    assert (fit(node, Any, "", notes), notes.problems, end) == (data, [], len(text))


BIG = {
    "words": "a" * 10_000_000,
    "one text": '{"sku": "' + "x" * 10_000_000,
    "open objects": "{" * 900_000,
    "open arrays": "[" * 900_000,
    "keys without end": '{"a":' * 180_000,
    "texts": '{"' * 450_000,
    "bare keys": "{a" * 450_000,
    "single quotes": "{'" * 450_000,
    "inner quotes": '{"a": "' + 'x"y ' * 220_000,
    "comments": '{"a":/*' * 120_000,
    "fences": "```\n{" * 180_000,
    "reasoning": "<think></think>" * 60_000,
    "bullets": "- a\n" * 220_000,
    "closings": '{"a": "x"' + "}" * 900_000,
    "spaces": "{" + " " * 900_000 + '"',
}


@pytest.mark.parametrize("name", BIG)
def test_read_answer_large_text_without_answer_is_refused(name: str) -> None:
    # The work has a bound in steps; without it some of these take hours.
    assert isinstance(read_answer(BIG[name], Line), Failure)


def test_read_answer_large_proper_json_is_read() -> None:
    text = json.dumps([{"sku": "x" * 1000, "count": 1}] * 10_000)
    found = read_answer(text, list[Line])
    assert not isinstance(found, Failure)
    assert len(found.value) == 10_000


def test_read_answer_deeply_nested_is_refused() -> None:
    assert isinstance(read_answer('{"x": ' + "[" * 5000 + "]" * 5000 + "}", Any), Failure)


def test_candidates_in_reads_each_part_once() -> None:
    found = candidates_in('{"a": {"b": [1]}} {"c": 2}', Budget(1000))
    assert [(each.start, each.end) for each in found][:2] == [(0, 17), (18, 26)]
