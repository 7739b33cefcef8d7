"""Whole files: declarations, subworkflows, integrations, imports, tests."""

from collections.abc import Callable
from typing import Any

import pytest

from kumeo.analysis.text import print_module

Compile = Callable[..., Any]

FLOW = """
workflow W {
  source: NATS("in")
  target: NATS("out")
  agents: [ %s ]
}
"""


def ir(result: Any) -> str:
    assert [d.headline for d in result.diagnostics] == []
    return print_module(result.module, locations=False)


def codes(result: Any) -> list[str]:
    return [d.code for d in result.diagnostics]


def test_several_sources_share_one_body(compile_text: Compile) -> None:
    text = """
      schema A { x: int }
      workflow W {
        source: { one: NATS("a", schema: A), two: HTTP("/a", schema: A) }
        target: NATS("out")
        agents: [ emit { x: source.x } to target ]
      }"""
    assert "workflow.on @one, @two (%source: !data.record<{x: i64}>)" in ir(compile_text(text))


def test_source_key_is_checked(compile_text: Compile) -> None:
    text = (
        'schema A { x: int } workflow W { source: NATS("a", schema: A, key: "%s")'
        ' target: NATS("b") agents: [emit source to target] }'
    )
    assert 'key "x"' in ir(compile_text(text % "x"))
    assert codes(compile_text(text % "y")) == ["invalid-setting"]


def test_without_emit_the_last_agent_goes_to_every_target(compile_text: Compile) -> None:
    text = """
      workflow W {
        source: NATS("a")
        target: { one: NATS("b"), two: NATS("c") }
        agents: [ LLM(id: "x", engine: "e/m", prompt: "Hi") ]
      }"""
    text_ir = ir(compile_text(text))
    assert "to @one" in text_ir
    assert "to @two" in text_ir


def test_dynamic_config_is_marked(compile_text: Compile) -> None:
    text = """
      workflow W {
        source: NATS("a")
        target: NATS("b")
        config: { limit: { value: 0.5, dynamic: true }, fixed: 3 }
        agents: [ if source.x > config.limit { emit { n: config.fixed } to target } ]
      }"""
    result = ir(compile_text(text))
    assert "workflow.config @limit : f64 = 5.000000e-01 : f64 dynamic" in result
    assert "workflow.config @fixed : i64 = 3 : i64\n" in result


@pytest.mark.parametrize(
    ("constant", "expected"),
    [
        ("[1, 2.5]", "[1.000000e+00 : f64, 2.500000e+00 : f64]"),
        ("[{ x: 1 }, {}]", "[{x = 1 : i64}, {x}]"),
        ("-9223372036854775808", "-9223372036854775808"),
    ],
)
def test_config_constant_takes_the_type_of_all_its_parts(
    compile_text: Compile, constant: str, expected: str
) -> None:
    text = FLOW % "emit { n: config.n } to target"
    assert expected in ir(
        compile_text(text.replace("agents", f"config: {{ n: {constant} }} agents"))
    )


def test_config_integer_out_of_range_is_a_diagnostic(compile_text: Compile) -> None:
    text = FLOW % "emit { n: 1 } to target"
    found = compile_text(text.replace("agents", "config: { n: [9223372036854775808] } agents"))
    assert [each.code for each in found.diagnostics] == ["integer-range"]


def test_subworkflow_input_with_an_odd_name_has_no_name_in_the_ir(compile_text: Compile) -> None:
    text = FLOW % "x = S(1) emit { x: x } to target"
    text += 'subworkflow S { input: { "odd key": int } agents: [ a = 1 ] output: { a: a } }'
    assert "odd key" in ir(compile_text(text))


def test_config_is_read_once_at_the_start(compile_text: Compile) -> None:
    text = (
        FLOW % "if 1 < config.n { emit { n: config.n } to target } emit { n: config.n } to target"
    )
    text = text.replace("agents", "config: { n: 5 } agents")
    assert ir(compile_text(text)).count("workflow.config_value") == 1


def test_subworkflow_single_output_is_the_value(compile_text: Compile) -> None:
    text = "subworkflow Twice { input: { x: int } output: y agents: [ y = x * 2 ] }" + FLOW % (
        "t = Twice(x: 4) emit { t: t + 1 } to target"
    )
    result = ir(compile_text(text))
    assert "workflow.subworkflow @Twice" in result
    assert "%t = workflow.call @Twice(%" in result


