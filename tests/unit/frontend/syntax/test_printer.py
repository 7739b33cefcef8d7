"""The canonical form that the formatter writes."""

from collections.abc import Callable
from pathlib import Path

import pytest

from kumeo.diagnostics import Source, render_text
from kumeo.frontend.parser import parse
from kumeo.frontend.printer import print_file

DATA = sorted((Path(__file__).parent / "data").glob("*.kumeo"))


def formatted(text: str) -> str:
    result = parse(Source("case.kumeo", text))
    assert not result.diagnostics, render_text(result.diagnostics)
    return print_file(result)


def expression(text: str) -> str:
    return formatted(f"schema S {{ x: json = {text} }}").split(" = ", 1)[1].rsplit("\n", 2)[0]


@pytest.mark.parametrize("path", DATA, ids=lambda path: path.stem)
def test_print_sample_file_gives_the_expected_text(
    path: Path, golden: Callable[[Path, str], None]
) -> None:
    text = formatted(path.read_text(encoding="utf-8"))
    golden(path.with_suffix(".formatted"), text)
    assert formatted(text) == text
    assert max(map(len, text.splitlines())) <= 100


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("(a && (b || !c))", "a and (b or not c)"),
        ("((a) + (b)) * c", "(a + b) * c"),
        ("a - (b - c)", "a - (b - c)"),
        ("(a - b) - c", "a - b - c"),
        ("(a ?? b) ?? c", "(a ?? b) ?? c"),
        ("(a < b) == c", "(a < b) == c"),
        ("-(-a)", "--a"),
        ("-(a + b)", "-(a + b)"),
        ("not (a and b)", "not (a and b)"),
        ("(a?)?.b", "(a?)?.b"),
        ("(1).b", "(1).b"),
        ("(a.b)[0]", "a.b[0]"),
        ("'it\\'s \"x\"'", '"it\'s \\"x\\""'),
        ("[1,2,]", "[1, 2]"),
        ("{a:1 b:2;}", "{ a: 1, b: 2 }"),
        ("f(a=1,b)", "f(a: 1, b)"),
    ],
)
def test_print_expression_in_canonical_form(text: str, printed: str) -> None:
    assert expression(text) == printed


def test_print_long_call_has_one_argument_per_line() -> None:
    arguments = ", ".join(f"argument_{n}: {n}" for n in range(10))
    lines = expression(f"f({arguments})").splitlines()
    assert lines[0] == "f("
    assert lines[1] == "    argument_0: 0,"
    assert lines[-1] == "  )"


def test_print_object_stays_broken_where_its_author_broke_it() -> None:
    assert expression("{\n a: 1 }") == "{\n    a: 1\n  }"


def test_print_keeps_one_blank_line_between_statements() -> None:
    text = "workflow W { agents: [\n\n\n a()\n\n\n\n b()\n c()\n\n ] }"
    expected = "workflow W {\n  agents: [\n    a()\n\n    b()\n    c()\n  ]\n}\n"
    assert formatted(text) == expected


def test_print_keeps_comments_at_their_places() -> None:
    text = """// first

enum A { b } // behind
workflow W {
  // in front
  source: NATS("a")   // at the end
  agents: [
    // in an empty list
  ]
  /* last */
}
// after all
"""
    assert formatted(text) == (
        "// first\n\n"
        "enum A { b }  // behind\n\n"
        "workflow W {\n"
        "  // in front\n"
        '  source: NATS("a")  // at the end\n'
        "  agents: [\n"
        "    // in an empty list\n"
        "  ]\n"
        "  /* last */\n"
        "}\n"
        "// after all\n"
    )


def test_print_raw_string_keeps_its_content() -> None:
    text = 'provider p { x: """\n   a\n     b\n   """ y: """one line""" }'
    again = formatted(text)
    assert '"""\n    a\n      b\n  """' in again
    assert formatted(again) == again


def test_print_prompt_has_no_handlebars() -> None:
    text = (
        'workflow W { agents: [ LLM(prompt: "{{#if a}}x{{else}}y{{/if}}", title: "{{#if a}}") ] }'
    )
    printed = formatted(text)
    assert 'prompt: "{% if a %}x{% else %}y{% endif %}"' in printed
    assert 'title: "{{#if a}}"' in printed


def test_print_damaged_file_returns_it_unchanged() -> None:
    text = "enum  A  { b c }"
    assert print_file(parse(Source("case.kumeo", text))) == text


def test_print_deepest_tree_needs_no_deep_stack() -> None:
    value = "[" * 190 + "]" * 190
    text = formatted(f"schema S {{ x: json = {value} }}")
    assert formatted(text) == text


def test_print_items_are_apart_but_imports_stay_together() -> None:
    text = 'import "a"\nimport "b" as b\nenum A { a }\nenum B { b }'
    assert formatted(text) == 'import "a"\nimport "b" as b\n\nenum A { a }\n\nenum B { b }\n'
