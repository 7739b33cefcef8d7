"""Trees and places that the parser gives for well-formed text."""

from pathlib import Path

import pytest

from kumeo.diagnostics import Source, render_text
from kumeo.frontend import tree
from kumeo.frontend.parser import parse

DATA = sorted((Path(__file__).parent / "data").glob("*.kumeo"))


def parse_file(text: str) -> tree.File:
    result = parse(Source("case.kumeo", text))
    assert not result.diagnostics, render_text(result.diagnostics)
    return result.tree


def expression(text: str) -> tree.Expr:
    item = parse_file(f"schema S {{ x: json = {text} }}").items[0]
    assert isinstance(item, tree.Schema)
    default = item.fields[0].default
    assert default is not None
    return default


def statements(text: str) -> tuple[tree.Statement, ...]:
    item = parse_file(f"workflow W {{ agents: [ {text} ] }}").items[0]
    assert isinstance(item, tree.Workflow)
    program = item.body.sections[0].value
    assert isinstance(program, tree.Program)
    return program.statements


def shown(expr: tree.Node) -> str:
    """The structure of an expression, with all parentheses."""
    match expr:
        case tree.Binary(_, operator, left, right):
            return f"({shown(left)} {operator} {shown(right)})"
        case tree.Unary(_, operator, operand):
            return f"({operator} {shown(operand)})"
        case tree.Get(_, base, name, optional):
            return f"{shown(base)}{'?.' if optional else '.'}{name.text}"
        case tree.Index(_, base, index):
            return f"{shown(base)}[{shown(index)}]"
        case _:
            return expr.span.text


@pytest.mark.parametrize("path", DATA, ids=lambda path: path.stem)
def test_parse_sample_file_finds_no_fault(path: Path) -> None:
    assert parse_file(path.read_text(encoding="utf-8")).items


@pytest.mark.parametrize(
    ("text", "structure"),
    [
        ('a ?? "CL" != "CL"', '((a ?? "CL") != "CL")'),
        ("a or b and not c == d", "(a or (b and (not (c == d))))"),
        ("a || b && !c", "(a or (b and (not c)))"),
        ("a ?? b ?? c", "(a ?? (b ?? c))"),
        ("a - b - c", "((a - b) - c)"),
        ("a + b * -c % d", "(a + ((b * (- c)) % d))"),
        ("a not in b", "(a not in b)"),
        ("(a < b) < c", "((a < b) < c)"),
        ("a?.b[c].d", "a?.b[c].d"),
        ("to.test", "to.test"),
    ],
)
def test_parse_operators_bind_as_in_the_specification(text: str, structure: str) -> None:
    assert shown(expression(text)) == structure


def test_parse_node_span_covers_first_to_last_character() -> None:
    (statement,) = statements('x = LLM( id: "a" , when: (b) )')
    assert isinstance(statement, tree.Bind)
    call = statement.value
    assert isinstance(call, tree.Call)
    assert statement.span.text == 'x = LLM( id: "a" , when: (b) )'
    assert call.span.text == 'LLM( id: "a" , when: (b) )'
    assert [a.span.text for a in call.arguments] == ['id: "a"', "when: (b)"]
    assert call.arguments[1].value.span.text == "b"


def test_parse_statements_without_commas_are_separate() -> None:
    found = statements("a = b\nf(c)\nemit d to e; g.h()")
    assert [s.span.text for s in found] == ["a = b", "f(c)", "emit d to e", "g.h()"]


def test_parse_named_and_equals_arguments_differ_only_in_the_mark() -> None:
    (call,) = statements("f(a: 1, b = 2, 3)")
    assert isinstance(call, tree.Call)
    marks = [(a.name.text if a.name else None, a.equals) for a in call.arguments]
    assert marks == [("a", False), ("b", True), (None, False)]


def test_parse_generator_argument_has_no_brackets() -> None:
    (call,) = statements("f(x > 1 for x in xs if x != null)")
    assert isinstance(call, tree.Call)
    value = call.arguments[0].value
    assert isinstance(value, tree.Comprehension)
    assert not value.bracketed
    assert value.condition is not None


def test_parse_agents_is_a_program_and_an_array_elsewhere() -> None:
    item = parse_file("workflow W { agents: [] given: [] }").items[0]
    assert isinstance(item, tree.Workflow)
    kinds = [type(section.value) for section in item.body.sections]
    assert kinds == [tree.Program, tree.Array]


def test_parse_pattern_may_be_a_negative_number() -> None:
    (match,) = statements("match x { -1 | low => {} else => {} }")
    assert isinstance(match, tree.Match)
    assert [shown(p) for p in match.cases[0].patterns] == ["(- 1)", "low"]
    assert match.cases[1].is_else


@pytest.mark.parametrize("text", ["enum A {\r\n  b,\r\n\tc\r\n}\r\n", "\ufeffenum A { b, c }"])
def test_parse_line_ends_tabs_and_byte_order_mark_are_space(text: str) -> None:
    (enum,) = parse_file(text).items
    assert isinstance(enum, tree.Enum)
    assert [value.text for value in enum.values] == ["b", "c"]


def test_parse_comments_come_beside_the_tree() -> None:
    result = parse(Source("case.kumeo", "// a\nenum A { b /* c */ } // d"))
    assert [comment.text for comment in result.comments] == ["// a", "/* c */", "// d"]
    assert [comment.span.text for comment in result.comments] == ["// a", "/* c */", "// d"]
