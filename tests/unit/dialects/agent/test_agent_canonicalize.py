"""Rules that are numbers: the verifier refuses them, so only the patterns alone can see them."""

import pytest
from xdsl.dialects.builtin import IntegerAttr, IntegerType, ModuleOp, i1, i64
from xdsl.pattern_rewriter import GreedyRewritePatternApplier, PatternRewriteWalker

from kumeo.dialects.agent import DecideOp
from kumeo.dialects.agent.canonicalize import DropDecidedRules, FoldDecision
from kumeo.dialects.data import ConstantOp, EnumType, RecordType


@pytest.mark.parametrize(("kind", "left"), [(i1, 0), (i64, 1)], ids=["truth", "number"])
def test_decision_by_a_constant_is_folded_if_it_is_a_truth_value(
    kind: IntegerType, left: int
) -> None:
    one = ConstantOp(IntegerAttr(-1 if kind == i1 else 1, kind), kind)
    answer = RecordType.of({"decision": EnumType.of("yes", "no")})
    decision = DecideOp("d", "d", "first_match", [one], ["r"], ["yes"], answer, default="no")
    module = ModuleOp([one, decision])
    patterns = GreedyRewritePatternApplier([FoldDecision(), DropDecidedRules()])
    PatternRewriteWalker(patterns).rewrite_module(module)
    assert sum(isinstance(op, DecideOp) for op in module.ops) == left
