"""What a fault leads to, and what happens to the last result of a body."""

from collections.abc import Callable

import pytest

from kumeo.frontend.compile import Elaborated

Compile = Callable[..., Elaborated]
Codes = Callable[..., list[str]]
Ir = Callable[..., str]


@pytest.mark.parametrize(
    "body", ['x = LLM("o/m", prompt: "Hi") y = HumanReview(input: x.text)', "x = 1 y = 2"]
)
def test_emit_last_result_goes_to_every_target(ir_of: Ir, body: str) -> None:
    ir = ir_of(body)
    assert ir.count("workflow.emit %y") == 2
    assert "workflow.emit %x" not in ir


def test_emit_last_result_in_a_branch_is_left_out(ir_of: Ir) -> None:
    ir = ir_of('x = 1 if source.amount > 5 { HumanReview(id: "y") }')
    assert ir.count("workflow.emit %x") == 2


@pytest.mark.parametrize("target", ["Timer(5m)", 'NATTS("orders.out")'])
def test_target_faulty_is_one_diagnostic(compile_text: Compile, target: str) -> None:
    text = f'workflow W {{ source: NATS("a") target: {{ out: {target} }} '
    result = compile_text(text + "agents: [ emit source to target.out ] }")
    assert len(result.diagnostics) == 1


def test_for_over_number_is_one_diagnostic(codes_of: Codes) -> None:
    body = "xs = for x in source.amount { y = x } emit { xs: xs, y: y } to target.good"
    assert codes_of(body) == ["type-mismatch"]


@pytest.mark.parametrize(
    "body", ["for x in source.maybe { y = x }", 'match source.note { "a" => {} }']
)
def test_statement_on_optional_value_shows_the_way_out(compile_text: Compile, body: str) -> None:
    schema = "schema Order { maybe: [int]?, note: string? }"
    head = f'{schema} workflow W {{ source: NATS("a", schema: Order) target: NATS("b") '
    found = compile_text(f"{head} agents: [ {body} emit source to target ] }}").diagnostics
    assert [each.code for each in found] == ["null-not-handled"]
    assert found[0].help() in ("write `source.maybe ?? []`", "write `source.note ?? …`")


SUBWORKFLOW = "subworkflow Twice { input: { x: float } agents: [] output: { y: x * 2 } }"


@pytest.mark.parametrize(
    "argument", ["retry: 3", "timeout: 3s", "fallback: { y: 1.0 }", "cost: { tokens: 1 }"]
)
def test_subworkflow_takes_no_policy(codes_of: Codes, argument: str) -> None:
    body = f"p = Twice(x: 1.0, {argument}) emit {{ y: p.y }} to target.good"
    assert codes_of(body, after=SUBWORKFLOW) == ["unknown-parameter"]


def test_subworkflow_with_when_may_be_null(codes_of: Codes) -> None:
    body = "p = Twice(x: 1.0, when: source.amount > 1) emit { y: p?.y } to target.good"
    assert codes_of(body, after=SUBWORKFLOW) == []


def test_mock_failure_may_have_a_code(compile_body: Compile) -> None:
    after = """test "t" for W {
      given: {} mock: { a: { fail: "late", code: "timeout" } } expect: { dead_letter: [{}] }
    }"""
    result = compile_body('a = LLM("o/m", prompt: "Hi") emit a to target.good', after=after)
    assert result.tests[0].mocks == {"a": [{"fail": "late", "code": "timeout"}]}


SOURCES = """schema A {{ x: int }} schema B {{ x: float, y: int }}
workflow W {{
  source: {{ a: NATS("a"{first}), b: NATS("b"{second}) }}
  target: NATS("o")
  agents: [ emit source.x to target ]
}}"""


@pytest.mark.parametrize("first", ["", ", schema: A"])
def test_sources_of_different_types_are_one_mismatch(compile_text: Compile, first: str) -> None:
    result = compile_text(SOURCES.format(first=first, second=", schema: B"))
    assert [each.code for each in result.diagnostics] == ["type-mismatch"]


def test_sources_of_one_type_share_the_body(compile_text: Compile) -> None:
    result = compile_text(SOURCES.format(first=", schema: A", second=", schema: A"))
    assert result.diagnostics == ()


def test_id_that_differs_from_the_name_is_invalid(codes_of: Codes) -> None:
    body = 'a = LLM("o/m", prompt: "Hi", id: "b") emit a to target.good'
    assert codes_of(body) == ["invalid-setting"]


def test_fallback_agent_keeps_its_own_id(ir_of: Ir) -> None:
    fallback = 'LLM("o/n", prompt: "Hi", id: "cheap")'
    ir = ir_of(f'a = LLM("o/m", prompt: "Hi", fallback: {fallback}) emit a to target.good')
    assert 'id "cheap"' in ir


@pytest.mark.parametrize("when", ["", ", when: source.note != null"])
def test_fallback_agent_keeps_its_id_from_others(codes_of: Codes, when: str) -> None:
    fallback = 'LLM("o/n", prompt: "Hi", id: "b")'
    a = f'a = LLM("o/m", prompt: "Hi", fallback: {fallback}{when})'
    assert codes_of(f'{a} b = LLM("o/m", prompt: "Hi") emit a to target.good') == ["duplicate-id"]


@pytest.mark.parametrize(
    ("key", "codes"),
    [
        ("source.shop.name", []),
        ("source.shop.nmae", ["invalid-setting"]),
        ("source.id.name", ["invalid-setting"]),
        ("source.raw.any.thing", []),
    ],
)
def test_source_key_is_a_field_of_the_event(
    compile_text: Compile, key: str, codes: list[str]
) -> None:
    schemas = "schema Shop { name: string } schema Order { id: string, shop: Shop?, raw: json }"
    source = f'source: NATS("a", schema: Order, key: {key})'
    body = 'target: NATS("b") agents: [ emit source to target ]'
    result = compile_text(f"{schemas} workflow W {{ {source} {body} }}")
    assert [each.code for each in result.diagnostics] == codes
