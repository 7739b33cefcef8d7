"""Each row of `tests/data/infer.yaml` holds for the runtime."""

from pathlib import Path
from typing import Any, Literal

import msgspec
import numpy as np
import pytest
import yaml
from kumeo_runtime.agents.infer_rows import Decoder, Encoder
from kumeo_runtime.values import Int, Record

TABLE: Any = yaml.safe_load(
    (Path(__file__).parents[4] / "tests" / "data" / "infer.yaml").read_text(encoding="utf-8")
)


def type_of(text: str) -> Any:
    if text.startswith("!data.option<"):
        return type_of(text[len("!data.option<") : -1]), None
    if text.startswith("!data.enum<"):
        names = text[len("!data.enum<") : -1].replace('"', "").split(", ")
        return Literal[tuple(names)]
    return {"f64": float, "i64": Int, "i1": bool, "!data.list<f64>": list[float]}[text]


@pytest.mark.parametrize(("type", "value", "number"), TABLE["operands"], ids=str)
def test_operand(type: str, value: Any, number: Any) -> None:
    encoder = Encoder({"x": type_of(type)})
    found = encoder.tensors([encoder.row({"x": value})])["x"]
    np.testing.assert_array_equal(found, np.array([number], found.dtype))


@pytest.mark.parametrize(("type", "number", "value"), TABLE["results"], ids=str)
def test_result(type: str, number: Any, value: Any) -> None:
    record = msgspec.defstruct("R", [("x", type_of(type))], bases=(Record,), kw_only=True)
    (found,) = Decoder(record).records([np.array([number])], 1)
    assert found.x == value or (found.x != found.x and value != value)


def test_operand_of_an_enum_with_the_same_names_in_another_order_keeps_its_order() -> None:
    first, second = Literal["x", "y"], Literal["y", "x"]
    encoder = Encoder({"a": (first, None), "b": (second, None), "c": first, "d": second})
    row = encoder.tensors([encoder.row(dict.fromkeys("abcd", "x"))])
    assert [int(row[name][0]) for name in "abcd"] == [0, 1, 0, 1]
