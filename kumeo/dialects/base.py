"""The base class of all Kumeo operations, and helpers for source locations."""

from collections.abc import Sequence
from typing import ClassVar, TypeVar

from xdsl.dialects.builtin import LocationAttr
from xdsl.ir import BlockArgument, Operation, Region, SSAValue
from xdsl.irdl import IRDLOperation
from xdsl.pattern_rewriter import PatternRewriter
from xdsl.traits import IsolatedFromAbove

from kumeo.dialects.facts import ACTS, Facts, HasFacts

OpT = TypeVar("OpT", bound=Operation)


class KumeoOp(IRDLOperation, HasFacts):
    """Base of every operation of Kumeo.

    `FACTS` is what the class of operations promises; an op that knows more or less about itself
    overrides `effect_facts`. `ARGUMENTS_NEVER_FAIL` says that the block arguments of the op's
    regions never hold a failure (see `kumeo.dialects.data.failure`), `RESULTS_NEVER_FAIL` says it
    of the results. `READ_ONCE` says that the op gives the same value at every place of one
    activation, so a program that is cut reads it once, at its start.
    """

    FACTS: ClassVar[Facts] = ACTS
    ARGUMENTS_NEVER_FAIL: ClassVar[bool] = False
    RESULTS_NEVER_FAIL: ClassVar[bool] = False
    READ_ONCE: ClassVar[bool] = False
    LEVELS: ClassVar[tuple[str, ...]] = ()
    """Levels of the IR at which an op of another package may stand."""

    def effect_facts(self) -> Facts:
        """Return the facts of this operation alone."""
        return self.FACTS

    def is_isolated(self, region: Region) -> bool:
        """Return whether a region of this op sees nothing from above although others may."""
        return False

    def argument_never_fails(self, argument: BlockArgument) -> bool:
        """Return whether a block argument of the op's regions never holds a failure."""
        return self.ARGUMENTS_NEVER_FAIL

    def optional_regions(self) -> tuple[Region, ...]:
        """Return the regions of which each run of the op runs each at most once, maybe not at all.

        They see the values above, and stand in the same iteration path. None by default.
        """
        return ()


def at(op: OpT, loc: LocationAttr) -> OpT:
    """Return `op`, now placed at `loc`."""
    op.location = loc
    return op


def isolates(op: Operation, region: Region) -> bool:
    """Return whether a region of `op` sees nothing from above."""
    if isinstance(op, KumeoOp) and op.is_isolated(region):
        return True
    return op.get_trait(IsolatedFromAbove) is not None


def replace_keeping_location(
    rewriter: PatternRewriter,
    op: Operation,
    new_ops: Operation | Sequence[Operation],
    results: Sequence[SSAValue | None] | None = None,
) -> None:
    """Replace `op`; the new operations stand at its place in the source.

    xDSL drops locations when it replaces an operation, so every pattern uses this function.
    """
    added = (new_ops,) if isinstance(new_ops, Operation) else tuple(new_ops)
    for new in added:
        new.location = op.location
    rewriter.replace(op, added, results)
