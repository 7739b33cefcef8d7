"""`canonicalize`: fold constants, apply the rewrites of each op, erase what nothing reads.

    %two = data.constant 2 : i64
    %sum = data.add %two, %two : i64        // becomes `data.constant 4`

It is xDSL's pass with locations kept: a new op is at the place of the op it replaces. Sound
because folders and canonicalization patterns of an op are part of its definition.
"""

from dataclasses import dataclass

from xdsl.context import Context
from xdsl.ir import Operation
from xdsl.pattern_rewriter import GreedyRewritePatternApplier, PatternRewriteWalker
from xdsl.transforms.canonicalize import CanonicalizationRewritePattern
from xdsl.transforms.dead_code_elimination import region_dce

from kumeo.passes.base import OpPass
from kumeo.passes.locations import KeepLocations


@dataclass(frozen=True)
class CanonicalizePass(OpPass):
    """Fold constants, apply the rewrites of each op and erase unread pure ops."""

    name = "canonicalize"

    def apply_to(self, ctx: Context, root: Operation) -> None:
        """Rewrite the regions of `root` until nothing changes."""
        greedy = GreedyRewritePatternApplier(
            [CanonicalizationRewritePattern()], ctx=ctx, folding_enabled=True
        )
        walker = PatternRewriteWalker(KeepLocations(greedy), post_walk_func=region_dce)
        changed = [walker.rewrite_region(region) for region in root.regions]
        self.count("regions changed", sum(changed))
