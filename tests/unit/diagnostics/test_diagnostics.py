"""Places, order, text and JSON of diagnostics."""

import json
from dataclasses import dataclass

import pytest

from kumeo.diagnostics import (
    Diagnostic,
    Point,
    Related,
    Severity,
    Source,
    Span,
    has_errors,
    in_order,
    nearest,
    render_json,
    render_one,
    render_text,
)


@dataclass(frozen=True)
class Wrong(Diagnostic):
    """A test diagnostic."""

    code = "wrong"
    title = "`{name}` is wrong"
    label = "this `{name}`"

    name: str

    def help(self) -> str | None:
        """Return an edit."""
        return f"write `{self.name}s`"


@dataclass(frozen=True)
class Odd(Diagnostic):
    """A test warning."""

    code = "odd"
    severity = Severity.WARNING
    title = "odd"


def span(text: str, part: str, path: str = "f.kumeo") -> Span:
    start = text.index(part)
    return Span(Source(path, text), start, start + len(part))


def test_source_position_counts_from_one() -> None:
    source = Source("f", "ab\ncd\n")
    assert source.position(0) == (1, 1)
    assert source.position(4) == (2, 2)
    assert source.position(6) == (3, 1)


def test_source_line_drops_its_line_break() -> None:
    assert Source("f", "ab\r\ncd").line(1) == "ab"


def test_render_marks_the_span() -> None:
    text = render_one(Wrong(span("one two three", "two"), "two"))
    assert text.splitlines() == [
        "error[wrong]: `two` is wrong",
        " --> f.kumeo:1:5",
        "  |",
        "1 | one two three",
        "  |     ^^^ this `two`",
        "  = help: write `twos`",
        "  = note: `kumeo explain wrong`",
    ]


def test_render_tabs_keep_the_mark_below_the_text() -> None:
    lines = render_one(Wrong(span("\ta b", "b"), "b")).splitlines()
    assert lines[3:5] == ["1 | \ta b", "  | \t  ^ this `b`"]


def test_render_wide_characters_take_two_columns() -> None:
    lines = render_one(Wrong(span('"漢字" x', "x"), "x")).splitlines()
    assert lines[4] == "  |        ^ this `x`"


def test_render_long_line_shows_a_window_around_the_mark() -> None:
    text = "a" * 500 + " here " + "b" * 500
    lines = render_one(Wrong(span(text, "here"), "here")).splitlines()
    assert len(lines[3]) < 140
    assert lines[3].startswith("1 | …")
    assert lines[3].endswith("…")
    marked = lines[4].index("^")
    assert lines[3][marked : marked + 4] == "here"


def test_render_span_over_lines_is_marked_on_its_first_line() -> None:
    lines = render_one(Wrong(span("one {\n two\n}", "{\n two\n}"), "x")).splitlines()
    assert lines[4] == "  |     ^ this `x`"


def test_render_span_at_the_end_of_the_file_has_one_mark() -> None:
    source = Source("f", "ab")
    assert render_one(Wrong(Span(source, 2, 2), "x")).splitlines()[4] == "  |   ^ this `x`"


def test_render_related_place_has_dashes() -> None:
    place = span("one two", "two")
    related = (Related(span("one two", "one", "g.kumeo"), "first here"),)
    lines = render_one(Wrong(place, "two", related=related)).splitlines()
    assert "::: g.kumeo:1:1" in lines[5]
    assert lines[8] == "  | --- first here"


def test_render_point_has_no_excerpt() -> None:
    lines = render_one(Wrong(Point("f.mlir", 3, 7), "x")).splitlines()
    assert lines[1].strip() == "--> f.mlir:3:7"
    assert "|" not in lines[2]


def test_render_text_counts_by_severity() -> None:
    place = span("one two", "one")
    text = render_text([Wrong(place, "a"), Wrong(place, "b"), Odd(place)])
    assert text.splitlines()[-1] == "2 errors, 1 warning"


def test_headline_shortens_long_values() -> None:
    headline = Wrong(None, "x" * 5000).headline
    assert headline.endswith("…` is wrong")
    assert len(headline) < 200


def test_render_color_only_when_asked() -> None:
    diagnostic = Wrong(span("one", "one"), "x")
    assert "\x1b" not in render_one(diagnostic)
    assert "\x1b[31;1m" in render_one(diagnostic, color=True)


def test_in_order_sorts_by_place_and_drops_repeats() -> None:
    text = "one two"
    source = Source("f", text)
    first, second = Wrong(Span(source, 0, 3), "a"), Wrong(Span(source, 4, 7), "b")
    assert in_order([second, first, second]) == [first, second]


def test_has_errors_ignores_warnings() -> None:
    assert not has_errors([Odd(None)])
    assert has_errors([Odd(None), Wrong(None, "x")])


def test_render_json_gives_places_and_ends() -> None:
    (data,) = json.loads(render_json([Wrong(span("one two", "two"), "two")]))
    assert data["code"] == "wrong"
    assert data["place"] == {
        "path": "f.kumeo",
        "line": 1,
        "column": 5,
        "end_line": 1,
        "end_column": 8,
    }
    assert data["help"] == "write `twos`"


def test_help_with_several_lines_is_indented() -> None:
    @dataclass(frozen=True)
    class Long(Wrong):
        """Two lines of help."""

        def help(self) -> str | None:
            """Return two lines."""
            return "one\ntwo"

    lines = render_one(Long(span("x", "x"), "x")).splitlines()
    assert lines[5] == "  = help: one"
    assert lines[6] == "          two"


@pytest.mark.parametrize(
    ("name", "expected"), [("sorce", "source"), ("SOURCE", "source"), ("zzz", None)]
)
def test_nearest_name(name: str, expected: str | None) -> None:
    assert nearest(name, ["source", "target"]) == expected


def test_nearest_of_many_names_is_found_among_those_that_begin_alike() -> None:
    assert nearest("sorce", [*(f"agent{i}" for i in range(9999)), "source"]) == "source"


def test_nearest_of_many_equal_beginnings_compares_few() -> None:
    known = [f"agent{i}" for i in range(9999)]
    assert nearest("agent9998", known) == "agent9998"
    assert nearest("agentt7", known) in known
