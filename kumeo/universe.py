"""The plug-in of Kumeo for xDSL's tools: factories of dialects and passes, loaded when used.

Entry point `xdsl.universe`, key `kumeo`: `xdsl-opt` and every other tool that reads universes then
knows Kumeo's dialects, and its passes except those that stand in for passes of xDSL itself.
"""

from xdsl.universe import Universe

from kumeo.dialects.registry import DIALECTS
from kumeo.passes.registry import UNIVERSE_PASSES

UNIVERSE = Universe(all_dialects=dict(DIALECTS), all_passes=dict(UNIVERSE_PASSES))
