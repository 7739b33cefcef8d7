"""Written types, declared types and their display."""

import pytest

from kumeo.diagnostics import Source
from kumeo.dialects.data import FLOAT, STR, EnumType, ListType, MapType, OptionType, RecordType
from kumeo.frontend import tree
from kumeo.frontend.elaborate.display import display
from kumeo.frontend.elaborate.types import declare_types, resolve_type, type_from_expression
from kumeo.frontend.parser import parse
from kumeo.testing.expressions import declare, expression, sample


def fields(text: str) -> tuple[str, list[str]]:
    """Return the types of the fields of the first schema, and the codes."""
    ctx = declare(text)
    first = next(iter(ctx.types.by_name.values()))
    shown = display(first)
    return shown, [each.code for each in ctx.diagnostics]


DISPLAYED = {
    STR: "string",
    OptionType(STR): "string?",
    ListType(FLOAT): "[float]",
    MapType(OptionType(FLOAT)): "{string: float?}",
    EnumType.of("low", "high"): "low | high",
    EnumType.of("a", "b", "c", "d", "e"): "a | b | c | …",
    OptionType(EnumType.of("low", "high")): "(low | high)?",
    RecordType.of({"a": STR}): "{a: string}",
    RecordType.of({}): "{}",
    RecordType.of({name: STR for name in "abcde"}): "{a: string, b: string, c: string, …}",
}


@pytest.mark.parametrize("kind", DISPLAYED, ids=DISPLAYED.values())
def test_display_type_is_as_written(kind: object) -> None:
    assert display(kind) == DISPLAYED[kind]  # type: ignore[index]


def test_display_named_type_is_its_name() -> None:
    types = sample().ctx.types
    assert display(ListType(types.by_name["Level"]), types) == "[Level]"


def test_declare_types_in_any_order_fit() -> None:
    ctx = declare("schema A { b: [B]?, l: L } schema B { x: int } enum L { one }")
    assert ctx.diagnostics == []
    assert display(ctx.types.by_name["A"]) == "{b: [{x: int}]?, l: one}"


FAULTS = {
    "schema A { x: flaot }": ["unknown-type"],
    "schema A { x: number }": ["unknown-type"],
    "schema A { x: {int: string} }": ["type-mismatch"],
    "schema A { a: A }": ["recursive-schema"],
    "schema A { b: B } schema B { a: [A]? }": ["recursive-schema"],
    "schema A { x: int } enum A { low }": ["duplicate-name"],
    "schema string { x: int }": ["duplicate-name"],
    "schema A { x: int, x: float }": ["duplicate-key"],
    "enum E { a, b, a }": ["duplicate-key"],
    'schema A { x: int = "a" }': ["type-mismatch"],
    "schema A { x: int = y }": ["unknown-name"],
}


@pytest.mark.parametrize("text", FAULTS)
def test_declare_types_fault_is_one_diagnostic(text: str) -> None:
    assert [each.code for each in declare(text).diagnostics] == FAULTS[text]


def test_declare_types_foreign_name_gets_the_right_one() -> None:
    assert declare("schema A { x: number }").diagnostics[0].help() == "write `float`"


def test_declare_types_circle_names_all_schemas() -> None:
    diagnostic = declare("schema A { b: B } schema B { a: A }").diagnostics[0]
    assert diagnostic.headline == "the schema `A` contains itself: `A` → `B` → `A`"


def test_declare_types_keeps_defaults() -> None:
    ctx = declare("schema A { x: int = 5, y: string }")
    assert list(ctx.types.defaults["A"]) == ["x"]


def test_declare_types_imported_name_is_taken() -> None:
    ctx = declare("")
    schema = parse(Source("a.kumeo", "schema A { x: int }")).tree.items[0]
    assert isinstance(schema, tree.Schema)
    declare_types(ctx, [schema], [], {"A": STR})
    assert [each.code for each in ctx.diagnostics] == ["duplicate-name"]


def test_resolve_type_optional_json_is_json() -> None:
    assert fields("schema A { x: json? }") == ("{x: json}", [])


WRITTEN = {
    "Verdict?": "Verdict?",
    "[Item]": "[Item]",
    "{string: float}": "{string: float}",
    "[Level?]": "[Level?]",
    "string": "string",
    "5": None,
    "[a, b]": None,
    "{a: string}": None,
    '{"string": float}': None,
}


@pytest.mark.parametrize("text", WRITTEN)
def test_type_from_expression_reads_types(text: str) -> None:
    ctx = sample().ctx
    kind = type_from_expression(ctx, expression(text))
    assert (None if kind is None else display(kind, ctx.types)) == WRITTEN[text]


def test_type_from_expression_unknown_name_is_reported() -> None:
    ctx = sample().ctx
    type_from_expression(ctx, expression("Verdit?"))
    assert [each.help() for each in ctx.diagnostics] == ["write `Verdict`"]


def test_resolve_type_list_of_unknown_is_poison_only_once() -> None:
    ctx = sample().ctx
    node = tree.ListType(expression("x").span, tree.NamedType(expression("x").span, "Nothing"))
    resolve_type(ctx, node)
    assert [each.code for each in ctx.diagnostics] == ["unknown-type"]


@pytest.mark.parametrize("count", [65, 2000])
def test_declare_types_deep_nesting_is_reported_once(count: int) -> None:
    chain = [f"schema S{i} {{ x: S{i + 1}? }}" for i in range(count - 1)]
    last = f"schema S{count - 1} {{ x: int }}"
    codes = [each.code for each in declare(" ".join([*chain, last])).diagnostics]
    assert codes == ["nesting-too-deep"]


def test_declare_types_64_nested_schemas_fit() -> None:
    chain = [f"schema S{i} {{ x: S{i + 1}? }}" for i in range(63)]
    assert declare(" ".join([*chain, "schema S63 { x: int }"])).diagnostics == []
