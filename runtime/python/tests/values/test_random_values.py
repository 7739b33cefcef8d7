"""Random JSON of random types is read and written as the interpreter does it."""

import json
import random
from typing import Any

import pytest
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

from kumeo.dialects.data import DataFailure
from kumeo.dialects.registry import make_context
from kumeo.dialects.text import KumeoParser
from kumeo.interp import wire
from kumeo.interp.stubs import stub

CONTEXT = make_context()
SCALARS = (
    *("i64", "f64", "i1", "!data.str", "!data.time", "!data.duration", "!data.bytes"),
    *("!data.json", '!data.enum<"low", "high">'),
)
ODD: tuple[Any, ...] = (
    *(None, True, 1, 1.0, 1.5, -0.0, 2**63, 2**70, 1e300, "", "low", "x", "é", "AA==", [], {}),
    *("2026-01-01T00:00:00Z", "2026-01-01T00:00:00.5+01:00"),
)


def random_type(rng: random.Random, depth: int) -> str:
    word = rng.choice([*SCALARS, *(("option", "list", "map", "record") * 3 if depth else ())])
    match word:
        case "option":
            inner = random_type(rng, depth - 1)
            has_null = inner.startswith("!data.option") or inner == "!data.json"
            return inner if has_null else f"!data.option<{inner}>"
        case "list" | "map":
            return f"!data.{word}<{random_type(rng, depth - 1)}>"
        case "record":
            names = [
                f'"f {i}"' if rng.random() < 0.2 else f"f{i}" for i in range(rng.randint(0, 3))
            ]
            fields = ", ".join(f"{name}: {random_type(rng, depth - 1)}" for name in names)
            return f"!data.record<{{{fields}}}>"
        case _:
            return word


def damaged(rng: random.Random, data: Any) -> Any:
    if rng.random() < 0.12:
        return rng.choice(ODD)
    if isinstance(data, list):
        return [damaged(rng, item) for item in data]
    if isinstance(data, dict):
        return {key: damaged(rng, item) for key, item in data.items() if rng.random() > 0.05}
    return data


@pytest.mark.parametrize("seed", range(10))
def test_random_json_means_what_the_interpreter_says(seed: int) -> None:
    rng = random.Random(seed)
    for number in range(60):
        text = random_type(rng, 3)
        kind = KumeoParser(CONTEXT, text).parse_type()
        data = stub(kind, seed, number)
        if rng.random() < 0.8:
            data = damaged(rng, data)
        check(text, data, interpreted(data, kind))


def interpreted(data: Any, kind: Any) -> Any:
    try:
        return wire.to_json(wire.from_json(data, kind), kind)
    except DataFailure as failure:
        return Failure(failure.code, failure.message)


def check(text: str, data: Any, expected: Any) -> None:
    kind = type_of(text)
    value = json_decoder(kind).decode(json.dumps(data).encode())
    assert from_json(data, kind) == value
    if isinstance(expected, Failure):
        assert value == expected
        return
    assert to_json(value, kind) == expected
    written = json_encoder().encode(value)
    assert isinstance(written, bytes)
    assert json.loads(written) == expected
    if str(2**63) not in str(data) and str(2**70) not in str(data):  # json beyond 64 bits
        assert msgpack_decoder(kind).decode(msgpack_encoder().encode(value)) == value
