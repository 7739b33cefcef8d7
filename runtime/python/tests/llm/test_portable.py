"""Schemas as strict servers take them."""

from typing import Any

import pytest
from kumeo_runtime.llm.api import Question
from kumeo_runtime.llm.capabilities import Capabilities
from kumeo_runtime.llm.exchange import WIRES
from kumeo_runtime.llm.portable import portable

NULL = {"type": "null"}
NAME = {"type": "string", "minLength": 1}
BOUNDED = {"type": "object", "properties": {"name": NAME}}


def record(fields: Any, **more: Any) -> dict[str, Any]:
    return {"type": "object", "properties": fields, **more}


def strict(fields: Any) -> dict[str, Any]:
    return record(fields, required=list(fields), additionalProperties=False)


@pytest.mark.parametrize(
    ("given", "made"),
    [
        ({"type": "integer", "minimum": 0, "maximum": 9, "multipleOf": 3}, {"type": "integer"}),
        ({"type": "string", "pattern": "^a", "maxLength": 3}, {"type": "string"}),
        ({"type": "string", "format": "date-time"}, {"type": "string", "format": "date-time"}),
        ({"type": "string", "format": "own", "contentEncoding": "base64"}, {"type": "string"}),
        (
            {"type": "array", "items": NAME, "maxItems": 3},
            {"type": "array", "items": {"type": "string"}},
        ),
        ({"const": 5}, {"enum": [5]}),
        ({"oneOf": [NAME, NULL]}, {"anyOf": [{"type": "string"}, NULL]}),
        ({"allOf": [NAME]}, {"type": "string"}),
        (
            record({"a": NAME}, required=["a"]),
            strict({"a": {"type": "string"}}),
        ),
        (
            record({"a": NAME}),
            strict({"a": {"anyOf": [{"type": "string"}, NULL]}}),
        ),
        (
            record({"a": {"anyOf": [NAME, NULL]}}),
            strict({"a": {"anyOf": [{"type": "string"}, NULL]}}),
        ),
        (record({"a": {"type": ["string", "null"]}}), strict({"a": {"type": ["string", "null"]}})),
        (record({"a": NULL}), strict({"a": NULL})),
        (
            {"$ref": "#/$defs/A", "$defs": {"A": BOUNDED}},
            {
                "$ref": "#/$defs/A",
                "$defs": {"A": strict({"name": {"anyOf": [{"type": "string"}, NULL]}})},
            },
        ),
    ],
)
def test_portable_schema_is_what_strict_servers_take(given: Any, made: Any) -> None:
    assert portable(given) == made


@pytest.mark.parametrize("given", [True, {}, None])
def test_portable_schema_of_anything_is_empty(given: Any) -> None:
    assert portable(given) == {}


def test_portable_schema_is_made_once_more_from_itself_without_change() -> None:
    once = portable(record({"a": NAME, "b": {"const": 1}}, required=["b"]))
    assert portable(once) == once


def sent(protocol: Any, is_strict: bool, **can: Any) -> Any:
    question = Question("m", ({"role": "user", "content": "Hi"},), BOUNDED, is_strict)
    body = WIRES[protocol].body(question, Capabilities(**can))
    return body["format"] if protocol == "ollama" else body["response_format"]["json_schema"]


def test_wire_lowers_the_schema_for_strict_servers_only() -> None:
    lowered = portable(BOUNDED)
    assert sent("ollama", True) == lowered
    assert sent("ollama", True, strict=False) == BOUNDED
    assert sent("ollama", False) == BOUNDED
    assert sent("openai", True) == {"name": "answer", "strict": True, "schema": lowered}
    found = sent("openai", True, strict=False)
    assert found == {"name": "answer", "strict": False, "schema": BOUNDED}
