"""`check-domains`: rules, conditions, cases and targets that no value reaches.

    if source.amount > 100.0 { emit source to target.large }
    else if source.amount > 200.0 { emit source to target.huge }     // never holds

It changes nothing. Values are followed by abstract interpretation: intervals for numbers and times,
sets for enums, truth values and compared texts, null or not for options. What a condition says
holds in its branches, what a decision can give holds for all that read it, and two reads of one
field are one value. Reported are

- rules of a decision that never fire (`dead-rule`), and inputs for which none holds
  (`decision-gap`, with an example);
- rules that both hold: a remark, for a table that rules it out an error (`rule-overlap`);
- conditions that are always true or always false (`constant-condition`) and cases that no value has
  (`impossible-case`), when work is lost with them;
- outcomes that no condition tells apart (`unhandled-outcome`) and targets that nothing is sent to
  (`unreached-target`).

Sound because every set holds at least the values that are possible: an empty set proves that no
event comes there. Failures need no values: a condition that failed runs neither branch, and a rule
that failed decides nothing, so a finding never depends on a failure. Config values count as
unknown, because a deployment may change them; `assume-config` takes them as they are written. An
example of a gap is only shown when its values do not depend on each other.
"""

from dataclasses import dataclass
from typing import ClassVar

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp

from kumeo.analysis.domains.find import find_domain_faults
from kumeo.passes.base import KumeoPass


@dataclass(frozen=True)
class CheckDomainsPass(KumeoPass):
    """Report rules, conditions and cases that no value reaches, and gaps in decisions."""

    name = "check-domains"
    LEVELS: ClassVar[tuple[str, ...]] = ("workflow",)

    assume_config: bool = False
    """Whether config values that are not dynamic count as constants."""
    certain: bool = False
    """Whether only what is never intended is reported: what `kumeo check` shows."""

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        """Report what is found; the module stays as it is."""
        found = find_domain_faults(op, assume_config=self.assume_config)
        for diagnostic in found.certain:
            self.report(diagnostic)
        for diagnostic in () if self.certain else found.likely:
            self.report(diagnostic)
        for decide, overlap in found.overlaps:
            both = f"`{overlap.first}` and `{overlap.second}` of `{decide.agent_id}` both hold"
            self.remark(decide, f"{both} when {overlap.example}; `{overlap.first}` decides")
        for decide in found.unused_defaults:
            self.remark(decide, f"the default of `{decide.agent_id}` is never used")
        self.count("conditions checked", found.conditions)
        self.count("decisions checked", found.decisions)
        self.count("faults found", len(found.certain) + len(found.likely))
