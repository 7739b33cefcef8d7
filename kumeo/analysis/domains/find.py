"""`find_domain_faults`: everything that the domains of values prove about a module."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Attribute, Operation, Region

from kumeo.analysis import late
from kumeo.analysis.domains.decisions import (
    Overlap,
    dead_rules,
    gap,
    outcome_of,
    overlap_error,
    overlaps,
    promise_of,
    read_table,
)
from kumeo.analysis.domains.describe import listing, values_text
from kumeo.analysis.domains.outcomes import unhandled_outcomes
from kumeo.analysis.domains.regions import State, domain_in
from kumeo.analysis.domains.terms import Terms
from kumeo.analysis.domains.values import Domain, Maybe
from kumeo.analysis.domains.walk import Observer, walk_module
from kumeo.analysis.places import point_of
from kumeo.analysis.symbols import SymbolIndex
from kumeo.analysis.walk import walk_ops
from kumeo.diagnostics import Diagnostic, Point
from kumeo.dialects import data
from kumeo.dialects.agent import AgentOp, DecideOp
from kumeo.dialects.settings import from_setting
from kumeo.dialects.workflow import EmitOp, IfOp, MatchOp, OnOp, SubworkflowOp, TargetOp


@dataclass
class DomainFaults:
    """What was found, in program order."""

    certain: list[Diagnostic] = field(default_factory=list[Diagnostic])
    """Holds for every event, and is never what an author wants."""
    likely: list[Diagnostic] = field(default_factory=list[Diagnostic])
    """May be what an author wants."""
    nulls: list[Diagnostic] = field(default_factory=list[Diagnostic])
    """Values that are always null where they are read."""
    overlaps: list[tuple[DecideOp, Overlap]] = field(default_factory=list[tuple[DecideOp, Overlap]])
    """Rules with different outcomes that hold for one event; the order decides."""
    unused_defaults: list[DecideOp] = field(default_factory=list[DecideOp])
    """Decisions whose rules take every event, so that the default is never used."""
    conditions: int = 0
    decisions: int = 0


def find_domain_faults(module: ModuleOp, *, assume_config: bool = False) -> DomainFaults:
    """Return what never fires, never holds, is never reached or is told apart by nothing."""
    found = DomainFaults()
    look = _Look(found, SymbolIndex(module))
    walk_module(module, look, assume_config=assume_config)
    found.likely += _unreached(module, look)
    return found


class _Look(Observer):
    """Turns what the walk sees into diagnostics."""

    def __init__(self, found: DomainFaults, index: SymbolIndex) -> None:
        self.found = found
        self.index = index
        self.reached: set[Operation] = set()
        """Targets that some event reaches."""
        self.missed: set[Operation] = set()
        """Targets of emits that never run."""
        self.told: set[tuple[Region | None, int]] = set()

    def at_body(self, op: OnOp | SubworkflowOp, terms: Terms) -> None:
        """Start a body; the target of its failures is reached."""
        super().at_body(op, terms)
        if isinstance(op, OnOp) and op.on_error_name is not None:
            target = self.index.resolve(op, op.on_error_name)
            self.reached |= set() if target is None else {target}

    def at_data(self, op: data.DataOp, state: State) -> None:
        """Report the read of an option that is always null here."""
        if isinstance(op, data.UnwrapOp | data.CoalesceOp | data.GetOp):
            self._check_null(op, state)

    def _check_null(self, op: data.DataOp, state: State) -> None:
        value = op.operands[0]
        number = self.terms.of(value)
        if number not in self.terms.choices:
            return
        name = value.name_hint or self.terms.terms[number].name
        is_null = domain_in(self.terms, state, number) == Maybe(True, None)
        seen = (op.parent_region(), number)
        if is_null and name and seen not in self.told:
            self.told.add(seen)
            self.found.nulls.append(late.domain_errors.AlwaysNull(point_of(op), name))

    def at_agent(self, op: AgentOp, state: State) -> None:
        """Look at the outcomes of an agent."""
        if state:
            self.found.likely += unhandled_outcomes(op)

    def at_decide(self, op: DecideOp, state: State) -> Domain | None:
        """Look at the rules of a decision."""
        table = read_table(op, self.terms, state)
        if table is None:
            return None
        self.found.decisions += 1
        self.found.certain += dead_rules(table)
        missing = gap(table)
        self.found.certain += [] if missing is None else [missing]
        for each in overlaps(table):
            if promise_of(op) is not None:
                self.found.certain.append(overlap_error(op, each))
            else:
                self.found.overlaps.append((op, each))
        if not table.rest and op.default is not None:
            self.found.unused_defaults.append(op)
        return outcome_of(table)

    def at_if(self, op: IfOp, state: State, yes: State, no: State) -> None:
        """Report a condition that is always true or always false."""
        self.found.conditions += 1
        is_literal = isinstance(op.condition.owner, data.ConstantOp)
        if not state or is_literal or (not yes and not no):
            # A condition that is written as `true` is told by the frontend.
            return
        dead = op.then_region if not yes else op.else_region if not no else None
        if dead is None or _does_nothing(dead):
            return
        verdict = "never holds" if not yes else "always holds"
        self.found.certain.append(
            late.domain_errors.ConstantCondition(_condition_point(op), verdict, _effect(dead))
        )

    def at_match(self, op: MatchOp, state: State, cases: Sequence[State], rest: State) -> None:
        """Report cases that no value has."""
        self.found.conditions += 1
        possible = domain_in(self.terms, state, self.terms.of(op.subject))
        if possible is None:
            return
        for values, region, inside in zip(op.case_values, op.case_regions, cases, strict=True):
            if not inside and not _does_nothing(region):
                case = listing([f"`{_case_text(value)}`" for value in values])
                shown = values_text(possible)
                self.found.certain.append(
                    late.domain_errors.ImpossibleCase(_place_of(region, op), case, shown)
                )

    def at_emit(self, op: EmitOp, state: State) -> None:
        """Note which targets are reached."""
        target = self.index.resolve(op, op.target_name)
        if target is not None:
            (self.reached if state else self.missed).add(target)


def _unreached(module: ModuleOp, look: _Look) -> Iterator[Diagnostic]:
    for op in walk_ops(module):
        if isinstance(op, TargetOp) and op not in look.reached:
            why = "its emits never run" if op in look.missed else "no emit names it"
            yield late.domain_errors.UnreachedTarget(point_of(op), op.symbol, why)


def _does_nothing(region: Region) -> bool:
    """Say whether a region only gives values: what is lost with it is no work."""
    return not any(isinstance(op, AgentOp | EmitOp) for op in region.walk())


def _effect(region: Region) -> str:
    targets = dict.fromkeys(op.target_name for op in region.walk() if isinstance(op, EmitOp))
    if targets:
        return f", so nothing is sent to {listing([f'`{t}`' for t in targets])} here"
    agents = dict.fromkeys(op.agent_id for op in region.walk() if isinstance(op, AgentOp))
    return f", so {listing([f'`{a}`' for a in agents], 'and')} never runs"


def _case_text(value: Attribute) -> str:
    plain = from_setting(value)
    return str(plain).lower() if isinstance(plain, bool) else str(plain)


def _condition_point(op: IfOp) -> Point | None:
    owner = op.condition.owner
    return point_of(owner) if isinstance(owner, Operation) else point_of(op)


def _place_of(region: Region, op: Operation) -> Point | None:
    first = region.block.first_op
    return point_of(op if first is None else first)
