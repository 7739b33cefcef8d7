"""JSON Schema to types: every rule of the table in the module, and every fault."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kumeo.frontend.signatures import read_json_schema

TEXT = {"type": "string"}
INT = {"type": "integer"}


def read(schema):
    type_, found = read_json_schema(json.dumps(schema).encode(), None)
    assert type_ is not None, [d.headline for d in found]
    return str(type_)


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        (True, "!data.json"),
        ({}, "!data.json"),
        ({"type": "null"}, "!data.json"),
        (TEXT, "!data.str"),
        ({"type": "string", "minLength": 3, "pattern": "x", "format": "email"}, "!data.str"),
        ({"type": "string", "format": "date-time"}, "!data.time"),
        ({"type": "string", "contentEncoding": "base64"}, "!data.bytes"),
        (INT, "i64"),
        ({"type": "number", "maximum": 3}, "f64"),
        ({"type": "boolean"}, "i1"),
        ({"type": ["string", "null"]}, "!data.option<!data.str>"),
        ({"type": ["integer", "number"]}, "f64"),
        ({"type": ["integer", "string"]}, "!data.json"),
        ({"enum": ["low", "high"]}, '!data.enum<"low", "high">'),
        ({"type": "string", "enum": ["low", None]}, '!data.option<!data.enum<"low">>'),
        ({"enum": [1, 2]}, "i64"),
        ({"enum": [1, "a"]}, "!data.json"),
        ({"enum": [True]}, "i1"),
        ({"const": "x"}, '!data.enum<"x">'),
        ({"oneOf": [{"const": "a", "title": "A"}, {"const": "b"}]}, '!data.enum<"a", "b">'),
        ({"anyOf": [TEXT, {"type": "null"}]}, "!data.option<!data.str>"),
        ({"oneOf": [TEXT, INT]}, "!data.json"),
        ({"anyOf": [INT, {"type": "number"}]}, "f64"),
        ({"type": "array", "items": INT}, "!data.list<i64>"),
        ({"items": INT}, "!data.list<i64>"),
        ({"type": "array"}, "!data.list<!data.json>"),
        ({"type": "array", "prefixItems": [INT], "items": TEXT}, "!data.list<!data.json>"),
        ({"type": "object"}, "!data.map<!data.json>"),
        ({"type": "object", "additionalProperties": INT}, "!data.map<i64>"),
        ({"type": "object", "additionalProperties": False}, "!data.map<!data.json>"),
        (
            {"properties": {"a": TEXT, "b": INT, "c": {}}, "required": ["a"]},
            "!data.record<{a: !data.str, b: !data.option<i64>, c: !data.json}>",
        ),
        ({"type": "object", "required": ["z"]}, "!data.record<{z: !data.json}>"),
        (
            {"$defs": {"T": TEXT}, "type": "array", "items": {"$ref": "#/$defs/T"}},
            "!data.list<!data.str>",
        ),
        ({"$defs": {"a/b": INT}, "$ref": "#/$defs/a~1b"}, "i64"),
        (
            {
                "allOf": [
                    {"properties": {"a": INT}, "required": ["a"]},
                    {"properties": {"b": INT}, "required": ["b"]},
                ]
            },
            "!data.record<{a: i64, b: i64}>",
        ),
        ({"allOf": [{"properties": {"a": INT}}, {"properties": {"a": TEXT}}]}, "!data.json"),
    ],
)
def test_json_schema_gives_type(schema, expected):
    assert read(schema) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "3:9 it is empty"),
        ("false", "1:1 no value fits `false`"),
        ("3", "1:1 a schema must be an object"),
        ('{"type": "strng"}', "1:10 `strng` is not a type"),
        ('{"type": null}', "1:10 `null` is not a type"),
        ('{"enum": []}', "1:10 `enum` must be a list that is not empty"),
        ('{"enum": ["a", "a"]}', "1:16 value `a` is listed twice"),
        ('{"anyOf": {}}', "1:11 `anyOf` must be a list that is not empty"),
        ('{"properties": []}', "1:16 `properties` must be an object"),
        ('{"type": "object", "required": [1]}', "1:32 `required` must be a list of names"),
        ('{"properties": {"a": {"$ref": "#"}}}', "1:31 `#` refers to itself"),
        (
            '{"$ref": "#/$defs/A", "$defs": {"A": {"$ref": "#/$defs/A"}}}',
            "1:47 `#/$defs/A` refers to itself",
        ),
        ('{"$ref": "#/$defs/A"}', "1:10 `#/$defs/A` is not in the file"),
        ('{"$ref": "other.json"}', "1:10 only references inside the file (`#/…`) are possible"),
        (
            '{"type":\n "string",}',
            "2:11 it is not JSON: a string in double quotes is expected here",
        ),
        ('{"a": 1 "b": 2}', "1:9 it is not JSON: `,` or `}` is expected here"),
        ('{"a": 1, "a": 2}', "1:10 key `a` is used twice"),
        ('{"a": NaN}', "1:7 it is not JSON: a value is expected here"),
        ("{} x", "1:4 it is not JSON: text follows the end of the document"),
        ('{"\\ud800": 1}', "1:2 it is not JSON: a string holds an unknown escape"),
        ("[" * 5000, "1:102 it is not JSON: it is nested too deep"),
    ],
)
def test_json_schema_fault_reports_the_place(text, expected, messages, here):
    type_, found = read_json_schema(text.encode(), here)
    assert type_ is None
    assert messages(found) == [f"invalid-json-schema {expected}"]


def test_json_schema_file_in_latin_1_is_reported(messages, here):
    _, found = read_json_schema(b'{"title": "\xe9"}', here)
    assert messages(found) == ["invalid-json-schema 3:9 it is not UTF-8 text"]


def test_json_schema_doubling_references_are_refused_quickly(here):
    definitions = {
        f"D{i}": {"properties": {k: {"$ref": f"#/$defs/D{i + 1}"} for k in "ab"}} for i in range(40)
    }
    schema = {"$ref": "#/$defs/D0", "$defs": definitions | {"D40": INT}}
    type_, found = read_json_schema(json.dumps(schema).encode(), here)
    assert type_ is None
    assert "too large a type" in found[0].headline


def test_json_schema_long_chain_of_references_is_refused(here):
    definitions = {f"D{i}": {"$ref": f"#/$defs/D{i + 1}"} for i in range(5000)}
    schema = {"$ref": "#/$defs/D0", "$defs": definitions | {"D5000": INT}}
    assert read_json_schema(json.dumps(schema).encode(), here)[0] is None


KEYS = ["type", "properties", "required", "enum", "const", "items", "anyOf", "allOf", "$ref", "a"]
schemas = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(["#", "#/a", "string", "object"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(schemas)
@settings(max_examples=300, deadline=None)
def test_json_schema_any_json_never_raises(schema):
    type_, found = read_json_schema(json.dumps(schema).encode(), None)
    assert (type_ is None) == bool(found)


@given(st.text('{}[]",: \\u0e1tfn-.x', max_size=30))
@settings(max_examples=200, deadline=None)
def test_json_schema_any_text_never_raises(text):
    type_, found = read_json_schema(text.encode(), None)
    assert (type_ is None) == bool(found)