def test_subworkflow_several_outputs_are_a_record(compile_text: Compile) -> None:
    text = (
        "subworkflow S { input: { x: int } output: { a: x, b: y } agents: [ y = x * 2 ] }"
        + FLOW % "t = S(x: 4) emit { s: t.a + t.b } to target"
    )
    assert 'gives ["a", "b"]' in ir(compile_text(text))


def test_subworkflow_argument_types_are_checked(compile_text: Compile) -> None:
    text = "subworkflow S { input: { x: int } output: x agents: [] }" + FLOW % (
        't = S(x: "a") emit { t: t } to target'
    )
    assert codes(compile_text(text)) == ["type-mismatch"]


def test_subworkflow_draft_strings(compile_text: Compile) -> None:
    text = (
        'subworkflow S { input: "customer" output: "risk.out" agents: [ LLM(id: "r",'
        ' engine: "e/m", prompt: "{{ customer.name }}", output: "risk.out") ] }'
        + FLOW
        % ("t = S(customer: source) emit { t: t.text } to target")
    )
    assert "workflow.call @S" in ir(compile_text(text))


def test_integration_calls_the_subworkflow_first(compile_text: Compile) -> None:
    text = (
        "subworkflow S { input: { x: json } output: { y: x } agents: [] }"
        'integration { workflow: W, use: "S", mapping: { x: "source.v" } }'
        + FLOW
        % "emit { y: S.y } to target"
    )
    assert "workflow.call @S" in ir(compile_text(text))


def test_integration_into_an_unknown_workflow(compile_text: Compile) -> None:
    text = "integration { workflow: V, use: S, mapping: {} }" + FLOW % "emit source to target"
    assert codes(compile_text(text)) == ["unknown-agent"]


def test_import_brings_types_and_subworkflows(compile_text: Compile) -> None:
    lib = "schema T { x: int } subworkflow S { input: { t: T } output: t.x agents: [] }"
    text = 'import "lib.kumeo" as lib ' + FLOW % "s = lib.S(t: { x: 4 }) emit { s: s } to target"
    assert "workflow.call @S" in ir(compile_text(text, lib_dot_kumeo=lib))


def test_import_resolves_files_beside_the_imported_file(compile_text: Compile) -> None:
    lib = (
        "subworkflow S { input: { x: float } output: d.decision agents: ["
        ' d = DecisionMatrix(input: { x: x }, rules: "rules.csv") ] }'
    )
    text = 'import "lib/s.kumeo" ' + FLOW % "s = S(x: 4) emit { s: s } to target"
    table = "x,decision\n> 1,big\n,small\n"
    result = compile_text(text, lib__s_dot_kumeo=lib, lib__rules_dot_csv=table)
    assert "agent.decide" in ir(result)


def test_syntax_error_in_an_imported_file_points_there(compile_text: Compile) -> None:
    result = compile_text(
        'import "lib.kumeo" ' + FLOW % "emit source to target", lib_dot_kumeo="schema {"
    )
    assert {d.place.path for d in result.diagnostics} == {"lib.kumeo"}


def test_schemas_from_json_schema_type_the_source(compile_text: Compile) -> None:
    schema = '{"type": "object", "properties": {"x": {"type": "integer"}}, "required": ["x"]}'
    text = """
      workflow W {
        schemas: { order: "order.json" }
        source: NATS("in", schema: schemas.order)
        target: NATS("out")
        agents: [ emit { y: source.%s } to target ]
      }"""
    assert "!data.record<{x: i64}>" in ir(compile_text(text % "x", order_dot_json=schema))
    assert codes(compile_text(text % "y", order_dot_json=schema)) == ["unknown-field"]


@pytest.mark.parametrize(
    ("section", "expected"),
    [
        ('deployment: { replicas: 2, resources: { cpu: "500m" } }', "replicas = 2 : i64"),
        ("budget: { calls: 3, latency: 5s }", "latency = 5000000 : i64"),
        ('nats: { url: "${env.NATS_URL:-nats://localhost:4222}" }', "${env.NATS_URL"),
        ('monitor: { metrics: ["latency"] }', 'metrics = ["latency"]'),
    ],
)
def test_sections_are_kept_as_attributes(
    compile_text: Compile, section: str, expected: str
) -> None:
    text = (FLOW % "emit source to target").replace("agents", f"{section} agents")
    assert expected in ir(compile_text(text))


