"""A plug-in whose faults show only when its parts are loaded."""

from xdsl.ir import Dialect
from xdsl.irdl import IRDLOperation, irdl_op_definition
from xdsl.transforms.canonicalize import CanonicalizePass
from xdsl.universe import Universe


@irdl_op_definition
class TwiceOp(IRDLOperation):
    """An op that its dialect lists two times."""

    name = "late.twice"


def late_pass() -> type[CanonicalizePass]:
    raise ImportError("no such pass")


UNIVERSE = Universe(
    all_dialects={
        "late": lambda: Dialect("late", [TwiceOp, TwiceOp], []),
        "text": lambda: "not a dialect",
    },
    all_passes={
        "late-pass": late_pass,
        "other-name": lambda: CanonicalizePass,
        "not-a-pass": lambda: dict,
    },
)
