"""Expressions inside strings, with places in the original file."""

import pytest

from kumeo.diagnostics import Source, Span
from kumeo.frontend import tree
from kumeo.frontend.parser import parse, parse_expression


def string_of(literal: str) -> tree.String:
    result = parse(Source("case.kumeo", f"schema S {{ x: string = {literal} }}"))
    assert not result.diagnostics
    schema = result.tree.items[0]
    assert isinstance(schema, tree.Schema)
    default = schema.fields[0].default
    assert isinstance(default, tree.String)
    return default


@pytest.mark.parametrize(
    ("literal", "right"),
    [
        ("\"a.b in ['x'] and c\"", "c"),
        (r'"a == \"x\" and \u{62}.c"', r"\u{62}.c"),
        ('"""\n      a and\n      b"""', "b"),
        ("'a > 1 && !b'", "!b"),
    ],
)
def test_parse_expression_places_are_those_of_the_file(literal: str, right: str) -> None:
    string = string_of(literal)
    expr, diagnostics = parse_expression(string)
    assert diagnostics == ()
    assert isinstance(expr, tree.Binary)
    assert expr.operator == "and"
    assert expr.right.span.source is string.span.source
    assert expr.right.span.text == right


@pytest.mark.parametrize("literal", ['"a +"', '""', '"a b"', '"a ) b"', '"workflow W {}"'])
def test_parse_expression_damaged_text_gives_diagnostics_only(literal: str) -> None:
    string = string_of(literal)
    expr, diagnostics = parse_expression(string)
    assert expr is None
    assert diagnostics
    for diagnostic in diagnostics:
        assert isinstance(diagnostic.place, Span)
        assert string.span.start <= diagnostic.place.start <= string.span.end


def test_parse_expression_lexical_fault_points_behind_an_escape() -> None:
    string = string_of(r'"a == \"x\" and $b"')
    _, (diagnostic,) = parse_expression(string)
    assert isinstance(diagnostic.place, Span)
    assert diagnostic.place.text == "$"
