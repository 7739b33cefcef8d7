"""`check-flow-security`: unchecked data that acts, models that decide, private data that leaves.

    source: NATS("orders")                           // no schema: unchecked
    agents: [Refund(id: "refund", order: source)]    // effects "acts": untrusted-flow

It changes nothing. Every value carries where it comes from, through ops, agents, branches and
calls; conditions count, because a branch tells what its condition was. Reported are

- unchecked data, and answers of models that read outside data, that reach something that acts: user
  code with `effects: "acts"`, a target with `privileged: true`, a system prompt (`untrusted-flow`);
- such an answer that alone decides whether something acts (`model-decides`), also when it is an
  enum: whoever writes the event may steer the choice;
- models that read something from outside, by an event or by a tool, and may call a tool that acts
  (`untrusted-flow`): only a person before the call makes that safe;
- personal or secret fields in a prompt for a model outside, the first or a later one of a chain
  (`private-data-outside`).

A schema or a cast to a type checks data of a source. An answer is checked by a person: what runs
under a condition on a review is approved, and what a person gives back is trusted. SQL texts are
constants of the IR and parameters are bound, so nothing flows into them. Allow-lists:
`trusted: true` of a source or `trusted-sources`; `validators` for agents whose results count as
checked; `public` for fields that are not personal, `personal` for more that are; `inside` for
providers that run inside, besides local ones and `provider` blocks with a local address. A source,
a target or an agent that an option names must exist.

Sound as a check of where guards stand, because marks only grow from operands to results and from
conditions to branches: a path without a guard is reported. It does not prove that a guard is good.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.utils.exceptions import PassFailedException

from kumeo.analysis.flows import Options
from kumeo.analysis.security import security_faults
from kumeo.analysis.walk import walk_ops
from kumeo.diagnostics import nearest
from kumeo.dialects.agent import AgentOp
from kumeo.dialects.workflow import SourceOp, TargetOp
from kumeo.passes.base import KumeoPass


@dataclass(frozen=True)
class CheckFlowSecurityPass(KumeoPass):
    """Report data that reaches, or decides about, what it should not."""

    name = "check-flow-security"
    LEVELS: ClassVar[tuple[str, ...]] = ("workflow",)

    trusted_sources: tuple[str, ...] = ()
    """Sources whose data needs no check."""
    validators: tuple[str, ...] = ()
    """Ids of agents whose results count as checked."""
    privileged_targets: tuple[str, ...] = ()
    """Targets that act, besides those that say so."""
    personal: tuple[str, ...] = ()
    """More names of personal fields."""
    public: tuple[str, ...] = ()
    """Names of fields that are not personal here."""
    inside: tuple[str, ...] = ()
    """More providers that run inside."""

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        """Report what is found; the module stays as it is."""
        self._refuse_unknown_names(op)
        options = Options(
            frozenset(self.trusted_sources),
            frozenset(self.validators),
            frozenset(self.privileged_targets),
            frozenset(self.personal),
            frozenset(self.public),
            frozenset(self.inside),
        )
        for diagnostic in security_faults(op, options):
            self.count("flows reported")
            self.report(diagnostic)

    def _refuse_unknown_names(self, module: ModuleOp) -> None:
        """Fail if an option names what the module does not have: a misspelt guard guards nothing.

        Names of fields and of providers may be those of other workflows.
        """
        ops = list(walk_ops(module))
        sources = [o.symbol for o in ops if isinstance(o, SourceOp)]
        targets = [o.symbol for o in ops if isinstance(o, TargetOp)]
        agents = [o.agent_id for o in ops if isinstance(o, AgentOp)]
        _refuse("source", self.trusted_sources, sources)
        _refuse("agent", self.validators, agents)
        _refuse("target", self.privileged_targets, targets)


def _refuse(kind: str, given: Iterable[str], known: Sequence[str]) -> None:
    for name in given:
        if name not in known:
            close = nearest(name, known)
            hint = f": write `{close}`" if close else ""
            raise PassFailedException(f"there is no {kind} `{name}`{hint}")
