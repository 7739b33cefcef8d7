"""Chapters 1 and 2 of the specification say what the tables say."""

import re
from pathlib import Path

import pytest

from kumeo.diagnostics import Source, render_text
from kumeo.frontend.parser import parse
from kumeo.frontend.tables import load_tables

FOLDER = Path(__file__).parents[4] / "docs" / "language"
LEXIS = (FOLDER / "01-lexis.md").read_text(encoding="utf-8")
GRAMMAR = (FOLDER / "02-grammar.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```kumeo\n(.*?)```", LEXIS + GRAMMAR, re.DOTALL)


def table_words(kind: str) -> set[str]:
    row = re.search(rf"^\| {kind} \| `([^`]*)`", LEXIS, re.MULTILINE)
    assert row is not None
    return set(row[1].split())


def test_keywords_of_chapter_1_are_those_of_the_grammar() -> None:
    tables = load_tables()
    soft = {word for word, kind in tables.words.items() if kind in tables.soft}
    assert table_words("soft") == soft
    assert table_words("hard") | table_words("operators") == set(tables.words) - soft


def test_marks_of_chapter_1_are_those_of_the_grammar() -> None:
    block = re.search(r"## 6.*?```text\n(.*?)\n```", LEXIS, re.DOTALL)
    assert block is not None
    assert set(block[1].split()) == set(load_tables().punctuation)


def test_rules_of_chapter_2_are_all_defined() -> None:
    blocks = "".join(re.findall(r"```ebnf\n(.*?)```", GRAMMAR, re.DOTALL))
    blocks = re.sub(r'\(\*.*?\*\)|"[^"]*"', " ", blocks)
    defined = set(re.findall(r"^(\w+)\s+=", blocks, re.MULTILINE))
    used = set(re.findall(r"\b[a-z]+\b", blocks))
    assert used - defined == {"soft", "hard"}


@pytest.mark.parametrize("text", BLOCKS)
def test_examples_are_read_without_fault(text: str) -> None:
    result = parse(Source("case.kumeo", text))
    assert not result.diagnostics, render_text(result.diagnostics)
