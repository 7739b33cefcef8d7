"""The type of each form of expression."""

import pytest

from kumeo.testing.expressions import build

TYPES = {
    # literals
    '"text"': "string",
    "'text'": "string",
    "5": "int",
    "5.0": "float",
    "true": "bool",
    "20s": "duration",
    "null": "json",
    "[1, 2]": "[int]",
    "[1, 2.5]": "[float]",
    "[1, null]": "[int?]",
    "[null]": "[json]",
    "[]": "[json]",
    "[[], [1]]": "[[json]]",
    "{}": "{}",
    "{a: 1, b: [true]}": "{a: int, b: [bool]}",
    '{"odd key": 1}': "{odd key: int}",
    "{a: null}": "{a: json}",
    # names and paths
    "source": "Order",
    "source.item": "Item",
    "source.item.price": "float",
    "source.item.note": "string?",
    "source.maybe?.price": "float?",
    "source.maybe?.note": "string?",
    "source.raw.a.b": "json",
    "source.raw?.a": "json",
    "config.limit": "float",
    "context.policies": "string",
    "assess.output.level": "Level",
    "Level.high": "Level",
    # indices
    "source.items[0]": "Item",
    "source.items[0].sku": "string",
    'source.scores["a"]': "float?",
    "source.raw[0]": "json",
    'source.raw["a"]': "json",
    'source.item["sku"]': "string",
    # arithmetic
    "1 + 2": "int",
    "1 + 2.0": "float",
    "1 / 2": "float",
    "7 % 2": "int",
    "7.5 % 2": "float",
    "-source.count": "int",
    "-20s": "duration",
    "-source.raw": "float",
    '"a" + source.name': "string",
    "source.tags + [source.name]": "[string]",
    "source.tags + []": "[string]",
    "source.at + 1h": "timestamp",
    "1h + source.at": "timestamp",
    "source.at - 1h": "timestamp",
    "now() - source.at": "duration",
    "source.age + 20s": "duration",
    "source.age - 20s": "duration",
    "source.age * 2": "duration",
    "0.5 * source.age": "duration",
    "source.age / 1h": "float",
    "source.raw + 1": "float",
    'source.raw + "a"': "string",
    "source.raw * source.raw": "float",
    "source.at - source.raw": "timestamp",
    # comparison
    "source.count == 1.5": "bool",
    "source.country == source.name": "bool",
    "source.country == null": "bool",
    "source.raw != null": "bool",
    'source.raw == "a"': "bool",
    "source.raw > 5": "bool",
    "source.raw < source.raw": "bool",
    "source.level < high": "bool",
    "high == source.level": "bool",
    'source.level == "high"': "bool",
    'source.at > "2026-01-01T00:00:00Z"': "bool",
    "source.item == source.item": "bool",
    "source.age > 24h": "bool",
    "null == null": "bool",
    # membership
    '"a" in source.tags': "bool",
    "source.level in [low, high]": "bool",
    'source.level in ["low"]': "bool",
    "source.country in source.tags": "bool",
    "source.count in [1, 2.5]": "bool",
    '"a" in source.scores': "bool",
    '"a" in source.name': "bool",
    "source.raw in [1, 2]": "bool",
    '"a" in source.raw': "bool",
    "source.count not in [1]": "bool",
    # null
    'source.country ?? "CL"': "string",
    "source.maybe?.price ?? 0": "float",
    "source.country ?? source.maybe?.note": "string?",
    'source.country ?? source.maybe?.note ?? "x"': "string",
    "source.few ?? []": "[int]",
    "source.raw.a ?? 5": "json",
    "source.country ?? null": "json",
    # logic
    "source.flag and not source.flag": "bool",
    "source.raw and source.flag": "bool",
    "source.flag || !source.flag": "bool",
    # calls and lists
    "lower(source.name)": "string",
    "len(source.items)": "int",
    "len(source.name)": "int",
    "len(source.raw)": "int",
    "sqrt(source.count)": "float",
    "hour(source.at)": "int",
    'split(source.name, ",")': "[string]",
    "first(source.items)": "Item?",
    "max(source.count, 3)": "int",
    "max([1.5, 2.0])": "float?",
    "abs(source.raw)": "float",
    "sum(source.raw)": "float",
    "sum([i.price for i in source.items])": "float",
    "sum(i.price for i in source.items)": "float",
    "to_string(source.level)": "string",
    "keys(source.scores)": "[string]",
    "now()": "timestamp",
    "all(i.ok for i in source.items)": "bool",
    "any([true, false])": "bool",
    "any(x for x in source.raw)": "bool",
    "[i.price for i in source.items]": "[float]",
    "[i for i in source.items if i.ok]": "[Item]",
    "[{a: x} for x in source.tags]": "[{a: string}]",
    '[[y for y in split(x, ",")] for x in source.tags]': "[[string]]",
    "[x.a for x in source.raw]": "[json]",
}


@pytest.mark.parametrize("text", TYPES)
def test_build_wellformed_expression_has_type(text: str) -> None:
    built = build(text)
    assert (built.kind, built.messages) == (TYPES[text], "")


EXPECTED = {
    ("5", "float"): "float",
    ("-5", "float?"): "float?",
    ("5", "json"): "json",
    ('"a"', "string?"): "string?",
    ("null", "string?"): "string?",
    ('"high"', "Level"): "Level",
    ("high", "Level?"): "Level?",
    ("[high, low]", "[Level]"): "[Level]",
    ("[]", "[float]"): "[float]",
    ("[1, 2]", "[float]"): "[float]",
    ('[1, "a", null]', "json"): "json",
    ('{a: [1, "b"]}', "json"): "json",
    ('"2026-01-01T00:00:00Z"', "timestamp"): "timestamp",
    ('{a: 1, "b c": 2}', "{string: float}"): "{string: float}",
    ("{}", "{string: float}"): "{string: float}",
    ("{level: high}", "Verdict"): "Verdict",
    ("{level: high}", "Verdict?"): "Verdict?",
    ('{sku: "a", price: 1, ok: true}', "Item"): "Item",
    ("source.raw", "Item"): "Item",
    ("source.items", "json"): "json",
    ("source.count", "float?"): "float?",
    ("source.raw.level ?? high", "json"): "poison",
    ("[x for x in []]", "[float]"): "[float]",
    ("source.country", "string?"): "string?",
}


@pytest.mark.parametrize(("text", "expected"), EXPECTED)
def test_build_expected_type_converts(text: str, expected: str) -> None:
    assert build(text, expected).kind == EXPECTED[text, expected]


def test_build_chain_of_200_operators_is_no_nesting() -> None:
    assert build(" + ".join(["1"] * 200)).kind == "int"


def test_build_chain_of_190_conditions_is_no_nesting() -> None:
    assert build(" and ".join(["source.country != null"] * 190)).kind == "bool"


def test_build_chain_of_200_defaults_is_no_nesting() -> None:
    assert build(" ?? ".join(["source.country"] * 200)).kind == "string?"


def test_build_chain_of_190_fields_is_no_nesting() -> None:
    assert build("source.raw" + ".a" * 190).kind == "json"


def test_build_100_nested_lists_are_reported() -> None:
    assert build("[" * 100 + "]" * 100).codes == ["nesting-too-deep"]
