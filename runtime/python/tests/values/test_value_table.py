"""Each row of `tests/data/values.yaml` holds for the runtime."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml
from kumeo_runtime.decoding import from_json
from kumeo_runtime.testing.kinds import type_of
from kumeo_runtime.values import (
    Failure,
    json_decoder,
    json_encoder,
    msgpack_decoder,
    msgpack_encoder,
)
from kumeo_runtime.writing import to_json

DATA = Path(__file__).parents[4] / "tests" / "data"
VALUES: list[Any] = yaml.safe_load((DATA / "values.yaml").read_text(encoding="utf-8"))
GOOD = [row for row in VALUES if isinstance(row[2], str)]
BAD = [row for row in VALUES if not isinstance(row[2], str)]


def label(row: list[Any]) -> str:
    return f"{row[0]} {row[1]}"


@pytest.mark.parametrize(("type", "text", "expected"), GOOD, ids=map(label, GOOD))
def test_value_good_text_is_read_and_written(type: str, text: str, expected: str) -> None:
    kind = type_of(type)
    value = json_decoder(kind).decode(text.encode())
    assert not isinstance(value, Failure), value
    written = json_encoder().encode(value)
    assert isinstance(written, bytes)
    assert same(json.loads(written), json.loads(expected))


@pytest.mark.parametrize(("type", "text", "expected"), GOOD, ids=map(label, GOOD))
def test_value_plain_data_is_the_same_value(type: str, text: str, expected: str) -> None:
    kind = type_of(type)
    value = from_json(json.loads(text), kind)
    assert value == json_decoder(kind).decode(text.encode())
    assert json.dumps(to_json(value, kind)) == json.dumps(json.loads(expected))


@pytest.mark.parametrize(("type", "text", "expected"), GOOD, ids=map(label, GOOD))
def test_value_msgpack_keeps_it(type: str, text: str, expected: str) -> None:
    kind = type_of(type)
    value = json_decoder(kind).decode(text.encode())
    assert repr(msgpack_decoder(kind).decode(msgpack_encoder().encode(value))) == repr(value)


@pytest.mark.parametrize(("type", "text", "expected"), BAD, ids=map(label, BAD))
def test_value_bad_text_fails(type: str, text: str, expected: dict[str, str]) -> None:
    failure = json_decoder(type_of(type)).decode(text.encode())
    assert isinstance(failure, Failure)
    assert failure.code == expected["fails"]
    assert failure.message == expected.get("says", failure.message)


def same(left: Any, right: Any) -> bool:
    """Compare JSON data, an integer and a float never equal, keys in any order."""
    return msgspec.json.encode(left, order="deterministic") == msgspec.json.encode(
        right, order="deterministic"
    )
