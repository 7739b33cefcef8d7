"""The agent interface: what every kind answers, and that a new kind is one class."""

from typing import ClassVar, Unpack

import pytest
from xdsl.dialects.builtin import FunctionType, StringAttr, f64
from xdsl.ir import Block, Dialect, Region
from xdsl.irdl import irdl_op_definition, operand_def, prop_def

from kumeo.analysis.text import parse_module, print_module
from kumeo.analysis.verify import verify_module
from kumeo.dialects.agent import (
    AgentOp,
    CallOp,
    Cost,
    CostAttr,
    ExternOp,
    LlmOp,
    ModelOp,
    PolicyAttr,
    RetrieveOp,
    ReviewOp,
    Shared,
    YieldOp,
)
from kumeo.dialects.data.types import STR, EnumType, RecordType
from kumeo.dialects.facts import ACTS, PURE, READ, Facts, facts_of
from kumeo.dialects.registry import make_context
from kumeo.dialects.workflow import EmitOp

TEXT = Block(arg_types=[STR]).args[0]
NUMBER = Block(arg_types=[f64]).args[0]
DECISION = RecordType.of({"decision": EnumType.of("yes", "no")})


def model(**shared: Unpack[Shared]) -> ModelOp:
    return ModelOp("m", "m", "m", [NUMBER], ["x"], f64, **shared)


@pytest.mark.parametrize(
    ("op", "facts"),
    [
        (model(), PURE),
        (LlmOp("a", "a", "a/b", TEXT, None, STR), READ),
        (RetrieveOp("a", "a", "docs"), READ),
        (ReviewOp("a", "a", TEXT, DECISION), ACTS),
        (CallOp("a", "a", "f", [TEXT], STR, "pure"), PURE),
        (CallOp("a", "a", "f", [TEXT], STR, "read"), READ),
        (CallOp("a", "a", "f", [TEXT], STR), ACTS),
    ],
)
def test_facts_of_agent_are_those_of_its_kind(op: AgentOp, facts: Facts) -> None:
    assert facts_of(op) == facts


def test_facts_agent_whose_fallback_emits_acts() -> None:
    fallback = Region(Block([EmitOp(NUMBER, "t", "t"), YieldOp()]))
    assert facts_of(model(fallback=fallback)) == ACTS


def test_facts_agent_whose_fallback_gives_a_value_stays_pure() -> None:
    assert facts_of(model(fallback=Region(Block([YieldOp([NUMBER])])))) == PURE


def test_cost_of_op_replaces_the_estimate_of_its_kind() -> None:
    assert model().cost_estimate() == ModelOp.COST
    assert model(cost=CostAttr(5, 0.5, 3)).cost_estimate() == Cost(5, 0.5, 3)


def test_language_of_op_is_the_only_one() -> None:
    assert model().languages() == ("python", "rust")
    assert model(language="rust").languages() == ("rust",)


def test_names_of_operands_start_with_the_fixed_ones() -> None:
    assert LlmOp("a", "a", "a/b", TEXT, None, STR).operand_names() == ("prompt",)
    assert LlmOp("a", "a", "a/b", TEXT, TEXT, STR).operand_names() == ("prompt", "system")
    assert model().operand_names() == ("x",)


def test_policy_default_tries_once() -> None:
    policy = PolicyAttr()
    assert (policy.attempts, policy.timeout_us, policy.fault()) == (1, None, None)


def test_extern_takes_a_function_type() -> None:
    extern = ExternOp("f", "python", "m:f", FunctionType.from_lists([f64], [f64]), "pure")
    extern.verify()
    assert extern.symbol == "f"


@irdl_op_definition
class TranslateOp(AgentOp):
    """A kind of agent of another package: nothing but this class."""

    name = "foreign.translate"

    into = prop_def(StringAttr)
    text = operand_def(STR)

    HEAD: ClassVar[tuple[tuple[str, str], ...]] = (("into", "word"),)
    OPERANDS: ClassVar[tuple[str, ...]] = ("text",)
    FACTS: ClassVar[Facts] = READ


def test_new_kind_of_agent_is_one_class() -> None:
    ctx = make_context()
    ctx.load_dialect(Dialect("foreign", [TranslateOp], []))
    text = """
    workflow.subworkflow @f (%s: !data.str) -> (!data.str) {
      %r = foreign.translate german (text = %s) id "t" site "t" policy<attempts = 2> fallback {
        agent.yield %s : !data.str
      } : (!data.str) -> !data.str
      workflow.return %r : !data.str
    }"""
    module, found = parse_module(text, "x.mlir", ctx)
    assert module is not None, found
    assert verify_module(module) == []
    printed = print_module(module)
    again, _ = parse_module(printed, "x.mlir", ctx)
    assert again is not None
    assert print_module(again) == printed
    agent = next(op for op in module.walk() if isinstance(op, TranslateOp))
    assert facts_of(agent) == READ
