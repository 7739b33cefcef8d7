"""`check-joins`: values that are never there where they are read.

    HumanReview(id: "check", input: source)          // endless-wait: no timeout
    if check.decision == approve { emit source to target.paid }

It changes nothing. Two values that meet in one expression wait for each other, so a value that does
not come holds up all that reads it. Reported are waits for people without a timeout
(`endless-wait`, with what waits), and values that are null wherever they are read because the
condition under which their agent runs excludes that place (`always-null`). Other agents end: an
attempt fails at its timeout, attempts are counted, and a failure arrives like a value.

Sound for the same reason as `check-domains`: a value is only called null when every other one is
excluded.
"""

from dataclasses import dataclass
from typing import ClassVar

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp

from kumeo.analysis.domains.find import find_domain_faults
from kumeo.analysis.joins import endless_waits
from kumeo.passes.base import KumeoPass


@dataclass(frozen=True)
class CheckJoinsPass(KumeoPass):
    """Report waits without end and values that are always null where they are read."""

    name = "check-joins"
    LEVELS: ClassVar[tuple[str, ...]] = ("workflow",)

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        """Report what is found; the module stays as it is."""
        for diagnostic in endless_waits(op):
            self.count("waits without end")
            self.report(diagnostic)
        for diagnostic in find_domain_faults(op).nulls:
            self.count("values always null")
            self.report(diagnostic)
