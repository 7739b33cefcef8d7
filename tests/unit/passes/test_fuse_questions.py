"""`fuse-questions` and agents of other packages: no kind of Kumeo reads a prompt and acts."""

from typing import ClassVar

import pytest
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp, i1
from xdsl.irdl import irdl_op_definition, operand_def

from kumeo.dialects.agent import AgentOp
from kumeo.dialects.data import STR, ConstantOp
from kumeo.dialects.facts import ACTS, READ, Facts
from kumeo.passes.fuse_questions import FuseQuestionsPass


class Asking(AgentOp):
    """What the two kinds have in common."""

    OPERANDS: ClassVar[tuple[str, ...]] = ("prompt",)

    def __init__(self, name: str, prompt: ConstantOp) -> None:
        self.fill(name, name, [prompt], {}, i1, {})


@irdl_op_definition
class AskOp(Asking):
    """Asks, and leaves no trace."""

    name = "test.ask"
    FACTS: ClassVar[Facts] = READ
    prompt = operand_def(STR)


@irdl_op_definition
class TellOp(Asking):
    """Asks, and the question is an act."""

    name = "test.tell"
    FACTS: ClassVar[Facts] = ACTS
    prompt = operand_def(STR)


@pytest.mark.parametrize(("kind", "left"), [(AskOp, 1), (TellOp, 2)])
def test_fuse_questions_agent_that_acts_is_asked_alone(kind: type[Asking], left: int) -> None:
    text = ConstantOp.of("What?", STR)
    module = ModuleOp([text, kind("a", text), kind("b", text)])
    FuseQuestionsPass().apply(Context(), module)
    assert sum(isinstance(op, kind) for op in module.ops) == left
