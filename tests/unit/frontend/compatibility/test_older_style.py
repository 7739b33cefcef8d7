"""Files in the style of version 0.1.0 mean the same as their present form.

Each case is a pair of agent lists (or whole files) that must give the same IR but for locations.
"""

from pathlib import Path

import pytest
from xdsl.transforms.dead_code_elimination import dce

from kumeo.analysis.text import print_module
from kumeo.diagnostics import Source
from kumeo.frontend.compile import Elaborated, compile_source

MODEL = Path(__file__).parents[4] / "examples" / "models" / "drift.onnx"
FRAME = """
schema Reading {{ pulse: int  oxygen: float?  ward: string  history: [int] }}
enum Level {{ low, high }}
workflow W {{
  source: NATS("in", schema: Reading)
  target: {{ alerts: NATS("ward.alerts"), log: NATS("ward/log.all") }}
  models: {{ drift: "drift.onnx" }}
  config: {{ limits: {{ pulse: 120, oxygen: 90.0 }} }}
  agents: [
{agents}
  ]
}}
"""
PROCESS = 'DataProcessor(id: "clean", fields: { pulse: source.pulse, ward: source.ward }'


class Models:
    """Holds the model of the examples that takes three numbers."""

    def read(self, path: str) -> bytes | None:
        return MODEL.read_bytes() if path == "drift.onnx" else None


def compiled(text: str) -> Elaborated:
    return compile_source(Source("w.kumeo", text), Models())


def ir_of(agents: str) -> str:
    """Return the IR without values that nothing reads."""
    result = compiled(FRAME.format(agents=agents))
    assert result.module is not None, [each.headline for each in result.diagnostics]
    dce(result.module)
    return print_module(result.module, locations=False)


def codes_of(agents: str) -> list[str]:
    return [each.code for each in compiled(FRAME.format(agents=agents)).diagnostics]


EMIT = "emit x to target.alerts"
PAIRS = {
    "source as string": (
        f'DataProcessor(id: "x", input: "source", steps: [{{ drop: ["ward"] }}])\n{EMIT}',
        f'DataProcessor(id: "x", input: source, steps: [{{ drop: ["ward"] }}])\n{EMIT}',
    ),
    "channel": (
        f'{PROCESS}, output: "validated.data")\n'
        f'DataProcessor(id: "x", input: "validated.data", steps: [{{ drop: ["ward"] }}])\n{EMIT}',
        f'{PROCESS})\nDataProcessor(id: "x", input: clean, steps: [{{ drop: ["ward"] }}])\n{EMIT}',
    ),
    "field of a channel after a slash": (
        f'{PROCESS}, output: "validated.data")\n'
        f'DataProcessor(id: "x", features: {{ p: "validated.data/pulse" }})\n{EMIT}',
        f'{PROCESS})\nDataProcessor(id: "x", fields: {{ p: clean.pulse }})\n{EMIT}',
    ),
    "agent.output": (
        f'{PROCESS})\nDataProcessor(id: "x", features: {{ p: "clean.output.pulse" }})\n{EMIT}',
        f'{PROCESS})\nDataProcessor(id: "x", fields: {{ p: clean.pulse }})\n{EMIT}',
    ),
    "Kind.output": (
        'LLM(id: "ask", engine: "a/b", prompt: "Hello")\n'
        f'DataProcessor(id: "x", features: {{ t: "LLM.output.text" }})\n{EMIT}',
        'LLM(id: "ask", engine: "a/b", prompt: "Hello")\n'
        f'DataProcessor(id: "x", fields: {{ t: ask.text }})\n{EMIT}',
    ),
    "equals for colon, positional engine": (
        f'LLM("a/b", id = "x", prompt = "Hello", timeout = 5s)\n{EMIT}',
        f'LLM(id: "x", engine: "a/b", prompt: "Hello", timeout: 5s)\n{EMIT}',
    ),
    "provider and model": (
        f'LLM(id: "x", provider: "openai", model: "gpt-4", prompt: "Hello")\n{EMIT}',
        f'LLM(id: "x", engine: "openai/gpt-4", prompt: "Hello")\n{EMIT}',
    ),
    "binding": (
        f'x = LLM(engine: "a/b", prompt: "Hello")\n{EMIT}',
        f'LLM(id: "x", engine: "a/b", prompt: "Hello")\n{EMIT}',
    ),
    "handlebars": (
        'LLM(id: "x", engine: "a/b", '
        f'prompt: "{{{{#if source.ward}}}}W{{{{else}}}}V{{{{/if}}}}")\n{EMIT}',
        'LLM(id: "x", engine: "a/b", '
        f'prompt: "{{% if source.ward %}}W{{% else %}}V{{% endif %}}")\n{EMIT}',
    ),
    "model as string": (
        "f = { a: 1.0, b: 2.0, c: 3.0 }\n"
        f'MLModel(id: "x", model: "models.drift", input: "f")\n{EMIT}',
        f"f = {{ a: 1.0, b: 2.0, c: 3.0 }}\n"
        f'MLModel(id: "x", model: models.drift, input: f)\n{EMIT}',
    ),
    "conditions as strings": (
        'DecisionMatrix(id: "x", rules: [\n'
        "{ condition: \"source.pulse > config.limits.pulse && source.ward in ['a', 'b']\", "
        'decision: "alert" }], on_failure: { decision: "pass" })\n' + EMIT,
        'DecisionMatrix(id: "x", rules: [\n'
        '{ when: source.pulse > config.limits.pulse and source.ward in ["a", "b"], '
        'then: "alert" }], default: "pass")\n' + EMIT,
    ),
    "all and ??": (
        'RuleEngine(id: "x", rules: [{ if: '
        '"all(p < 100 for p in source.history) or source.oxygen ?? 99.0 < 90.0", then: "ok" }], '
        'default: "no")\n' + EMIT,
        'DecisionMatrix(id: "x", rules: [{ when: '
        "all(p < 100 for p in source.history) or source.oxygen ?? 99.0 < 90.0, "
        'then: "ok" }], default: "no")\n' + EMIT,
    ),
    "when as string": (
        f'LLM(id: "x", engine: "a/b", prompt: "Hi", when: "source.ward == \'a\'")\n{EMIT}',
        f'LLM(id: "x", engine: "a/b", prompt: "Hi", when: source.ward == "a")\n{EMIT}',
    ),
    "router by conditions": (
        'Router(input: "source", rules: { "source.pulse > 120": "target.alerts", '
        '"default": "target.log" })',
        "Router(input: source, rules: [{ when: source.pulse > 120, to: target.alerts }], "
        "default: target.log)",
    ),
    "target by its subject": (
        'Router(rules: { "source.pulse > 120": "target.ward.alerts" })\n'
        'emit source to target["ward/log.all"]',
        "Router(rules: [{ when: source.pulse > 120, to: target.alerts }])\n"
        "emit source to target.log",
    ),
    "person in the loop": (
        'HumanInLoop(id: "x", input: "source", options: ["yes", "no"], timeout: 5m, '
        f'on_timeout: "no")\n{EMIT}',
        'HumanReview(id: "x", input: source, decisions: ["yes", "no"], timeout: 5m, '
        f'on_timeout: "no")\n{EMIT}',
    ),
    "defaults of missing values": (
        f'MissingValueHandler(id: "x", input: "source", defaults: {{ oxygen: 99.0 }})\n{EMIT}',
        f'DataProcessor(id: "x", input: source, steps: [{{ fill: {{ oxygen: 99.0 }} }}])\n{EMIT}',
    ),
    "last result to every target": (
        'LLM(id: "x", engine: "a/b", prompt: "Hi")',
        'LLM(id: "x", engine: "a/b", prompt: "Hi")\nemit x to target.alerts\nemit x to target.log',
    ),
}


