"""What the package offers to Kumeo's and xDSL's tools; nothing is loaded before it is used."""

from xdsl.ir import Dialect
from xdsl.passes import ModulePass
from xdsl.universe import Universe


def _retail() -> Dialect:
    from kumeo_retail.dialect import RETAIL

    return RETAIL


def _use_retail() -> type[ModulePass]:
    from kumeo_retail.use_retail import UseRetailPass

    return UseRetailPass


def _lower_retail() -> type[ModulePass]:
    from kumeo_retail.lower_retail import LowerRetailPass

    return LowerRetailPass


UNIVERSE = Universe(
    all_dialects={"retail": _retail},
    all_passes={"use-retail": _use_retail, "lower-retail": _lower_retail},
)
