"""What a pass may do with an operation: four facts, and how they combine over regions.

Every dialect op states its facts; passes read them through `facts_of` and never list op names.
"""

from typing import NamedTuple

from xdsl.ir import Operation
from xdsl.traits import is_side_effect_free


class Facts(NamedTuple):
    """Four permissions of an operation. More `True` means more freedom for the optimiser."""

    discardable: bool
    """It may be dropped when nobody reads its results."""
    mergeable: bool
    """Two of them on equal inputs may become one."""
    speculatable: bool
    """It may run although the program might not have needed it: it cannot fail or cost much."""
    deterministic: bool
    """Equal inputs give equal results."""

    def meet(self, other: "Facts") -> "Facts":
        """Return what both allow."""
        return Facts(*(mine and theirs for mine, theirs in zip(self, other, strict=True)))


PURE = Facts(True, True, True, True)
READ = Facts(True, False, False, False)
ACTS = Facts(False, False, False, False)


class HasFacts:
    """An operation that states the facts of its own work, without those of its regions."""

    def effect_facts(self) -> Facts:
        """Return the facts of this operation alone."""
        return ACTS


def facts_of(op: Operation) -> Facts:
    """Return the facts of `op`, met with those of every operation inside its regions."""
    facts = own_facts(op)
    for region in op.regions:
        for inner in region.walk():
            if facts == ACTS:
                return ACTS
            facts = facts.meet(own_facts(inner))
    return facts


def own_facts(op: Operation) -> Facts:
    """Return the facts of `op` without its regions; an op of a foreign dialect needs a trait."""
    if isinstance(op, HasFacts):
        return op.effect_facts()
    return PURE._replace(speculatable=False) if is_side_effect_free(op) else ACTS
