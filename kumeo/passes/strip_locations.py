"""`strip-locations`: forget where ops come from.

    data.constant 1 : i64 loc("flow.kumeo":3:5)     // the location becomes unknown

For comparing modules and for files that must not name source paths. Sound because locations
have no meaning; diagnostics of later passes point nowhere.
"""

from dataclasses import dataclass

from xdsl.context import Context
from xdsl.dialects.builtin import UnknownLoc
from xdsl.ir import Operation

from kumeo.passes.base import OpPass


@dataclass(frozen=True)
class StripLocationsPass(OpPass):
    """Remove the source location of every op and block argument."""

    name = "strip-locations"

    def apply_to(self, ctx: Context, root: Operation) -> None:
        """Remove the locations of `root` and of everything inside."""
        for op in root.walk():
            self.count("locations removed", not isinstance(op.location, UnknownLoc))
            op.location = UnknownLoc()
            blocks = [block for region in op.regions for block in region.blocks]
            for argument in [argument for block in blocks for argument in block.args]:
                argument.location = UnknownLoc()
