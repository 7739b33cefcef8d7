"""`ForwardEqualResults` on its own: other patterns take care of some of its cases before it."""

import pytest
from xdsl.pattern_rewriter import PatternRewriteWalker

from kumeo.dialects.workflow import MatchOp, ReturnOp
from kumeo.dialects.workflow.canonicalize import ForwardEqualResults
from kumeo.testing.small_workflows import parse

ONLY_CASE = """
workflow.subworkflow @S (%v: i64) -> (i64) {{
  %e = data.constant true : i1
  {outside}
  %r = workflow.match %e : i1 -> (i64) case true, false {{
    {inside}
    workflow.yield %x : i64
  }}
  workflow.return %r : i64
}}
"""


@pytest.mark.parametrize(
    ("outside", "inside", "is_forwarded"),
    [
        ("%x = data.neg %v : i64", "", True),
        ("", "%x = data.constant 1 : i64", True),
        ("", "%x = data.neg %v : i64", False),
    ],
    ids=["value of outside", "constant of inside", "value of inside"],
)
def test_forward_only_region_gives_what_can_be_read_outside(
    outside: str, inside: str, is_forwarded: bool
) -> None:
    module = parse(ONLY_CASE.format(outside=outside, inside=inside))
    PatternRewriteWalker(ForwardEqualResults()).rewrite_module(module)
    module.verify()
    (end,) = (op for op in module.walk() if isinstance(op, ReturnOp))
    assert isinstance(end.operands[0].owner, MatchOp) is not is_forwarded
