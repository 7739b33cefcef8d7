"""Printing and parsing of modules: locations, strictness, and diagnostics for any input."""

import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from xdsl.dialects.builtin import FileLineColLoc, UnknownLoc

from kumeo.analysis.text import parse_module, print_module
from kumeo.dialects.registry import make_context

FLOW = """workflow.workflow @W {
  workflow.source @s nats("a") : f64
  workflow.on @s (%x: f64) {
    workflow.return
  }
}
"""


def fault(text: str, allow_unregistered: bool = False) -> tuple[str, str, int, int]:
    module, (found, *_) = parse_module(text, "x.mlir", make_context(allow_unregistered))
    assert module is None
    assert found.place is not None
    return found.code, found.headline, found.place.line, found.place.column


def test_parse_gives_each_op_its_place() -> None:
    module, _ = parse_module(FLOW, "x.mlir", make_context())
    assert module is not None
    places = [op.location for op in module.walk()]
    lines = [loc.line.data for loc in places if isinstance(loc, FileLineColLoc)]
    assert lines == [1, 1, 2, 3, 4]


def test_parse_keeps_an_unknown_location() -> None:
    module, _ = parse_module("%n = workflow.now loc(unknown)", "x.mlir", make_context())
    assert module is not None
    assert isinstance(module.body.block.first_op.location, UnknownLoc)  # type: ignore[union-attr]


def test_print_with_locations_reads_back_the_same() -> None:
    module, _ = parse_module(FLOW, "x.mlir", make_context())
    assert module is not None
    text = print_module(module)
    again, _ = parse_module(text, "other.mlir", make_context())
    assert again is not None
    assert print_module(again) == text
    assert 'loc("x.mlir":4:5)' in text


def test_print_without_locations_has_none() -> None:
    module, _ = parse_module(FLOW, "x.mlir", make_context())
    assert module is not None
    assert "loc(" not in print_module(module, locations=False)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("}", ("ir-syntax", "expected an operation", 1, 1)),
        ("\n  workflow.fi", ("ir-syntax", "there is no op `workflow.fi`", 2, 3)),
        (
            '%x = "a.b"() : () -> !data.strr',
            ("ir-syntax", "there is no op `a.b`", 1, 7),
        ),
        (
            "workflow.subworkflow @f (%x: !data.enum<>) {}",
            ("ir-syntax", "data.enum needs at least one value", 1, 40),
        ),
        (
            "workflow.subworkflow @f () { workflow.return %x : f64 }",
            ("ir-syntax", "there is no value `%x` here", 1, 46),
        ),
    ],
)
def test_parse_fault_has_its_place(text: str, expected: tuple[str, str, int, int]) -> None:
    assert fault(text) == expected


@pytest.mark.parametrize("text", ["", " \n", "// nothing\n"])
def test_parse_empty_text_is_an_empty_module(text: str) -> None:
    module, found = parse_module(text, "x.mlir", make_context())
    assert module is not None
    assert (len(module.body.block.ops), found) == (0, ())


def test_parse_misspelt_op_is_refused_though_unknown_dialects_are_allowed() -> None:
    headline = "there is no op `workflow.nowhere`"
    assert fault('"workflow.nowhere"() : () -> ()', True) == ("ir-syntax", headline, 1, 2)


def test_parse_misspelt_attribute_is_refused_though_unknown_dialects_are_allowed() -> None:
    text = '"other.op"() {a = #agent.polizy<1>} : () -> ()'
    headline = "there is no type or attribute `agent.polizy`"
    assert fault(text, True) == ("ir-syntax", headline, 1, 20)


def test_parse_op_of_unknown_dialect_is_allowed_when_said() -> None:
    module, found = parse_module('"other.op"() : () -> ()', "x.mlir", make_context(True))
    assert (module is not None, found) == (True, ())


@pytest.mark.parametrize("depth", [130, 5_000])
def test_parse_deep_regions_is_a_diagnostic(depth: int) -> None:
    limit = sys.getrecursionlimit()
    text = "builtin.module {" * depth + "}" * depth
    assert fault(text)[0] == "nesting-too-deep"
    assert sys.getrecursionlimit() == limit


def test_parse_deep_attributes_is_a_diagnostic() -> None:
    text = "builtin.module attributes {a = " + "[" * 20_000 + "]" * 20_000 + "} {}"
    assert fault(text)[0] in ("nesting-too-deep", "ir-syntax")


def test_parse_names_used_inside_a_process_may_repeat() -> None:
    text = """workflow.subworkflow @f (%x: f64) {
  %p = agent.process (%x) do (%x: f64) {
    agent.yield %x : f64
  } id "p" site "p" : (f64) -> f64
  workflow.return
}"""
    module, found = parse_module(text, "x.mlir", make_context())
    assert module is not None, found
    again, found = parse_module(print_module(module, generic=True), "x.mlir", make_context())
    assert again is not None, found


WORDS = """
workflow.on agent.model workflow.if workflow.yield case default id site f64 i1 !data.str
@a %x "s" { } ( ) : , -> = < > 1 -1 0.5 loc( // #agent.policy
"""
PIECES = st.sampled_from([*WORDS.split(), "\n"])


@settings(max_examples=150, deadline=None)
@given(st.lists(PIECES, max_size=25).map(" ".join) | st.text(max_size=40))
def test_parse_any_text_gives_a_module_or_a_diagnostic(text: str) -> None:
    module, found = parse_module(text, "x.mlir", make_context())
    assert (module is None) == bool(found)
