"""Decision tables: rules that never fire, gaps and overlaps, and what an outcome can be.

The events of the first rule are those for which its condition holds; the second rule sees what is
left, and so on. Conditions are compared as sets of events, so a rule may be covered by several
earlier ones together.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from xdsl.dialects.builtin import StringAttr
from xdsl.ir import Operation

from kumeo.analysis import late
from kumeo.analysis.domains.describe import example_of
from kumeo.analysis.domains.regions import Box, State, split
from kumeo.analysis.domains.terms import Terms
from kumeo.analysis.domains.values import Domain, Names
from kumeo.analysis.places import point_of
from kumeo.diagnostics import Diagnostic, Point, Related
from kumeo.dialects.agent import DecideOp
from kumeo.dialects.agent.compute import HIT_POLICY
from kumeo.dialects.data.types import EnumType, RecordType
from kumeo.dialects.settings import strings_of

PAIRS_MAX = 200
"""Pairs of rules of one table whose overlap is looked for."""
RULES_MAX = 200
"""A longer table is not taken apart: its outcomes are taken as all possible."""


@dataclass
class Table:
    """What was found about a decision."""

    op: DecideOp
    terms: Terms
    before: State
    fired: list[State] = field(default_factory=list[State])
    """The events that each rule decides."""
    rest: State = ()
    """The events that no rule decides."""

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the rules."""
        return strings_of(self.op.rules)

    @property
    def conditions(self) -> tuple[int, ...]:
        """The terms of the conditions."""
        return tuple(self.terms.of(value) for value in self.op.inputs)

    def holding(self, rule: int) -> State:
        """Return the events for which a rule holds, wherever it stands."""
        return split(self.terms, self.before, self.conditions[rule])[0]


def read_table(op: DecideOp, terms: Terms, state: State) -> Table | None:
    """Return what the rules of a decision do with the events that come there."""
    if op.mode.data != "first_match" or not state or len(op.inputs) > RULES_MAX:
        return None
    table = Table(op, terms, state)
    table.rest = state
    for condition in table.conditions:
        fired, table.rest = split(terms, table.rest, condition)
        table.fired.append(fired)
    return table


def outcome_of(table: Table) -> Domain | None:
    """Return the outcomes that a decision can have."""
    kind = table.op.result.type
    decision = kind.field("decision") if isinstance(kind, RecordType) else None
    if not isinstance(decision, EnumType):
        return None
    outcomes = strings_of(table.op.outcomes)
    possible = {out for out, fired in zip(outcomes, table.fired, strict=True) if fired}
    if table.rest and table.op.default is not None:
        possible.add(table.op.default.data)
    return Names(frozenset(possible), decision.names)


def dead_rules(table: Table) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each rule that never fires."""
    for place, fired in enumerate(table.fired):
        if not fired:
            yield _dead_rule(table, place)


def _dead_rule(table: Table, place: int) -> Diagnostic:
    name = table.names[place]
    where = _rule_point(table, place)
    held = table.holding(place)
    if not held:
        reason = "its condition cannot hold"
        return late.domain_errors.DeadRule(
            where, table.op.agent_id, name, reason, f"mend or remove `{name}`"
        )
    covering = [i for i in range(place) if not split(table.terms, held, table.conditions[i])[1]]
    if not covering:
        reason, fix = "the rules before it take all of its events", f"move `{name}` up"
        return late.domain_errors.DeadRule(
            where, table.op.agent_id, name, reason, f"{fix}, or remove it"
        )
    first = table.names[covering[0]]
    point = _rule_point(table, covering[0])
    related = () if point is None else (Related(point, f"`{first}` is tried first"),)
    reason, fix = f"`{first}` holds whenever it does", f"move `{name}` before `{first}`"
    return late.domain_errors.DeadRule(
        where, table.op.agent_id, name, reason, f"{fix}, or remove it", related=related
    )


def _rule_point(table: Table, place: int) -> Point | None:
    owner = table.op.inputs[place].owner
    return point_of(owner if isinstance(owner, Operation) else table.op)


def gap(table: Table) -> Diagnostic | None:
    """Return a diagnostic with an event that no rule decides; only when there surely is one."""
    op = table.op
    if op.default is not None or op.fallback is not None:
        return None
    found = example_in(table.terms, table.rest)
    return (
        None if found is None else late.domain_errors.DecisionGap(point_of(op), op.agent_id, found)
    )


def example_in(terms: Terms, state: State) -> str | None:
    """Return an event of a state in words, or None when none is sure."""
    exact: Sequence[Box] = [box for box in state if box.exact]
    texts = (example_of(terms, box) for box in exact)
    return next((text for text in texts if text), None)


class Overlap(NamedTuple):
    """Two rules that hold for one event."""

    first: str
    second: str
    example: str


def overlaps(table: Table) -> Iterator[Overlap]:
    """Yield pairs of rules with different outcomes that surely hold for one event.

    Of a table that promises `unique`, equal outcomes make no difference.
    """
    outcomes = strings_of(table.op.outcomes)
    pairs = [(i, j) for j in range(len(outcomes)) for i in range(j)]
    for i, j in pairs[:PAIRS_MAX]:
        if outcomes[i] == outcomes[j] and promise_of(table.op) != "unique":
            continue
        both = split(table.terms, table.holding(i), table.conditions[j])[0]
        found = example_in(table.terms, both)
        if found is not None:
            yield Overlap(table.names[i], table.names[j], found)


def promise_of(op: DecideOp) -> str | None:
    """Return what a decision promises: `unique`, at most one rule holds, or `any`, all agree."""
    policy = op.attributes.get(HIT_POLICY)
    return policy.data if isinstance(policy, StringAttr) else None


def overlap_error(op: DecideOp, overlap: Overlap) -> Diagnostic:
    """Return the error of an overlap in a table that allows none."""
    return late.domain_errors.RuleOverlap(
        point_of(op), op.agent_id, overlap.first, overlap.second, overlap.example, promise_of(op)
    )
