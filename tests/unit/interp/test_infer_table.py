"""Each row of `tests/data/infer.yaml` holds for the interpreter."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from kumeo.dialects.infer.encoding import operand_tensor
from kumeo.dialects.infer.tensors import element_of
from kumeo.dialects.registry import make_context
from kumeo.dialects.text import KumeoParser
from kumeo.interp.infer.run import decode, dtype_of, encode

TABLE: Any = yaml.safe_load(
    (Path(__file__).parents[2] / "data" / "infer.yaml").read_text(encoding="utf-8")
)


def type_of(text: str) -> Any:
    return KumeoParser(make_context(), text).parse_type()


@pytest.mark.parametrize(("type", "value", "number"), TABLE["operands"], ids=str)
def test_operand(type: str, value: Any, number: Any) -> None:
    kind = type_of(type)
    tensor = operand_tensor(kind)
    assert tensor is not None
    found = np.array([encode(value, kind)], dtype_of(element_of(tensor)))
    np.testing.assert_array_equal(found, np.array([number], found.dtype))


@pytest.mark.parametrize(("type", "number", "value"), TABLE["results"], ids=str)
def test_result(type: str, number: Any, value: Any) -> None:
    found = decode(np.array([number])[0], type_of(type))
    assert found == value or (found != found and value != value)
