"""Text at the border: what is no JSON, too deep, not UTF-8, or has no JSON form."""

import math
from typing import Any

import pytest
from kumeo_runtime.values import (
    Duration,
    Failure,
    Int,
    Json,
    Record,
    Time,
    json_decoder,
    json_encoder,
    msgpack_decoder,
    msgpack_encoder,
)


class Inner(Record):
    at: Time
    took: Duration | None = None


class Outer(Record, kw_only=True, rename={"class_": "class"}):
    class_: str
    country: str | None = None
    amount: float
    inner: list[Inner]
    extra: Json = None
    count: Int = 0


def outer(**fields: Any) -> Outer:
    given: dict[str, Any] = {"class_": "x", "amount": 1.5, "inner": [Inner(at=Time(1))]}
    return Outer(**{**given, **fields})


def code_of(text: bytes, type: Any = Any) -> str:
    found = json_decoder(type).decode(text)
    assert isinstance(found, Failure), found
    return found.code


@pytest.mark.parametrize(
    "text", [b"", b"{", b"[1,]", b"NaN", b"1 2", b"1e400", b"'a'", b"\xff", b'"\xff"', b"\xfe[]"]
)
def test_decode_no_json_is_invalid_text(text: bytes) -> None:
    assert code_of(text) == "invalid-text"


def test_decode_invalid_utf8_in_an_ignored_field_is_refused() -> None:
    assert code_of(b'{"at": "2026-01-01T00:00:00Z", "x": "\xff"}', Inner) == "invalid-text"


def test_decode_128_levels_are_read() -> None:
    assert not isinstance(json_decoder(Any).decode(b"[" * 128 + b"1" + b"]" * 128), Failure)


@pytest.mark.parametrize("levels", [129, 5_000, 300_000])
def test_decode_more_levels_are_too_deep(levels: int) -> None:
    assert code_of(b"[" * levels + b"1" + b"]" * levels) == "too-deep"


def test_decode_deep_data_in_an_ignored_field_is_too_deep() -> None:
    deep = b'{"at": "2026-01-01T00:00:00Z", "x": ' + b"[" * 200 + b"1" + b"]" * 200 + b"}"
    assert code_of(deep, Inner) == "too-deep"


def test_decode_many_shallow_brackets_are_read() -> None:
    text = b"[" + b",".join([b'{"at": "2026-01-01T00:00:00Z"}'] * 500) + b"]"
    value = json_decoder(list[Inner]).decode(text)
    assert not isinstance(value, Failure)
    assert len(value) == 500


def test_decode_a_record_ignores_what_it_lacks() -> None:
    text = b'{"class":"x","amount":1,"inner":[{"at":"1970-01-01T00:00:00.000001Z"}],"z":[]}'
    assert json_decoder(Outer).decode(text) == outer(amount=1.0)


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_encode_a_number_that_is_not_finite_fails(number: float) -> None:
    written = json_encoder().encode(outer(amount=number))
    assert written == Failure("not-finite", f"{number} has no JSON form")


@pytest.mark.parametrize("extra", [{"a": [math.inf]}, (1.0, math.inf)])
def test_encode_finds_it_inside_of_json(extra: Any) -> None:
    written = json_encoder().encode(outer(extra=extra))
    assert written == Failure("not-finite", "inf has no JSON form")


def test_encode_nulls_are_no_failure() -> None:
    written = json_encoder().encode(outer())
    assert written == (
        b'{"class":"x","country":null,"amount":1.5,"inner":'
        b'[{"at":"1970-01-01T00:00:00.000001Z","took":null}],"extra":null,"count":0}'
    )


def test_encode_too_deep_fails() -> None:
    deep: Any = []
    for _ in range(200_000):
        deep = [deep]
    written = json_encoder().encode(deep)
    assert isinstance(written, Failure)
    assert written.code == "too-deep"


def test_msgpack_keeps_times_and_numbers_that_are_not_finite() -> None:
    value = outer(amount=math.inf, inner=[Inner(at=Time(-5), took=Duration(7))])
    read = msgpack_decoder(Outer).decode(msgpack_encoder().encode(value))
    assert read == value
    assert isinstance(read.inner[0].at, Time)
    assert isinstance(read.inner[0].took, Duration)


def test_failure_keeps_the_first_agent_that_is_blamed() -> None:
    assert Failure("a", "b").blamed_on("x").blamed_on("y").agent == "x"


def test_failure_report_has_an_empty_agent_for_data() -> None:
    assert Failure("a", "b").to_json() == {"code": "a", "message": "b", "agent": ""}
