"""Visibility of values in regions with one and with several blocks."""

import pytest
from xdsl.dialects.cf import Cf
from xdsl.dialects.func import Func

from kumeo.analysis.dominance import find_invisible_values
from kumeo.analysis.text import parse_module
from kumeo.diagnostics import Point
from kumeo.dialects.registry import make_context


def invisible(text: str) -> list[str]:
    ctx = make_context()
    ctx.load_dialect(Func)
    ctx.load_dialect(Cf)
    module, found = parse_module(text, "x.mlir", ctx)
    assert module is not None, found
    return [d.headline for d in find_invisible_values(module)]


DIAMOND = """
func.func @f(%c: i1) -> i1 {{
  %a = "data.not"(%c) : (i1) -> i1
  "cf.cond_br"(%c)[^left, ^right] <{{operandSegmentSizes = array<i32: 1, 0, 0>}}> : (i1) -> ()
^left:
  %b = "data.not"(%a) : (i1) -> i1
  "cf.br"()[^end] : () -> ()
^right:
  "cf.br"()[^end] : () -> ()
^end:
  func.return %{value} : i1
}}"""


def test_value_of_a_dominating_block_is_visible() -> None:
    assert invisible(DIAMOND.format(value="a")) == []


def test_value_of_one_branch_is_invisible_after_the_merge() -> None:
    assert len(invisible(DIAMOND.format(value="b"))) == 1


@pytest.mark.parametrize(
    ("reader", "reason"),
    [
        ('%a = "data.not"(%a) : (i1) -> i1', "reads %a, which it makes itself"),
        (
            '%b = "data.not"(%a) : (i1) -> i1 \n %a = data.not %c',
            "reads %a, which is made only later",
        ),
    ],
)
def test_fault_tells_the_reason(reader: str, reason: str) -> None:
    (headline,) = invisible(f"workflow.subworkflow @f (%c: i1) {{ {reader} workflow.return }}")
    assert headline == f"`data.not` {reason}"


def test_fault_shows_where_the_value_is_made() -> None:
    text = """workflow.subworkflow @f () {
  %b = "data.not"(%a) : (i1) -> i1
  %a = data.constant true : i1
  workflow.return
}"""
    module, _ = parse_module(text, "x.mlir", make_context())
    assert module is not None
    (fault,) = find_invisible_values(module)
    assert fault.related[0].place == Point("x.mlir", 3, 3)


def test_value_of_a_sibling_region_is_invisible() -> None:
    text = """workflow.subworkflow @f (%c: i1) {
  "workflow.if"(%c) ({
    %r = "data.not"(%inner) : (i1) -> i1
    "workflow.yield"() : () -> ()
  }, {
    %inner = "data.not"(%c) : (i1) -> i1
    "workflow.yield"() : () -> ()
  }) : (i1) -> ()
  workflow.return
}"""
    (headline,) = invisible(text)
    assert headline.endswith("which is made in a region that does not enclose the reader")
