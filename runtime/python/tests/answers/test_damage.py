"""Answers that are cut or damaged at any place: no value, or the one that was meant."""

import json
import random
from typing import Any, Literal

import pytest
from kumeo_runtime.answers import read_answer
from kumeo_runtime.values import Failure, Record
from kumeo_runtime.writing import to_json

TEXTS = [
    *("Ada", "it's", 'a "b" c', "x, y", "{k}", "[z]", "http://a.example/c#d", "a: b", "", "1,234"),
    *("null", "true", "50%", "- q", "é", "line\nbreak", "back\\slash", 'say "hi", ok', '"q"'),
    *("a # b", "// c", '"x": 1', "},", "'", '"a", "b": 2'),
]


class Line(Record, kw_only=True):
    """A part of an order."""

    sku: str
    count: int
    gift: bool


class Order(Record, kw_only=True):
    """An answer with parts of many kinds."""

    customer: str
    kind: Literal["home", "home delivery", "pick up"]
    lines: list[Line]
    tags: list[str]
    total: float
    note: str | None


class Maker:
    """Makes orders, and damages them."""

    def __init__(self, seed: int) -> None:
        self._dice = random.Random(seed)

    def text(self) -> str:
        """Return a text that is hard to read without its quotes."""
        return " ".join(self._dice.choices(TEXTS, k=self._dice.randint(1, 3)))

    def order(self) -> dict[str, Any]:
        """Return the JSON data of an order."""
        dice = self._dice
        lines = [
            {"sku": self.text(), "count": dice.randint(-5, 99_999), "gift": dice.random() < 0.5}
            for _ in range(dice.randint(0, 3))
        ]
        return {
            "customer": self.text(),
            "kind": dice.choice(["home", "home delivery", "pick up"]),
            "lines": lines,
            "tags": [self.text() for _ in range(dice.randint(0, 3))],
            "total": dice.choice([1.5, 12.0, 1234.25]),
            "note": dice.choice([self.text(), None]),
        }

    def written(self, order: dict[str, Any]) -> str:
        """Return an order as proper JSON."""
        indent = self._dice.choice([None, 2])
        return json.dumps(order, indent=indent, ensure_ascii=self._dice.random() < 0.5)

    def damaged(self, text: str) -> str:
        """Return text with one mark lost, doubled or put in, outside of texts."""
        dice = self._dice
        places = _marks(text)
        at = dice.choice(places)
        way = dice.random()
        if way < 0.6:
            text = text[:at] + text[at + 1 :]
        elif way < 0.8:
            text = text[:at] + text[at] + text[at:]
        elif text[at] != '"':
            text = text[:at] + dice.choice('{}[]",:') + text[at:]
        return f"Sure!\n```json\n{text}\n```\nBye" if dice.random() < 0.3 else text


def _marks(text: str) -> list[int]:
    """Return the places of brackets, commas, colons and quotes that are not inside of text."""
    found: list[int] = []
    is_inside = is_escaped = False
    for at, character in enumerate(text):
        if is_escaped:
            is_escaped = False
        elif character == "\\":
            is_escaped = True
        elif character == '"':
            is_inside = not is_inside
            found.append(at)
        elif not is_inside and character in "{}[],:":
            found.append(at)
    return found


def _is_proper(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


@pytest.mark.parametrize("seed", range(20))
def test_cut_answer_gives_nothing_or_the_value(seed: int) -> None:
    maker = Maker(seed)
    order = maker.order()
    text = maker.written(order)
    for end in range(len(text)):
        found = read_answer(text[:end], Order)
        assert isinstance(found, Failure) or to_json(found.value, Order) == order, text[:end]


@pytest.mark.parametrize("seed", range(40))
def test_damaged_answer_gives_nothing_or_the_value(seed: int) -> None:
    maker = Maker(1000 + seed)
    for _ in range(10):
        order = maker.order()
        text = maker.damaged(maker.written(order))
        if _is_proper(text):
            continue
        found = read_answer(text, Order)
        assert isinstance(found, Failure) or to_json(found.value, Order) == order, text


def test_damaged_answers_are_often_read() -> None:
    maker = Maker(7)
    orders = [maker.order() for _ in range(200)]
    found = [read_answer(maker.damaged(maker.written(order)), Order) for order in orders]
    assert sum(not isinstance(each, Failure) for each in found) > 40
