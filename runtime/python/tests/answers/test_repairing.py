"""What `json-repair` makes of text counts only if it keeps all of it and adds nothing."""

from typing import Any

import pytest
from kumeo_runtime.answers.repairing import repaired
from kumeo_runtime.answers.scanning import Budget


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"a": "b, "c": 1}', {"a": "b", "c": 1}),
        ('{"a": b"}', {"a": "b"}),
        ('["a", b", "c"]', ["a", "b", "c"]),
    ],
)
def test_repaired_missing_quote_gives_data(text: str, expected: Any) -> None:
    assert repaired(text, Budget(1000)) == expected


@pytest.mark.parametrize(
    ("fault", "text"),
    [
        ("value invented", '{"a": "b, "c": }'),
        ("text cut", '{"a": "b'),
        ("list cut", '{"a": [1, 2}'),
        ("item dropped", "[1, 2, ...]"),
        ("object dropped", '["b" { } x]'),
        ("array dropped", '["a" [ , ] x]'),
        ("word dropped", "{'a': 'it''s'}"),
        ("value dropped", '{"a" 1}'),
        ("comment dropped", '{"a": 1, # "b": 2\n"c": 3}'),
        ("first object dropped", '{"a": 1}{"a": 2}'),
        ("quote kept", "[true '\"]"),
        ("escapes", '{"a": b\\n"}'),
        ("set", "{1, 2}"),
        ("quote behind null", '{"a": null"}'),
        ("quote of text that looks like an array", '{"a": [z]"}'),
    ],
)
def test_repaired_loss_or_invention_gives_nothing(fault: str, text: str) -> None:
    assert repaired(text, Budget(1000)) is None, fault


def test_repaired_long_text_gives_nothing() -> None:
    assert repaired('{"a": b"}' + " " * 30_000 + "}", Budget(10**6)) is None


def test_repaired_many_brackets_give_nothing() -> None:
    assert repaired("[" * 500 + 'b"' + "]" * 500, Budget(10**6)) is None
