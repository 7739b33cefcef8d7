"""Sections of version 0.1.0: preprocessors, integrations, schemas, settings with environment."""

from kumeo.analysis.text import print_module
from kumeo.diagnostics import Source
from kumeo.frontend.compile import Elaborated, compile_source

SCHEMA = b"""{ "type": "object", "properties": { "id": { "type": "string" },
  "pulse": { "type": "integer" } }, "required": ["id", "pulse"] }"""


class Schemas:
    """Holds `vitals.json`."""

    def read(self, path: str) -> bytes | None:
        return SCHEMA if path == "vitals.json" else None


def compiled(text: str) -> Elaborated:
    return compile_source(Source("w.kumeo", text), Schemas())


def ir_of(text: str) -> str:
    result = compiled(text)
    assert result.module is not None, [each.headline for each in result.diagnostics]
    return print_module(result.module, locations=False)


def workflow(sections: str) -> str:
    return f'workflow W {{ source: NATS("in") target: NATS("out") {sections} }}'


def test_preprocessors_run_before_agents() -> None:
    first, second = "x = source.a", "emit x to target"
    older = workflow(f"agents: [ {second} ] preprocessors: [ {first} ]")
    assert ir_of(older) == ir_of(workflow(f"agents: [ {first}\n {second} ]"))


def test_schema_of_a_source_by_string_is_the_one_of_the_file() -> None:
    text = """
    workflow W {
      source: NATS("in", schema: "schemas.vitals")
      target: NATS("out")
      schemas: { vitals: "vitals.json" }
      agents: [ emit source.pulse + 1 to target ]
    }
    """
    assert "!data.record<{id: !data.str, pulse: i64}>" in ir_of(text)
    wrong = compiled(text.replace("source.pulse", "source.puls"))
    assert [each.code for each in wrong.diagnostics] == ["unknown-field"]


def test_integration_calls_the_subworkflow_before_the_agents() -> None:
    sub = """
    subworkflow Check {
      input: ["vitals"]
      output: ["checked.pulse"]
      agents: [ DataProcessor(id: "c", fields: { pulse: vitals.pulse }, output: "checked") ]
    }
    """
    older = (
        sub
        + 'integration { workflow: W use: [Check] mapping: { "input.vitals": "source.vitals" } }'
        + workflow("agents: [ emit Check.pulse to target ]")
    )
    present = sub + workflow(
        'agents: [ Check(id: "Check", vitals: source.vitals)\n emit Check.pulse to target ]'
    )
    assert ir_of(older) == ir_of(present)


def test_integration_into_an_unknown_workflow_is_reported() -> None:
    text = 'subworkflow S { input: ["x"] output: x agents: [] }\n'
    text += 'integration { workflow: V use: [S] mapping: { "input.x": "source" } }\n'
    found = compiled(text + workflow("agents: [ emit source to target ]")).diagnostics
    assert "unknown-agent" in [each.code for each in found]


def test_environment_in_settings_stays_as_written() -> None:
    settings = 'nats: { url: "${env.NATS_URL:-nats://localhost}" } deployment: { replicas: 2 }'
    text = ir_of(workflow(f"{settings} agents: [ emit source to target ]"))
    assert "${env.NATS_URL:-nats://localhost}" in text


def test_targets_in_a_list_are_named_by_their_subjects() -> None:
    text = 'workflow W { source: NATS("in") target: [NATS("a.b"), NATS("c/d")] agents: [ AGENTS ] }'
    emits = 'emit source to target["a.b"]\n emit source to target["c/d"]'
    assert ir_of(text.replace("AGENTS", emits)).count("workflow.emit") == 2
