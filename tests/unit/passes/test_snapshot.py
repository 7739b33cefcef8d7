"""Snapshots tell whether a pass changed anything; the manager verifies only when one did."""

from collections.abc import Callable

import pytest
from xdsl.context import Context
from xdsl.dialects import arith
from xdsl.dialects.builtin import IntegerAttr, ModuleOp, StringAttr, UnknownLoc, i32, i64
from xdsl.ir import Block, Region
from xdsl.rewriter import Rewriter

from kumeo.passes.manager import Manager
from kumeo.passes.resolve import Step
from kumeo.passes.snapshot import snapshot_of
from kumeo.passes.strip_locations import StripLocationsPass
from kumeo.passes.timing import Timer


def module() -> ModuleOp:
    one = arith.ConstantOp(IntegerAttr(1, i32))
    two = arith.ConstantOp(IntegerAttr(2, i32))
    total = arith.AddiOp(one, two)
    return ModuleOp([one, two, total])


def ops(m: ModuleOp) -> list[object]:
    return list(m.body.block.ops)


def set_property(m: ModuleOp) -> None:
    ops(m)[0].properties["value"] = IntegerAttr(3, i32)


def set_attribute(m: ModuleOp) -> None:
    ops(m)[0].attributes["note"] = StringAttr("x")


def set_operand(m: ModuleOp) -> None:
    ops(m)[2].operands[0] = ops(m)[1].results[0]


def set_result_type(m: ModuleOp) -> None:
    Rewriter.replace_value_with_new_type(ops(m)[2].results[0], i64)


def move(m: ModuleOp) -> None:
    first = ops(m)[0]
    first.detach()
    m.body.block.insert_op_after(first, ops(m)[0])


def replace_by_an_equal_op(m: ModuleOp) -> None:
    Rewriter.replace_op(ops(m)[0], ops(m)[0].clone())


def add_region(m: ModuleOp) -> None:
    ops(m)[0].add_region(Region(Block()))


def test_snapshot_of_an_unchanged_module_is_equal() -> None:
    m = module()
    assert snapshot_of(m) == snapshot_of(m)


@pytest.mark.parametrize(
    "change",
    [
        set_property,
        set_attribute,
        set_operand,
        set_result_type,
        move,
        replace_by_an_equal_op,
        add_region,
    ],
)
def test_snapshot_differs_after_a_change(change: Callable[[ModuleOp], None]) -> None:
    m = module()
    before = snapshot_of(m)
    change(m)
    assert snapshot_of(m) != before


def test_manager_verifies_only_what_changed() -> None:
    verified: list[ModuleOp] = []
    m = module()
    step = Step(StripLocationsPass(), "strip-locations")
    manager = Manager(Context(), Timer(lambda: 0.0), lambda op: verified.append(op) or [])
    manager.run([step, step], m)
    times = len(verified)
    assert all(op.location == UnknownLoc() for op in m.walk())
    manager.run([step], m)
    assert len(verified) == times
    assert times <= 1
