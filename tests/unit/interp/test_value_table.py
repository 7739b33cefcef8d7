"""Each row of `tests/data/values.yaml` holds for the border of the interpreter."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from xdsl.ir import Attribute

from kumeo.dialects import data
from kumeo.dialects.data.failures import DataFailure
from kumeo.dialects.registry import make_context
from kumeo.dialects.text import KumeoParser
from kumeo.interp.wire import from_json, to_json

ROWS: list[Any] = yaml.safe_load(
    (Path(__file__).parents[2] / "data" / "values.yaml").read_text(encoding="utf-8")
)
NAMED = {
    "string": "!data.str",
    "int": "i64",
    "float": "f64",
    "bool": "i1",
    "timestamp": "!data.time",
    "duration": "!data.duration",
    "bytes": "!data.bytes",
    "json": "!data.json",
}


def type_of(text: str) -> Attribute:
    if text.endswith("?"):
        return data.OptionType(type_of(text[:-1]))
    if text.startswith("["):
        return data.ListType(type_of(text[1:-1]))
    if text.startswith("{"):
        return data.MapType(type_of(text[len("{string: ") : -1]))
    return KumeoParser(make_context(), NAMED.get(text, text)).parse_type()


@pytest.mark.parametrize(("type", "text", "expected"), ROWS, ids=[f"{r[0]} {r[1]}" for r in ROWS])
def test_row(type: str, text: str, expected: Any) -> None:
    kind = type_of(type)
    if isinstance(expected, str):
        written = json.dumps(to_json(from_json(json.loads(text), kind), kind))
        assert written == json.dumps(json.loads(expected))
        return
    with pytest.raises(DataFailure) as caught:
        from_json(json.loads(text), kind)
    assert caught.value.code == expected["fails"]
    assert caught.value.message == expected.get("says", caught.value.message)
