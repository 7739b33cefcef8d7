"""Values of literals and the offset tables of decoded text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kumeo.frontend.literals import decode_escapes, dedent, duration_us, encode_string


@pytest.mark.parametrize(
    ("written", "microseconds"),
    [
        ("250ms", 250_000),
        ("20s", 20_000_000),
        ("5m", 300_000_000),
        ("1.5h", 5_400_000_000),
        ("7d", 604_800_000_000),
        ("0.001ms", 1),
        ("0.0001ms", None),
        ("9999999999999d", None),
        ("1" * 30 + "s", None),
    ],
)
def test_duration_is_a_whole_number_of_microseconds(written: str, microseconds: int | None) -> None:
    assert duration_us(written) == microseconds


def test_decode_all_escapes() -> None:
    decoded = decode_escapes(r"\"\'\\\n\r\t\u{41}\u{1F600}")
    assert decoded.value == "\"'\\\n\r\tA😀"
    assert decoded.faults == ()


def test_decode_offsets_point_at_the_written_characters() -> None:
    decoded = decode_escapes(r"a\nb\u{41}c", 10)
    assert decoded.value == "a\nbAc"
    assert decoded.offsets == [10, 11, 13, 14, 20, 21]


@pytest.mark.parametrize("text", [r"\d", r"\u{110000}", r"\u{D800}", r"\u41", r"\u{}"])
def test_decode_unknown_escape_is_a_fault_and_stays(text: str) -> None:
    decoded = decode_escapes(text)
    assert len(decoded.faults) == 1
    assert decoded.value == text
    assert len(decoded.offsets) == len(text) + 1


@given(st.text(st.characters(codec="utf-8")))
def test_decode_encoded_text_is_the_text(text: str) -> None:
    assert decode_escapes(encode_string(text)[1:-1]).value == text


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("one", "one"),
        ("\n  a\n    b\n  ", "a\n  b\n"),
        ("\n  a\n\n  b", "a\n\nb"),
        ("first\n    second\n      third", "first\nsecond\n  third"),
        ("\r\n  a\r\n  b\r\n", "a\nb\n"),
        ("\n\ta\n  b", "\ta\n  b"),
        ("", ""),
        ("\n", ""),
    ],
)
def test_dedent_removes_the_common_indentation(text: str, value: str) -> None:
    assert dedent(text).value == value


@given(st.text("ab \n\t", max_size=30))
def test_dedent_offsets_point_at_the_same_characters(text: str) -> None:
    decoded = dedent(text)
    assert [text[offset] for offset in decoded.offsets[:-1]] == list(decoded.value)
    assert decoded.offsets[-1] == len(text)
