"""Properties of the parser and the formatter over random trees and damaged texts."""

import importlib.util
import re
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kumeo.diagnostics import Source, render_text
from kumeo.frontend.layout import render
from kumeo.frontend.lexer import lex
from kumeo.frontend.parser import parse, read_source
from kumeo.frontend.printer import Printer, print_file
from kumeo.frontend.tokens import Comment

HERE = Path(__file__).parent
SPEC = importlib.util.spec_from_file_location("syntax_trees", HERE / "trees.py")
assert SPEC is not None
assert SPEC.loader is not None
trees: Any = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(trees)

DATA = sorted((HERE / "data").glob("*.kumeo"))
TEXTS = [path.read_text(encoding="utf-8") for path in DATA]
PIECES = (
    *("{", "}", "(", ")", "[", "]", '"', "'", '"""', "/*", "//", ",", ":", "=", ".", "?", "\n"),
    *("and", "if", "else", "emit", "agents", "workflow", "é", "“", "0x1", "1.", "10 s", "\\", "\0"),
)
FAST = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


def formatted(text: str) -> str:
    result = parse(Source("case.kumeo", text))
    assert not result.diagnostics, render_text(result.diagnostics)
    return print_file(result)


@FAST
@given(trees.files)
def test_print_random_tree_reads_as_equal_tree(file: Any) -> None:
    printed = trees_text(file)
    result = parse(Source("case.kumeo", printed))
    assert not result.diagnostics, render_text(result.diagnostics) + printed
    assert trees.shape(result.tree) == trees.shape(file), printed


@FAST
@given(trees.files)
def test_print_twice_changes_nothing(file: Any) -> None:
    once = trees_text(file)
    again = formatted(once)
    assert formatted(again) == again


def trees_text(file: Any) -> str:
    return render(Printer("", ()).file(file)) + "\n"


@st.composite
def commented_texts(draw: st.DrawFn) -> tuple[str, list[str]]:
    """A valid text with comments before some of its tokens."""
    text = draw(st.sampled_from(TEXTS))
    starts = lex(Source("case.kumeo", text)).starts
    places = draw(st.lists(st.sampled_from(starts), max_size=4, unique=True))
    comments: list[str] = []
    for place in sorted(places, reverse=True):
        comment = draw(st.sampled_from(("// c\n", "/* c */", "/* c\n */", "\n\n// c\n\n")))
        text = f"{text[:place]} {comment} {text[place:]}"
        comments.append(comment.strip())
    return text, comments


def texts_of(comments: tuple[Comment, ...]) -> list[str]:
    return [re.sub(r"\s+", " ", comment.text) for comment in comments]


@FAST
@given(commented_texts())
def test_format_keeps_all_comments_in_order(case: tuple[str, list[str]]) -> None:
    before = parse(Source("case.kumeo", case[0]))
    assert not before.diagnostics, render_text(before.diagnostics)
    assert len(before.comments) >= len(case[1])
    printed = print_file(before)
    after = parse(Source("case.kumeo", printed))
    assert texts_of(after.comments) == texts_of(before.comments)
    assert formatted(printed) == printed


@FAST
@given(st.data())
def test_parse_damaged_text_ends_with_diagnostics_that_render(data: st.DataObject) -> None:
    text = data.draw(st.sampled_from(TEXTS))
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(text)))
        end = place + data.draw(st.sampled_from((0, 0, 1, 2, 5, 40)))
        text = text[:place] + data.draw(st.sampled_from(("", *PIECES))) + text[end:]
    result = parse(Source("case.kumeo", text))
    render_text(result.diagnostics)
    for diagnostic in result.diagnostics:
        assert diagnostic.place is not None
        assert diagnostic.place.column >= 1
    if not result.diagnostics:
        assert formatted(formatted(text)) == formatted(text)


@FAST
@given(st.binary(max_size=60) | st.text(max_size=60).map(str.encode))
def test_read_any_bytes_gives_a_source_or_a_diagnostic(data: bytes) -> None:
    source, diagnostics = read_source("case.kumeo", data)
    assert (source is None) == bool(diagnostics)
    if source is not None:
        render_text(parse(source).diagnostics)
