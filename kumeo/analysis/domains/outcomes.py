"""Outcomes that nothing tells apart: values of an enum that all conditions treat alike.

    state.decision is asked for `critical` and `warning`; `low`, `high` and `fine` fall together

Only decisions and answers of agents count, and only when conditions alone read the outcome: a value
that is also sent or prompted is handled by whoever gets it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, cast

from xdsl.ir import Operation, OpResult, SSAValue, Use

from kumeo.analysis import late
from kumeo.analysis.domains.describe import listing
from kumeo.analysis.places import point_of
from kumeo.diagnostics import Diagnostic
from kumeo.dialects import data
from kumeo.dialects.agent import AgentOp, ProcessOp
from kumeo.dialects.data.constants import constant_value, from_attribute
from kumeo.dialects.data.types import EnumType, RecordType
from kumeo.dialects.workflow import IfOp, MatchOp, YieldOp

USES_MAX = 500
"""Uses of one result that are followed."""


@dataclass
class Asked:
    """Which sets of outcomes conditions ask for, and whether something else reads the value."""

    sets: set[frozenset[str]] = field(default_factory=set[frozenset[str]])
    named: set[str] = field(default_factory=set[str])
    is_data: bool = False


def unhandled_outcomes(op: AgentOp) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each enum of an agent's result of which outcomes fall together."""
    kind = op.result.type
    if not isinstance(kind, RecordType):
        return
    enums = {name: part for name, part in kind.fields if isinstance(part, EnumType)}
    if not enums:
        return
    asked = {name: Asked() for name in enums}
    if not _follow_record(op.result, enums, asked):
        return
    for name, enum in enums.items():
        found = asked[name]
        together = [] if found.is_data else _undistinguished(enum, found)
        if together:
            outcomes = listing([f"`{each}`" for each in together], "and")
            named = listing([f"`{each}`" for each in enum.names if each in found.named], "and")
            yield late.domain_errors.UnhandledOutcome(
                point_of(op), op.agent_id, outcomes, f"only {named}"
            )


def _undistinguished(enum: EnumType, asked: Asked) -> list[str]:
    """Return two or more outcomes of one class that no condition names, else nothing."""
    if len(asked.named) < 2:
        return []
    classes: dict[frozenset[frozenset[str]], list[str]] = {}
    for value in enum.names:
        key = frozenset(each for each in asked.sets if value in each)
        classes.setdefault(key, []).append(value)
    rest = [c for c in classes.values() if len(c) > 1 and not asked.named.intersection(c)]
    return rest[0] if rest else []


def _follow_record(value: SSAValue, enums: dict[str, EnumType], asked: dict[str, Asked]) -> bool:
    """Follow a record to its fields; return False when the whole record is used as data."""
    todo, left = [value], USES_MAX
    while todo:
        current = todo.pop()
        for use in list(current.uses):
            left -= 1
            op = use.operation
            if left < 0:
                return False
            if isinstance(op, data.GetOp):
                if op.field.data in asked:
                    _follow_enum(op.result, enums[op.field.data], asked[op.field.data])
                continue
            passed = _passed_on(op, use)
            if passed is None:
                return False
            todo += passed
    return True


def _passed_on(op: Operation, use: Use) -> list[SSAValue] | None:
    """Return where an op passes its operand on unchanged; None when it does something with it."""
    match op:
        case data.SomeOp() | data.UnwrapOp():
            return [op.result]
        case data.IsSomeOp():
            return []
        case YieldOp():
            around = op.parent_op()
            is_branch = isinstance(around, IfOp | MatchOp)
            return [around.results[use.index]] if around is not None and is_branch else None
        case ProcessOp():
            return [op.body.block.args[use.index]]
        case _:
            return None


def _follow_enum(value: SSAValue, enum: EnumType, asked: Asked) -> None:
    todo = [value]
    while todo:
        for use in list(todo.pop().uses):
            op = use.operation
            found = _asked_by(op, use, enum)
            if found is not None:
                _note(asked, enum, found)
                continue
            passed = _passed_on(op, use)
            if isinstance(op, data.CoalesceOp) and use.index == 0:
                passed = [op.result]
            if passed is None:
                asked.is_data = True
                return
            todo += passed


def _note(asked: Asked, enum: EnumType, sets: list[frozenset[str]]) -> None:
    asked.sets.update(sets)
    for each in sets:
        asked.named |= each if len(each) <= len(enum.names) / 2 else set(enum.names) - each


def _asked_by(op: Operation, use: Use, enum: EnumType) -> list[frozenset[str]] | None:
    """Return the sets of outcomes that an op tells from the others; None when it is no test."""
    match op:
        case MatchOp():
            return [
                frozenset(str(from_attribute(v, enum)) for v in values) for values in op.case_values
            ]
        case data.CompareOp():
            other = op.operands[1 - use.index]
            known = _constant(other)
            if known is None:
                return None
            predicate = op.predicate.data
            return [_compared(predicate, known, enum, use.index == 0)]
        case data.ContainsOp() if use.index == 1:
            return _listed(op.container)
        case _:
            return None


def _constant(value: SSAValue) -> str | None:
    known = constant_value(value)
    if known is None and isinstance(value, OpResult) and isinstance(value.op, data.SomeOp):
        known = constant_value(value.op.operands[0])
    return str(known[0]) if known is not None and known[0] is not None else None


def _compared(predicate: str, known: str, enum: EnumType, first: bool) -> frozenset[str]:
    names = enum.names
    place = names.index(known)
    if predicate in ("eq", "ne"):
        return frozenset([known])
    below = predicate in ("lt", "le") if first else predicate in ("gt", "ge")
    inclusive = (predicate in ("le", "ge")) == below
    return frozenset(names[: place + 1] if inclusive else names[:place])


def _listed(container: SSAValue) -> list[frozenset[str]] | None:
    owner = container.owner
    if not isinstance(owner, data.ListOp):
        known = constant_value(container)
        values = cast(list[Any], known[0]) if known is not None else []
        return [frozenset([str(value)]) for value in values] or None
    found = [_constant(value) for value in owner.values]
    if any(value is None for value in found):
        return None
    return [frozenset([value]) for value in found if value is not None]