@pytest.mark.parametrize(("older", "present"), PAIRS.values(), ids=PAIRS)
def test_older_form_means_the_present_one(older: str, present: str) -> None:
    assert ir_of(older) == ir_of(present)


WRONG = {
    "channel": ('DataProcessor(id: "x", input: "validated.dat", steps: [])', "unknown-name"),
    "field": ('DataProcessor(id: "x", features: { p: "source.puls" })', "unknown-field"),
    "model": ('MLModel(id: "x", model: "models.drft", input: source)', "unknown-model"),
    "target": ('Router(rules: { "true": "target.alarts" })', "unknown-target"),
    "condition": (
        'DecisionMatrix(id: "x", rules: [{ when: "source.pulse >", then: "a" }])',
        "syntax-error",
    ),
    "type of a condition": (
        'DecisionMatrix(id: "x", rules: [{ when: "source.ward > 3", then: "a" }])',
        "type-mismatch",
    ),
    "kind with two agents": (
        'LLM(id: "a", engine: "a/b", prompt: "1")\nLLM(id: "b", engine: "a/b", prompt: "2")\n'
        'DataProcessor(id: "x", features: { t: "LLM.output.text" })',
        "unknown-name",
    ),
    "variable of the environment in a prompt": (
        'LLM(id: "x", engine: "a/b", prompt: "{{ env.HOME }}")',
        "prompt-name",
    ),
}


@pytest.mark.parametrize(("agents", "code"), WRONG.values(), ids=WRONG)
def test_string_that_names_nothing_is_reported(agents: str, code: str) -> None:
    assert code in codes_of(agents + "\nemit source to target.log")


def test_fault_in_a_string_points_into_the_string() -> None:
    text = FRAME.format(agents='Router(rules: { "source.puls > 1": "target.log" })')
    (found,) = compiled(text).diagnostics
    assert getattr(found.place, "text", None) == "puls"


def test_string_in_the_place_of_text_is_no_reference() -> None:
    assert '"source.pulse"' in ir_of('x = "source.pulse"\nemit x to target.log')
