"""Answers are written into the `mock` section of one test; the rest of the file stays."""

from kumeo.diagnostics import Source
from kumeo.tools.recording.edits import notation, with_answers

WORKFLOW = """\
workflow W {
  source: NATS("in")
  target: { out: NATS("out") }
  agents: [a = LLM(engine: "ollama/x", prompt: "Hi"), b = LLM(engine: "ollama/x", prompt: "Ho")]
}

"""
BARE = """\
test "one" for W {
  given: {}
  expect: { out: [] }
}
"""
MOCKED = """\
test "one" for W {
  given: {}
  mock: { a: { text: "old" }, b: { text: "kept" } } // as in June
  expect: { out: [] }
}
"""


def edited(test: str, **answers: list[object]) -> str:
    text = with_answers(Source("w.kumeo", WORKFLOW + test), "one", answers)
    assert text.startswith(WORKFLOW[:-1])
    return text[len(WORKFLOW) :]


def test_with_answers_without_a_section_adds_it_behind_given() -> None:
    assert edited(BARE, a=[{"text": "new"}]) == (
        'test "one" for W {\n  given: {}\n  mock: {\n    a: { text: "new" }\n  }\n'
        "  expect: { out: [] }\n}\n"
    )


def test_with_answers_replaces_one_agent_and_keeps_the_others_and_comments() -> None:
    text = edited(MOCKED, a=[{"text": "new"}])
    assert 'a: { text: "new" }' in text
    assert 'b: { text: "kept" }' in text
    assert "// as in June" in text
    assert "old" not in text


def test_with_answers_keeps_comments_between_answers_and_their_order() -> None:
    test = MOCKED.replace(
        'mock: { a: { text: "old" }, b: { text: "kept" } }',
        'mock: {\n    // why a\n    a: { text: "old" },\n'
        '    // why b\n    b: { text: "kept" }\n  }',
    )
    text = edited(test, a=[{"text": "new"}])
    assert text == test.replace("old", "new")


def test_with_answers_adds_an_agent_behind_the_others() -> None:
    text = edited(MOCKED.replace('a: { text: "old" }, ', ""), a=[1])
    assert text.index("b: {") < text.index("a: 1") < text.index("expect")


def test_with_answers_keeps_the_ends_of_lines() -> None:
    source = Source("w.kumeo", (WORKFLOW + BARE).replace("\n", "\r\n"))
    text = with_answers(source, "one", {"a": [1], "b": [2]})
    assert text.replace("\r\n", "").count("\n") == 0


def test_with_answers_several_and_lists_stand_in_brackets() -> None:
    assert "a: [1, 2]" in edited(BARE, a=[1, 2])
    assert "a: [[1]]" in edited(BARE, a=[[1]])


def test_with_answers_of_a_file_that_is_not_canonical_touches_nothing_else() -> None:
    odd = 'test   "one"   for W { given: {}   expect: { out: [] } }\n'
    text = edited(odd, a=[True])
    assert text.startswith('test   "one"   for W { given: {}\n')
    assert text.endswith("  expect: { out: [] } }\n")


def test_with_answers_another_test_stays() -> None:
    other = BARE.replace('"one"', '"two"')
    assert edited(BARE + "\n" + other, a=[1]).endswith(other)


def test_notation_of_text_escapes_what_ends_or_breaks_it() -> None:
    assert notation('a"b\\c\n\x01') == '"a\\"b\\\\c\\n\\u{1}"'


def test_notation_of_keys_that_are_words_of_the_language_quotes_them() -> None:
    assert notation({"in": 1, "a b": 2, "ok": 1e-07}) == '{ "in": 1, "a b": 2, ok: 1e-07 }'
