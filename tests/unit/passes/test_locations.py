"""Locations survive the passes that Kumeo takes from xDSL."""

import pytest
from xdsl.context import Context
from xdsl.dialects.arith import Arith
from xdsl.dialects.builtin import (
    Builtin,
    FileLineColLoc,
    FusedLoc,
    IntAttr,
    LocationAttr,
    ModuleOp,
    NoneAttr,
    StringAttr,
    UnknownLoc,
)
from xdsl.dialects.func import Func
from xdsl.parser import Parser

from kumeo.passes.base import OpPass
from kumeo.passes.canonicalize import CanonicalizePass
from kumeo.passes.cse import CsePass
from kumeo.passes.locations import fuse
from kumeo.passes.strip_locations import StripLocationsPass

TWO_SUMS = """
func.func @f(%x: i64 loc("a":1:1)) -> (i64, i64) {
  %a = arith.addi %x, %x : i64 loc("a":2:1)
  %b = arith.addi %x, %x : i64 loc("a":3:1)
  func.return %a, %b : i64, i64 loc("a":4:1)
} loc("a":1:1)
"""


def context() -> Context:
    ctx = Context()
    for dialect in (Builtin, Arith, Func):
        ctx.load_dialect(dialect)
    return ctx


def after(runs: OpPass, text: str) -> ModuleOp:
    ctx = context()
    module = Parser(ctx, text).parse_module()
    runs.apply(ctx, module)
    return module


def location(module: ModuleOp, name: str) -> LocationAttr:
    (found,) = [op.location for op in module.walk() if op.name == name]
    return found


def at(line: int) -> FileLineColLoc:
    return FileLineColLoc(StringAttr("a"), IntAttr(line), IntAttr(1))


def test_canonicalize_folded_constant_is_at_the_folded_op() -> None:
    module = after(
        CanonicalizePass(),
        """
        func.func @f() -> i64 {
          %a = arith.constant 2 : i64 loc("a":1:1)
          %c = arith.addi %a, %a : i64 loc("a":2:1)
          func.return %c : i64
        }""",
    )
    assert str(location(module, "arith.constant")) == 'loc("a":2:1)'


def test_canonicalize_rewritten_op_is_at_the_matched_op() -> None:
    module = after(
        CanonicalizePass(),
        """
        func.func @f(%x: i64) -> i64 {
          %one = arith.constant 1 : i64 loc("a":1:1)
          %two = arith.constant 2 : i64 loc("a":2:1)
          %a = arith.addi %x, %one : i64 loc("a":3:1)
          %b = arith.addi %a, %two : i64 loc("a":4:1)
          func.return %b : i64
        }""",
    )
    unknown = [op.name for op in module.walk() if isinstance(op.location, UnknownLoc)]
    assert "arith.constant" not in unknown
    assert "arith.addi" not in unknown


def test_cse_joined_op_is_at_both_places() -> None:
    found = location(after(CsePass(), TWO_SUMS), "arith.addi")
    assert isinstance(found, FusedLoc)
    assert str(found) == 'loc(fused["a":2:1, "a":3:1])'


def test_cse_three_equal_ops_give_one_flat_location() -> None:
    text = TWO_SUMS.replace(
        "func.return %a, %b", '%c = arith.addi %x, %x : i64 loc("a":9:1)\n func.return %a, %c'
    )
    assert str(location(after(CsePass(), text), "arith.addi")) == ('loc(fused["a":2:1, "a":9:1])')


def test_cse_op_that_is_not_joined_keeps_its_location() -> None:
    found = location(after(CsePass(), TWO_SUMS), "func.return")
    assert str(found) == 'loc("a":4:1)'


def test_strip_locations_leaves_none() -> None:
    module = after(StripLocationsPass(), TWO_SUMS)
    (function,) = module.ops
    ops = [op.location for op in module.walk()]
    arguments = [arg.location for arg in function.regions[0].block.args]
    assert {type(found) for found in [*ops, *arguments]} == {UnknownLoc}


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (UnknownLoc(), UnknownLoc(), "loc(unknown)"),
        (at(1), UnknownLoc(), 'loc("a":1:1)'),
        (UnknownLoc(), at(1), 'loc("a":1:1)'),
        (at(1), at(1), 'loc("a":1:1)'),
        (at(1), at(2), 'loc(fused["a":1:1, "a":2:1])'),
        (
            FusedLoc((at(1), at(2)), NoneAttr()),
            FusedLoc((at(2), at(3)), NoneAttr()),
            'loc(fused["a":1:1, "a":2:1, "a":3:1])',
        ),
        (
            FusedLoc((at(1), at(2)), StringAttr("why")),
            at(3),
            'loc(fused[fused<"why">["a":1:1, "a":2:1], "a":3:1])',
        ),
    ],
)
def test_fuse_cases(first: LocationAttr, second: LocationAttr, expected: str) -> None:
    assert str(fuse(first, second)) == expected


def test_fuse_of_many_places_names_the_first() -> None:
    fused: LocationAttr = at(1)
    for line in range(2, 100):
        fused = fuse(fused, at(line))
    assert isinstance(fused, FusedLoc)
    assert list(fused.locations) == [at(line) for line in range(1, 17)]
