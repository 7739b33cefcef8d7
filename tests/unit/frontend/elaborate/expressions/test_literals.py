"""Literals as plain data, for settings."""

from typing import Any

import pytest

from kumeo.frontend import tree
from kumeo.frontend.elaborate.literals import literal
from kumeo.testing.expressions import expression

VALUES: dict[str, Any] = {
    '"a"': "a",
    "5": 5,
    "-5": -5,
    "-2.5": -2.5,
    "true": True,
    "null": None,
    "[1, [2]]": [1, [2]],
    "{a: 1, b: {c: []}}": {"a": 1, "b": {"c": []}},
}


@pytest.mark.parametrize("text", VALUES)
def test_literal_constant_has_value(text: str) -> None:
    assert literal(expression(text)) == (True, VALUES[text])


@pytest.mark.parametrize("text", ["a", "1 + 2", "[a]", "{a: b}", "f(1)", "-a"])
def test_literal_computed_value_is_none(text: str) -> None:
    assert literal(expression(text)) == (False, None)


def test_literal_duration_stays_a_node() -> None:
    _, value = literal(expression("20s"))
    assert isinstance(value, tree.Duration)