def test_settings_of_the_wrong_kind(compile_text: Compile) -> None:
    text = (FLOW % "emit source to target").replace(
        "agents", 'deployment: { replicas: "two" } agents'
    )
    assert codes(compile_text(text)) == ["invalid-setting"]


def test_secret_reference_is_kept_without_its_value(compile_text: Compile) -> None:
    text = (
        'provider cloud { url: "https://x.example", api_key: secret("KEY") }'
        + FLOW % "emit source to target"
    )
    assert 'key = {secret = "KEY"}' in ir(compile_text(text))


def test_on_error_names_a_target(compile_text: Compile) -> None:
    text = (FLOW % "emit source to target").replace("agents", "on_error: target agents")
    assert "on_error @target" in ir(compile_text(text))


def test_test_block_is_read(compile_text: Compile) -> None:
    text = (
        FLOW % 'a = LLM("e/m", prompt: "Hi") emit a to target'
        + """
      test "t" for W {
        given: [{ x: 1 }, { x: 2, wait: 2s }],
        expect: { target: [{ text: "Yes" }], dead_letter: [] },
        mock: { a: [{ text: "Yes" }, { fail: "down" }] },
        calls: { a: 2 }
      }"""
    )
    (test,) = compile_text(text).tests
    assert test.given == ({"x": 1}, {"x": 2, "wait": 2.0})
    assert test.expect == {"target": [{"text": "Yes"}], "dead_letter": []}
    assert test.mocks == {"a": [{"text": "Yes"}, {"fail": "down"}]}
    assert test.calls == {"a": 2}


@pytest.mark.parametrize(
    "block",
    [
        "given: {} expect: {} mock: { nobody: 1 }",
        "given: {} expect: { nowhere: [] }",
        "given: {} expect: {} calls: { nobody: 1 }",
        "given: {} expect: {} config: { nothing: 1 }",
        "given: {} expect: []",
    ],
)
def test_test_block_with_wrong_names(compile_text: Compile, block: str) -> None:
    text = FLOW % "emit source to target" + f'test "t" for W {{ {block} }}'
    assert codes(compile_text(text)) == ["invalid-test"]


def test_location_of_every_op_is_the_file(compile_text: Compile) -> None:
    result = compile_text(FLOW % "if source.x > 5 { emit source to target }")
    text = print_module(result.module, locations=True)
    assert "loc(unknown)" not in text
    assert 'loc("main.kumeo":' in text


def test_schema_default_fills_a_missing_field(compile_text: Compile) -> None:
    text = """
      schema A { x: int = 7, y: string }
      workflow W {
        source: NATS("a", schema: A)
        target: NATS("b")
        agents: [ emit { x: source.x + 1 } to target ]
      }"""
    result = ir(compile_text(text))
    assert "!data.record<{x: !data.option<i64>, y: !data.str}>" in result
    assert "data.coalesce" in result


def test_config_refuses_a_secret(compile_text: Compile) -> None:
    text = (FLOW % "emit { k: config.k } to target").replace(
        "agents", 'config: { k: [{ a: secret("KEY") }] } agents'
    )
    result = compile_text(text)
    assert "invalid-setting" in codes(result)
    assert result.module is None


def test_config_duration_in_json_is_seconds(compile_text: Compile) -> None:
    text = (FLOW % "emit { k: config.k } to target").replace(
        "agents", 'config: { k: [5m, "x"] } agents'
    )
    assert '= [3.000000e+02 : f64, "x"]' in ir(compile_text(text))


def test_two_tests_of_one_title_are_refused(compile_text: Compile) -> None:
    block = 'test "t" for W { given: { x: 1 } expect: { target: [{ x: 1 }] } }'
    text = FLOW % "emit source to target" + block + block
    assert codes(compile_text(text)) == ["invalid-test"]


def test_mock_of_a_person_needs_only_the_decision(compile_text: Compile) -> None:
    text = (
        FLOW % "h = HumanReview(input: source) emit h to target"
        + """
      test "t" for W {
        given: { x: 1 }
        expect: { target: [{ decision: "approve", by: "somebody" }] }
        mock: { h: { decision: "approve" } }
      }"""
    )
    (test,) = compile_text(text).tests
    assert test.mocks["h"] == [
        {"decision": "approve", "by": "somebody", "at": "1970-01-01T00:00:00Z"}
    ]
