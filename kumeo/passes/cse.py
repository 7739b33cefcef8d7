"""`cse`: compute equal things once.

    %a = data.len %text : i64
    %b = data.len %text : i64               // erased, its readers use %a

It is xDSL's pass with locations kept: the op that stays is at both places. Sound because only
ops without side effects, with equal settings and operands, are joined, and the first dominates
the second. xDSL copies what is known for each region; here a region forgets what it added, so the
time is linear in the ops.
"""

from dataclasses import dataclass
from typing import NamedTuple

from xdsl.context import Context
from xdsl.ir import Operation, Region
from xdsl.transforms.common_subexpression_elimination import CSEDriver, KnownOps, OperationInfo

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


class HashedInfo(OperationInfo):
    """What makes ops equal, with a hash that is computed once."""

    def __init__(self, op: Operation) -> None:
        super().__init__(op)
        self._hash = super().__hash__()

    def __hash__(self) -> int:
        return self._hash


class ScopedOps(KnownOps):
    """The known ops, which can be set back to what they were."""

    def __init__(self) -> None:
        super().__init__()
        self._log: list[tuple[HashedInfo, Operation | None]] = []

    def __setitem__(self, k: Operation, v: Operation) -> None:
        key = HashedInfo(k)
        self._log.append((key, self._known_ops.get(key)))
        self._known_ops[key] = v

    def mark(self) -> int:
        """Return where the log stands."""
        return len(self._log)

    def forget_since(self, mark: int) -> None:
        """Know again what was known at a mark."""
        while len(self._log) > mark:
            key, before = self._log.pop()
            if before is None:
                del self._known_ops[key]
            else:
                self._known_ops[key] = before


class FusingDriver(CSEDriver):
    """xDSL's driver, which also joins the locations of the ops it joins."""

    def __init__(self) -> None:
        super().__init__(_known_ops=ScopedOps())
        self.joined: list[Joined] = []

    def _simplify_region(self, region: Region) -> None:
        """Forget after a region what it knew, and in a region what it must not read."""
        if len(region.blocks) != 1:
            return
        outer, op = self._known_ops, region.parent
        is_isolated = isinstance(op, KumeoOp) and op.is_isolated(region)
        known = outer if isinstance(outer, ScopedOps) and not is_isolated else ScopedOps()
        self._known_ops, mark = known, known.mark()
        self._simplify_block(region.block)
        known.forget_since(mark)
        self._known_ops = outer

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
