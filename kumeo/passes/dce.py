"""`dce`: erase pure ops whose results nothing reads.

    %unread = data.len %text : i64          // erased

It is xDSL's pass, counted. Sound because only ops without side effects are erased; an agent that
acts stays, and whether an unread agent may go is decided by a pass that reads its effect facts.
"""

from dataclasses import dataclass

from xdsl.context import Context
from xdsl.ir import Operation
from xdsl.pattern_rewriter import PatternRewriterListener
from xdsl.transforms.dead_code_elimination import region_dce

from kumeo.passes.base import OpPass


@dataclass(frozen=True)
class DcePass(OpPass):
    """Erase pure ops whose results nothing reads."""

    name = "dce"

    def apply_to(self, ctx: Context, root: Operation) -> None:
        """Erase dead ops inside `root`."""
        erased: list[Operation] = []
        listener = PatternRewriterListener(operation_removal_handler=[erased.append])
        for region in root.regions:
            region_dce(region, listener)
        self.count("ops erased", len(erased))
