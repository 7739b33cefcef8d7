"""SSA visibility: each value is made before it is read, in a region around the reader.

xDSL checks this nowhere. One walk keeps the set of visible values; only a fault is looked at
closely. Blocks of a region with several blocks see each other's values in the order in which
dominance puts them; Kumeo's own regions have one block.
"""

from collections.abc import Iterator

from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Operation, Region, SSAValue
from xdsl.ir.core import ErasedSSAValue
from xdsl.irdl.dominance import DominanceInfo

from kumeo.analysis.errors import IrDominance
from kumeo.analysis.places import point_of
from kumeo.analysis.walk import Step, walk_events
from kumeo.diagnostics import Diagnostic, Related
from kumeo.dialects.base import isolates


def find_invisible_values(module: ModuleOp) -> list[Diagnostic]:
    """Return a diagnostic for each operand that is not visible where it is read."""
    found: list[Diagnostic] = []
    visible: dict[SSAValue, int] = {}
    scopes: list[list[SSAValue]] = [[]]
    isolated = [0]
    for step, op, region in walk_events(module):
        if step is Step.OP:
            found += _check(op, visible, isolated[-1])
            if not op.regions:
                _show(tuple(op.results), visible, scopes[-1], isolated[-1])
        elif step is Step.ENTER and region is not None:
            isolated.append(isolated[-1] + isolates(op, region))
            scopes.append([])
            _open(region, visible, scopes[-1], isolated[-1])
        elif step is Step.LEAVE:
            isolated.pop()
            for value in scopes.pop():
                visible.pop(value, None)
        else:
            _show(tuple(op.results), visible, scopes[-1], isolated[-1])
    return found


def _show(
    values: tuple[SSAValue, ...], visible: dict[SSAValue, int], scope: list[SSAValue], level: int
) -> None:
    for value in values:
        visible[value] = level
    scope.extend(values)


def _open(region: Region, visible: dict[SSAValue, int], scope: list[SSAValue], level: int) -> None:
    """Show the arguments of a region's blocks; with several blocks, also what they make."""
    blocks = tuple(region.blocks)
    for block in blocks:
        _show(tuple(block.args), visible, scope, level)
        if len(blocks) > 1:
            for op in block.ops:
                _show(tuple(op.results), visible, scope, level)


def _check(op: Operation, visible: dict[SSAValue, int], level: int) -> Iterator[Diagnostic]:
    for value in op.operands:
        if isinstance(value, ErasedSSAValue):
            continue
        shown = visible.get(value)
        if shown == level and _in_order(value, op):
            continue
        yield _fault(op, value, shown)


def _in_order(value: SSAValue, user: Operation) -> bool:
    """Check the order of values that a region with several blocks shows early."""
    block = value.owner if not isinstance(value.owner, Operation) else value.owner.parent
    if block is None or block.parent is None or block.next_block is block.prev_block:
        return True
    region = block.parent
    around: Operation | None = user
    while around is not None and around.parent_region() is not region:
        around = around.parent_op()
    if around is None or around.parent is None:
        return False
    if around.parent is not block:
        return DominanceInfo(region).strictly_dominates(block, around.parent)
    return not isinstance(value.owner, Operation) or value.owner.is_before_in_block(around)


def _fault(op: Operation, value: SSAValue, shown: int | None) -> Diagnostic:
    name = f"%{value.name_hint}" if value.name_hint else "a value"
    maker = value.owner if isinstance(value.owner, Operation) else value.owner.parent_op()
    point = None if maker is None else point_of(maker)
    related = () if point is None else (Related(point, "it is made here"),)
    reason, fix = _reason(op, value, shown)
    return IrDominance(point_of(op), op.name, name, reason, fix, related=related)


def _reason(op: Operation, value: SSAValue, shown: int | None) -> tuple[str, str]:
    if shown is not None:
        return (
            "stands outside of the isolated region around it",
            "pass it as an operand and read the argument of the region",
        )
    owner = value.owner
    if owner is op:
        return "it makes itself", "read a value that was made before"
    if isinstance(owner, Operation) and owner.is_ancestor(op):
        return "is made by the op around it", "read a value that was made before that op"
    if isinstance(owner, Operation) and owner.parent_region() in _regions_around(op):
        return "is made only later", "make the value before it is read"
    if isinstance(owner, Operation) and owner.parent is None:
        return "no op makes any more", "replace the value before its op is erased"
    return (
        "is made in a region that does not enclose the reader",
        "yield the value from that region, or make it before",
    )


def _regions_around(op: Operation) -> set[Region | None]:
    regions: set[Region | None] = set()
    around: Operation | None = op
    while around is not None:
        regions.add(around.parent_region())
        around = around.parent_op()
    regions.discard(None)
    return regions
