"""Ops of other packages: their rules, and agents that need none."""

from collections.abc import Sequence
from typing import Any, ClassVar

from xdsl.context import Context
from xdsl.ir import Dialect
from xdsl.irdl import irdl_op_definition, var_operand_def

from kumeo.analysis.text import parse_module
from kumeo.dialects.agent import AgentOp
from kumeo.dialects.facts import PURE, READ, Facts
from kumeo.dialects.registry import make_context
from kumeo.interp import Run, World, run
from kumeo.interp.agents import computed_by
from kumeo.interp.evaluate import Frame, Program
from kumeo.testing.small_workflows import events_of


@irdl_op_definition
class GuessOp(AgentOp):
    """An agent that is asked."""

    name = "toy.guess"
    FACTS: ClassVar[Facts] = READ
    inputs = var_operand_def()


@irdl_op_definition
class DoubleOp(AgentOp):
    """An agent that computes."""

    name = "toy.double"
    FACTS: ClassVar[Facts] = PURE
    inputs = var_operand_def()


def double(op: DoubleOp, program: Program) -> Any:
    def compute(values: Sequence[Any], frame: Frame) -> Any:
        return 2 * values[0]

    return compute


def ran(kind: str, **world: Any) -> Run:
    context: Context = make_context(
        others=[("toy", lambda: Dialect("toy", [GuessOp, DoubleOp], []))]
    )
    text = f"""workflow.workflow @W {{
      workflow.source @s nats("s") : i64
      workflow.target @t nats("t")
      workflow.on @s (%e: i64) {{
        %r = toy.{kind} (%e) id "a" site "a" : (i64) -> i64
        workflow.emit %r : i64 to @t site "t"
        workflow.return
      }}
    }}"""
    module, found = parse_module(text, "w.mlir", context)
    assert module is not None, found
    return run(module, "W", events_of([21]), World(**world))


def test_agent_of_another_package_takes_mock_answers() -> None:
    assert ran("guess", answers={"a": [7]}).payloads("t") == [7]


def test_agent_of_another_package_has_a_stub() -> None:
    assert [type(value) for value in ran("guess").payloads("t")] == [int]


def test_agent_with_work_computes_its_answer() -> None:
    done = ran("double", rules={DoubleOp: computed_by(double)})
    assert (done.payloads("t"), [call.agent for call in done.calls]) == ([42], ["a"])


def test_rules_of_kumeo_come_first() -> None:
    done = ran("double", rules={AgentOp: computed_by(double)})
    assert done.payloads("t") != [42]
