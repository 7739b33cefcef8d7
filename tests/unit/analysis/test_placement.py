"""`kumeo.analysis.placement`: what FileCheck cannot write down."""

from xdsl.dialects.builtin import i1

from kumeo.analysis.placement import place
from kumeo.analysis.text import parse_module
from kumeo.dialects.data import NotOp
from kumeo.dialects.registry import make_context
from kumeo.dialects.workflow import IfOp, SubworkflowOp

TEXT = """
workflow.subworkflow @F (%c: i1) -> (i1) {
  %a = data.not %c
  %r = workflow.if %c -> (i1) {
    workflow.yield %a : i1
  } else {
    workflow.yield %c : i1
  }
  workflow.return %r : i1
}
"""


def test_place_reader_that_stands_nowhere_does_not_count() -> None:
    module, found = parse_module(TEXT, "f.mlir", make_context())
    assert module is not None, found
    function = module.body.block.first_op
    assert isinstance(function, SubworkflowOp)
    negation, choice = list(function.body.block.ops)[:2]
    assert isinstance(choice, IfOp)
    dropped = NotOp(negation.results[0])
    assert dropped.result.type == i1
    targets = place(function.body.block).targets
    assert targets == {negation: choice.then_region}
