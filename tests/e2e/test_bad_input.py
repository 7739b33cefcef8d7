"""No input makes `kumeo check` crash or hang: it gives diagnostics with a place, or accepts."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

EXAMPLES = Path(__file__).parent.parent.parent / "examples"
FRAUD = (EXAMPLES / "fraud_detection.kumeo").read_text(encoding="utf-8")
MANY = 5_000
WORKFLOW = """\
workflow W {
  source: NATS("in")
  target: { out: NATS("out") }
  agents: [
    BODY
    emit source to target.out
  ]
}
"""
LIMIT_S = 10
"""Far above what any case takes; a case that grows without bound does not come near."""

Tool = Callable[..., Any]


def body(text: str) -> str:
    return WORKFLOW.replace("BODY", text)


@pytest.fixture
def check(kumeo: Tool, tmp_path: Path) -> Callable[[str | bytes], list[dict[str, Any]]]:
    """Return the diagnostics of a text; exit code and number of errors have to agree."""

    def run(text: str | bytes) -> list[dict[str, Any]]:
        file = tmp_path / "w.kumeo"
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        start = time.process_time()
        ran = kumeo("check", "--json", str(file))
        assert time.process_time() - start < LIMIT_S
        found: list[dict[str, Any]] = json.loads(ran.out)
        assert ran.code == int(any(each["severity"] == "error" for each in found))
        return found

    return run


Check = Callable[[str | bytes], list[dict[str, Any]]]


def codes(found: list[dict[str, Any]]) -> set[str]:
    return {each["code"] for each in found if each["severity"] == "error"}


PROMPT = 'LLM(id: "a", engine: "x/y", prompt: "TEXT")\nemit a to target.out'
NESTED = {
    "parentheses": "x = " + "(" * MANY + "1" + ")" * MANY,
    "lists": "x = " + "[" * MANY + "]" * MANY,
    "objects": "x = " + "{ a: " * MANY + "1" + "}" * MANY,
    "calls": "x = " + "abs(" * MANY + "1" + ")" * MANY,
    "not": "x = " + "not " * MANY + "true",
    "minus": "x = " + "- " * MANY + "1",
    "sum": "x = 1" + " + 1" * MANY,
    "fields": "x = source" + ".a" * MANY,
    "indices": "x = source" + "[0]" * MANY,
    "if": "if true { " * MANY + "}" * MANY,
    "for": "for x in source.a { " * MANY + "}" * MANY,
    "else if": " else ".join(["if source.a == 1 { }"] * MANY),
    "condition": 'DecisionMatrix(id: "d", rules: [{ when: "TEXT", then: "a" }])'.replace(
        "TEXT", "(" * MANY + "true" + ")" * MANY
    ),
    "prompt": PROMPT.replace("TEXT", "{{ " + "(" * MANY + "source" + ")" * MANY + " }}"),
    "prompt if": PROMPT.replace("TEXT", "{% if source %}" * MANY + "{% endif %}" * MANY),
    "prompt handlebars": PROMPT.replace("TEXT", "{{#if source}}" * MANY + "{{/if}}" * MANY),
    "prompt fields": PROMPT.replace("TEXT", "{{ source" + ".a" * MANY + " }}"),
}


@pytest.mark.parametrize("text", NESTED.values(), ids=NESTED)
def test_check_deep_nesting_is_reported(check: Check, text: str) -> None:
    assert codes(check(body(text))) & {"nesting-too-deep", "prompt-syntax"}


def test_check_deep_type_is_reported(check: Check) -> None:
    found = check("schema S { a: " + "[" * MANY + "int" + "]" * MANY + " }")
    assert codes(found) == {"nesting-too-deep"}


def test_check_hundred_else_ifs_are_accepted(check: Check) -> None:
    branches = [f"if source.a == {n} {{ emit {n} to target.out }}" for n in range(100)]
    assert check(body(" else ".join(branches))) == []


def test_check_schemas_that_double_are_reported(check: Check) -> None:
    schemas = [f"schema S{n} {{ a: S{n + 1} b: S{n + 1} }}\n" for n in range(60)]
    found = check("".join(schemas) + "schema S60 { a: int }\n" + body(""))
    assert codes(found) == {"type-too-large"}


def test_check_values_that_double_are_reported(check: Check) -> None:
    lines = [f"x{n + 1} = {{ a: x{n}, b: x{n} }}" for n in range(60)]
    found = check(body("x0 = { a: 1 }\n" + "\n".join(lines) + "\nemit x60 to target.out"))
    assert codes(found) == {"type-too-large"}


def test_check_router_with_thousands_of_rules_is_reported(check: Check) -> None:
    rules = ", ".join(f'"source.a == {n}": target.out' for n in range(3_000))
    assert codes(check(body(f"Router(rules: {{ {rules} }})"))) == {"invalid-setting"}


def test_check_thousands_of_subworkflows_in_a_row_are_reported(check: Check) -> None:
    head = "subworkflow S{} {{ input: {{ x: int }} agents: [{}] output: {} }}\n"
    parts = [head.format(n, f'S{n + 1}(id: "c", x: x)', "c") for n in range(2_000)]
    text = "".join(parts) + head.format(2_000, "", "x")
    assert codes(check(text + body(""))) == {"nesting-too-deep"}


def test_check_two_thousand_mistakes_end_after_a_hundred(check: Check) -> None:
    assert len(check(body("x = = 1\n" * 2_000))) == 100


LONG = {
    "line": 'x = "' + "a" * 1_000_000 + '"',
    "comment": "/* " + "text\n" * 200_000 + " */",
    "statements": "emit source to target.out\n" * 2_000,
    "number": "x = 1." + "0" * 5_000,
}


@pytest.mark.parametrize("text", LONG.values(), ids=LONG)
def test_check_long_text_is_accepted(check: Check, text: str) -> None:
    assert check(body(text)) == []


UNREADABLE = {
    "random bytes": bytes(range(256)) * 40,
    "model": (EXAMPLES / "models" / "drift.onnx").read_bytes(),
    "UTF-16": FRAUD.encode("utf-16"),
    "surrogate": b"schema S { a: \xed\xa0\x80 }",
    "NUL": b"schema S { a: int } // \0",
}


@pytest.mark.parametrize("data", UNREADABLE.values(), ids=UNREADABLE)
def test_check_what_is_no_text_is_one_diagnostic(check: Check, data: bytes) -> None:
    assert [each["code"] for each in check(data)] == ["not-utf8"]


@pytest.mark.parametrize("text", ["größe = 1", "число = 1", "x😀 = 1", "x\u200b = 1"])
def test_check_name_beyond_ascii_is_reported(check: Check, text: str) -> None:
    assert "invalid-character" in codes(check(body(text)))


def test_check_letters_of_any_language_in_texts_are_accepted(check: Check) -> None:
    assert check(body('x = "größe число 大きさ 😀"  // größe')) == []


def without_places(text: str) -> str:
    return "\n".join(line.rpartition(" loc(")[0] or line for line in text.splitlines())


SPELLINGS: dict[str, Callable[[str], str]] = {
    "CRLF": lambda text: text.replace("\n", "\r\n"),
    "tabs": lambda text: text.replace("  ", "\t"),
    "BOM": lambda text: "\ufeff" + text,
}


@pytest.mark.parametrize("spell", SPELLINGS.values(), ids=SPELLINGS)
def test_ir_line_ends_tabs_and_bom_change_nothing(
    kumeo: Tool, tmp_path: Path, spell: Callable[[str], str]
) -> None:
    file = tmp_path / "w.kumeo"
    text = 'schema S { a: int }\nworkflow W {\n  source: NATS("in", schema: S)  // a\n' + (
        '  target: NATS("out")\n  agents: [\n    x = source.a + 1\n    emit x to target\n  ]\n}\n'
    )
    file.write_bytes(text.encode())
    expected = kumeo("ir", str(file))
    file.write_bytes(spell(text).encode())
    ran = kumeo("ir", str(file))
    assert ran.code == 0, ran.err
    assert without_places(ran.out) == without_places(expected.out)


def test_check_crlf_places_are_those_of_lf(check: Check) -> None:
    text = body("x = source.a +\n").replace("\n", "\r\n")
    (found,) = check(text)
    assert found["place"] == check(text.replace("\r\n", "\n"))[0]["place"]


@pytest.mark.parametrize("end", range(0, len(FRAUD), 211))
def test_check_half_typed_text_gives_diagnostics_with_places(check: Check, end: int) -> None:
    found = check(FRAUD[:end])
    lines = FRAUD[:end].count("\n") + 1
    assert all(1 <= each["place"]["line"] <= lines for each in found)


@pytest.mark.parametrize("number", range(0, FRAUD.count("\n"), 9))
def test_check_text_without_one_line_gives_no_crash(check: Check, number: int) -> None:
    lines = FRAUD.splitlines(keepends=True)
    check("".join(lines[:number] + lines[number + 1 :]))
