"""`cse`: compute equal things once.

    %a = data.len %text : i64
    %b = data.len %text : i64               // erased, its readers use %a

It is xDSL's pass with locations kept: the op that stays is at both places. Sound because only
ops without side effects, with equal settings and operands, are joined, and the first dominates
the second.
"""

from dataclasses import dataclass

from xdsl.context import Context
from xdsl.ir import Operation
from xdsl.transforms.common_subexpression_elimination import CSEDriver

from kumeo.passes.base import OpPass
from kumeo.passes.locations import fuse


class FusingDriver(CSEDriver):
    """xDSL's driver, which also joins the locations of the ops it joins."""

    joined = 0
    """How many ops have been erased because an equal one exists."""

    def _replace_and_delete(self, op: Operation, existing: Operation) -> None:
        super()._replace_and_delete(op, existing)
        if op not in self._to_erase:
            return
        existing.location = fuse(existing.location, op.location)
        self.joined += 1


@dataclass(frozen=True)
class CsePass(OpPass):
    """Erase a pure op when an equal one has already run."""

    name = "cse"

    def apply_to(self, ctx: Context, root: Operation) -> None:
        """Join equal ops inside `root`."""
        driver = FusingDriver()
        driver.simplify(root)
        self.count("ops joined", driver.joined)
