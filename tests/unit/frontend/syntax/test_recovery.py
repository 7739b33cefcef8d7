"""What stays in the tree when a file is damaged, and how many messages there are."""

import time

import pytest

from kumeo.diagnostics import Source, render_text
from kumeo.frontend import tree
from kumeo.frontend.parser import ParseResult, parse


def parsed(text: str) -> ParseResult:
    return parse(Source("case.kumeo", text))


def codes(text: str) -> list[str]:
    return [diagnostic.code for diagnostic in parsed(text).diagnostics]


def agents_of(result: ParseResult) -> list[str]:
    """The texts of all statements of the first workflow."""
    flow = next(item for item in result.tree.items if isinstance(item, tree.Workflow))
    for section in flow.body.sections:
        if isinstance(section.value, tree.Program):
            return [statement.span.text for statement in section.value.statements]
    return []


def workflow(statements: str) -> str:
    return f"workflow W {{\n  source: NATS(1)\n  agents: [\n{statements}\n  ]\n}}\n"


@pytest.mark.parametrize(
    ("damaged", "others"),
    [
        ("    f(a b, c)\n    g()", ["f(a b, c)", "g()"]),
        ("    x = source.\n    if a { h() }\n    g()", ["g()"]),
        ("    if { h() }\n    g()", ["g()"]),
        ("    match { }\n    g()", ["g()"]),
        ("    for x xs { }\n    g()", ["g()"]),
        ("    try { a() } { b() }\n    g()", ["g()"]),
        ("    = 3\n    g()", ["g()"]),
        ("    LLM(prompt:\n      output: T\n    )\n    g()", ["g()"]),
    ],
)
def test_damaged_statement_leaves_the_next_one(damaged: str, others: list[str]) -> None:
    result = parsed(workflow(damaged))
    assert len(result.diagnostics) == 1, render_text(result.diagnostics)
    assert agents_of(result)[-len(others) :] == others


def test_damaged_argument_leaves_the_others() -> None:
    result = parsed(workflow("    f(a: 1, b: , c: 3)"))
    assert len(result.diagnostics) == 1
    flow = result.tree.items[0]
    assert isinstance(flow, tree.Workflow)
    program = flow.body.sections[1].value
    assert isinstance(program, tree.Program)
    call = program.statements[0]
    assert isinstance(call, tree.Call)
    assert [a.name.text for a in call.arguments if a.name] == ["a", "c"]


def test_damaged_item_leaves_the_items_around_it() -> None:
    result = parsed("enum A { a }\nschema B ( x: int )\nenum C { c }\n")
    assert [item.span.text for item in result.tree.items if isinstance(item, tree.Enum)] == [
        "enum A { a }",
        "enum C { c }",
    ]
    assert len(result.diagnostics) == 1


def test_damaged_items_one_after_the_other_give_a_message_each() -> None:
    result = parsed('workflow W\nenum { a }\ntest "x" on A { given: [] }\nenum C { c }\n')
    assert [d.place.line for d in result.diagnostics if d.place] == [1, 2, 3]
    assert result.tree.items[-1].span.text == "enum C { c }"


@pytest.mark.parametrize(
    "half",
    [
        "schema S { a: int }\nworkflow W {",
        "schema S { a: int }\nworkflow W { source: NATS(",
        "schema S { a: int }\nworkflow W { agents: [ LLM(prompt: ",
        "schema S { a: int }\nworkflow W { agents: [ if a.b",
        'schema S { a: int }\nworkflow W { source: NATS("x',
        "schema S { a: int }\nworkflow",
        "schema S { a: int }\nworkflow W { /* half",
    ],
)
def test_half_typed_end_keeps_the_first_item(half: str) -> None:
    result = parsed(half)
    assert result.diagnostics
    assert result.tree.items[0].span.text == "schema S { a: int }"


def test_five_mistakes_give_five_messages_in_order() -> None:
    text = """
schema A { x int }
enum B { a b, c }
provider p { url = 1 }
workflow W {
  source: NATS("a)
  agents: [ emit a to b, ) ]
}
"""
    lines = [d.place.line for d in parsed(text).diagnostics if d.place]
    assert lines == [2, 3, 4, 6, 7]


@pytest.mark.parametrize("letter", ["[", "(", "{"])
@pytest.mark.parametrize("count", [201, 5000])
def test_nested_brackets_give_one_message(letter: str, count: int) -> None:
    closer = {"[": "]", "(": ")", "{": "}"}[letter]
    inner = {"[": "", "(": "1", "{": ""}[letter]
    opener = "{ a: " if letter == "{" else letter
    value = opener * count + (inner or "1") + closer * count
    assert codes(f"schema S {{ x: json = {value} }}") == ["nesting-too-deep"]


@pytest.mark.parametrize(
    "value",
    ["1" + " + 1" * 10_000, "not " * 10_000 + "a", "a" + ".b" * 10_000, "a ?? " * 10_000 + "a"],
)
def test_long_chain_of_operators_gives_one_message(value: str) -> None:
    assert codes(f"schema S {{ x: json = {value} }}") == ["nesting-too-deep"]


def test_long_chain_of_else_if_gives_one_message() -> None:
    chain = " else ".join(["if a { f() }"] * 5000)
    assert codes(workflow(chain)) == ["nesting-too-deep"]


def test_depth_of_150_is_read() -> None:
    assert codes(f"schema S {{ x: json = {'[' * 150}{']' * 150} }}") == []


def test_garbage_ends_soon() -> None:
    start = time.process_time()
    assert codes("@ x { ] ,;: \n" * 2000)
    assert time.process_time() - start < 5


def test_nothing_but_closed_comments_is_an_empty_file() -> None:
    assert codes("// a\n/* b */\n") == ["empty-file"]


def test_unclosed_raw_string_is_found_although_later_ones_close_it() -> None:
    text = '''provider a {
  x: """
    text
  y: 1
}
provider b {
  z: """
    more
  """
}
'''
    result = parsed(text)
    assert [(d.code, d.place.line) for d in result.diagnostics if d.place] == [
        ("unterminated-string", 2)
    ]
    assert len(result.tree.items) == 2


def test_empty_enum_asks_for_a_name() -> None:
    (diagnostic,) = parse(Source("x", "enum E { }")).diagnostics
    assert diagnostic.headline == "expected a name after `{`"


@pytest.mark.parametrize("before", ["", "A(), "])
def test_misspelt_agents_section_is_named_at_its_first_statement(before: str) -> None:
    text = f"workflow W {{ agnts: [ {before}emit source to target ] }}"
    (diagnostic,) = parse(Source("x", text)).diagnostics
    assert diagnostic.help() == "write `agents` in the place of `agnts`"


def test_messages_do_not_show_terminal_names() -> None:
    texts = ["schema {", "workflow W { agents: [ x ] }", "test for", "enum E { 1 }", "agent A -> x"]
    for text in texts:
        shown = render_text(parsed(text).diagnostics)
        assert not any(word in shown for word in ("LBRACE", "NAME", "RPAREN", "$END", "__"))
