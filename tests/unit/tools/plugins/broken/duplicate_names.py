"""A plug-in that uses names that Kumeo and xDSL already have, and one good name."""

from xdsl.dialects.arith import Arith
from xdsl.transforms.canonicalize import CanonicalizePass
from xdsl.universe import Universe


class SpareCanonicalizePass(CanonicalizePass):
    """A pass that works although its package is not in order."""

    name = "spare-canonicalize"


UNIVERSE = Universe(
    all_dialects={"arith": lambda: Arith},
    all_passes={
        "canonicalize": lambda: CanonicalizePass,
        "spare-canonicalize": lambda: SpareCanonicalizePass,
    },
)
