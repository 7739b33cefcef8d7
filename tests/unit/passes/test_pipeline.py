"""The text of pipelines: what is accepted, what is refused and where."""

import pytest

from kumeo.diagnostics import Source, Span
from kumeo.passes.pipeline import (
    AnchorItem,
    Item,
    Option,
    PassItem,
    format_options,
    parse_pipeline,
)


def parsed(text: str) -> tuple[Item, ...]:
    items, found = parse_pipeline(Source("p", text))
    assert found == ()
    return items


def only_option(text: str) -> Option:
    (item,) = parsed(text)
    assert isinstance(item, PassItem)
    (option,) = item.options
    return option


def names(text: str) -> list[str]:
    return [item.name for item in parsed(text) if isinstance(item, PassItem)]


def problem(text: str) -> tuple[str, int]:
    items, (found,) = parse_pipeline(Source("p", text))
    assert items == ()
    assert isinstance(found.place, Span)
    return found.headline.removeprefix("the pass pipeline is not valid: "), found.place.start


def test_parse_empty_text_has_no_items() -> None:
    assert parsed(" \n ") == ()


def test_parse_spaces_and_line_breaks_between_all_tokens() -> None:
    assert names(" a ,\n b { x = 1 ,\t2 } , c ") == ["a", "b", "c"]


def test_parse_name_that_starts_with_a_digit() -> None:
    assert names("2d-slice") == ["2d-slice"]


def test_parse_group_holds_passes() -> None:
    (group,) = parsed("workflow.on(a, b)")
    assert isinstance(group, AnchorItem)
    assert (group.op, len(group.items)) == ("workflow.on", 2)


def test_parse_groups_nest() -> None:
    (outer,) = parsed("m(n(a))")
    assert isinstance(outer, AnchorItem)
    assert isinstance(outer.items[0], AnchorItem)


def test_parse_empty_group() -> None:
    (group,) = parsed("m()")
    assert isinstance(group, AnchorItem)
    assert group.items == ()


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", 1),
        ("-2", -2),
        ("0.5", 0.5),
        ("1e3", 1000.0),
        ("true", True),
        ("false", False),
        ("word", "word"),
        ('"true"', "true"),
        (r'"a \" b"', 'a " b'),
        ('"a, b}"', "a, b}"),
    ],
)
def test_parse_value(text: str, value: object) -> None:
    (read,) = only_option(f"a{{x={text}}}").values
    assert (read.value, type(read.value)) == (value, type(value))


def test_parse_value_keeps_its_text() -> None:
    assert only_option("a{x=007}").values[0].raw == "007"


def test_parse_option_without_value() -> None:
    assert only_option("a{flag}").values == ()


def test_parse_option_with_several_values() -> None:
    assert [v.value for v in only_option("a{x=1,2,3}").values] == [1, 2, 3]


@pytest.mark.parametrize(
    ("text", "words", "offset"),
    [
        ("a,,b", "unexpected `,`", 2),
        ("a,", "unexpected end", 2),
        (",a", "unexpected `,`", 0),
        ("a b", "unexpected `b`", 2),
        ("a{x=1", "unexpected end", 5),
        ("a{x=}", "a value is missing", 4),
        ("a{x=1, y=2}", "options have a comma between them", 8),
        ("a{1x=", "a value is missing", 5),
        ('a{x="b', "unexpected text without a closing quote", 4),
        (r'a{x="\q"}', "unknown escape in text", 4),
        ("a;b", "unexpected `;`", 1),
        ("m(a", "unexpected end", 3),
        ("m(a))", "unexpected `)`", 4),
        ("m(" * 60, "groups nest too deep", 100),
        ("a{x=" + "9" * 5000 + "}", "a number has too many digits", 4),
    ],
)
def test_parse_wrong_text_says_what_and_where(text: str, words: str, offset: int) -> None:
    assert problem(text) == (words, offset)


@pytest.mark.parametrize("value", [1, -2.5, True, "word", "two words", "true", 'q"uote', "ü\n"])
def test_format_value_is_read_back(value: bool | int | float | str) -> None:
    (read,) = only_option("a" + format_options([("x", [value])])).values
    assert (read.value, type(read.value)) == (value, type(value))


def test_format_options_uses_hyphens_and_spaces() -> None:
    assert format_options([("max_size", [1, 2]), ("flag", [])]) == "{max-size=1,2 flag}"
