"""What a `DataProcessor` reads, and what tests say while a workflow has mistakes."""

from xdsl.dialects.builtin import ModuleOp

from kumeo.diagnostics import Source
from kumeo.dialects.agent import ProcessOp
from kumeo.frontend.compile import compile_source

SUBWORKFLOW = """
subworkflow Double {
  input: { x: float }
  agents: [AGENT]
  output: { y: twice.y }
}
"""
WORKFLOW = """
schema Payment { amount: float  note: string }
workflow W {
  source: NATS("in", schema: Payment)
  target: { out: NATS("out") }
  agents: [
    AGENTS
  ]
}
"""


class NoFiles:
    """Holds nothing."""

    def read(self, path: str) -> bytes | None:
        return None


def module_of(text: str) -> ModuleOp:
    compiled = compile_source(Source("w.kumeo", text), NoFiles())
    assert compiled.module is not None, compiled.diagnostics
    return compiled.module


def inputs_of(module: ModuleOp, agent: str) -> list[str | None]:
    """Return the names of the values that an agent reads."""
    (op,) = [o for o in module.walk() if isinstance(o, ProcessOp) and o.agent_id == agent]
    return [operand.name_hint for operand in op.operands]


def test_fields_in_a_subworkflow_need_no_source() -> None:
    agent = 'DataProcessor(id: "twice", fields: { y: x * 2.0 })'
    assert inputs_of(module_of(SUBWORKFLOW.replace("AGENT", agent)), "twice") == ["x"]


def test_steps_in_a_subworkflow_need_an_input() -> None:
    agent = 'DataProcessor(id: "twice", steps: [{ select: ["y"] }])'
    text = SUBWORKFLOW.replace("AGENT", agent)
    found = compile_source(Source("w.kumeo", text), NoFiles()).diagnostics
    assert [each.code for each in found] == ["unknown-name"]


def test_fields_depend_only_on_what_they_read() -> None:
    agents = """
    DataProcessor(id: "a", fields: { net: source.amount * 0.8 })
    DataProcessor(id: "b", fields: { tax: a.net * 0.2 })
    emit b to target.out
    """
    module = module_of(WORKFLOW.replace("AGENTS", agents))
    module.verify()
    assert inputs_of(module, "b") == ["a"]


def test_fields_without_input_read_the_event_as_input() -> None:
    agents = 'DataProcessor(id: "a", fields: { net: input.amount })\n emit a to target.out'
    assert inputs_of(module_of(WORKFLOW.replace("AGENTS", agents)), "a") == ["source"]


def test_fields_with_input_wait_for_it() -> None:
    agents = 'DataProcessor(id: "a", input: source, fields: { one: 1 })\n emit a to target.out'
    assert inputs_of(module_of(WORKFLOW.replace("AGENTS", agents)), "a") == ["source"]


def test_tests_of_a_workflow_with_errors_add_no_errors() -> None:
    agents = 'LLM(id: "ask", engine: "a/b", prompt: "{{ sorce.note }}")\n emit ask to target.out'
    test = 'test "t" for W { given: {} mock: { ask: { text: "x" } } expect: {} calls: { ask: 1 } }'
    text = WORKFLOW.replace("AGENTS", agents) + test
    found = compile_source(Source("w.kumeo", text), NoFiles()).diagnostics
    assert [each.code for each in found] == ["prompt-name"]


def test_call_of_a_subworkflow_with_errors_adds_no_errors() -> None:
    sub = "subworkflow S { input: { x: float } agents: [] output: { y: x.y } }\n"
    agents = 'S(id: "c", x: source.amount)\n emit c.y to target.out'
    text = sub + WORKFLOW.replace("AGENTS", agents)
    found = compile_source(Source("w.kumeo", text), NoFiles()).diagnostics
    assert [each.code for each in found] == ["unknown-field"]
