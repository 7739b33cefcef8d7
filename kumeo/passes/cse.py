"""`cse`: compute equal things once.

    %a = data.len %text : i64
    %b = data.len %text : i64               // erased, its readers use %a

It is xDSL's pass with locations kept: the op that stays is at both places. Sound because only
ops without side effects, with equal settings and operands, are joined, and the first dominates
the second.
"""

from dataclasses import dataclass
from typing import NamedTuple

from xdsl.context import Context
from xdsl.ir import Operation, Region
from xdsl.transforms.common_subexpression_elimination import CSEDriver, KnownOps

from kumeo.analysis.places import point_of
from kumeo.diagnostics import Point, Related
from kumeo.dialects.base import KumeoOp
from kumeo.passes.base import OpPass
from kumeo.passes.errors import PassRemark
from kumeo.passes.locations import fuse


class Joined(NamedTuple):
    """An op that was erased because an equal one has already run."""

    name: str
    place: Point | None
    first: Point | None


class FusingDriver(CSEDriver):
    """xDSL's driver, which also joins the locations of the ops it joins."""

    def __init__(self) -> None:
        super().__init__()
        self.joined: list[Joined] = []

    def _simplify_region(self, region: Region) -> None:
        """Forget what is known above while in a region that must not read it."""
        op = region.parent
        if not isinstance(op, KumeoOp) or not op.is_isolated(region):
            super()._simplify_region(region)
            return
        known, self._known_ops = self._known_ops, KnownOps()
        super()._simplify_region(region)
        self._known_ops = known

    def _replace_and_delete(self, op: Operation, existing: Operation) -> None:
        super()._replace_and_delete(op, existing)
        if op not in self._to_erase:
            return
        # Erased ops lose their parents, so places are noted now.
        self.joined.append(Joined(op.name, point_of(op), point_of(existing)))
        existing.location = fuse(existing.location, op.location)


@dataclass(frozen=True)
class CsePass(OpPass):
    """Erase a pure op when an equal one has already run."""

    name = "cse"

    def apply_to(self, ctx: Context, root: Operation) -> None:
        """Join equal ops inside `root`."""
        driver = FusingDriver()
        driver.simplify(root)
        self.count("ops joined", len(driver.joined))
        for name, place, first in driver.joined:
            related = () if first is None else (Related(first, "this op stays"),)
            text = f"this `{name}` is computed only once"
            self.report(PassRemark(place, self.name, text, related=related))
