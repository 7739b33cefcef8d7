"""Random decisions of all modes, alone and behind the models and networks that they read.

%m = agent.model @slope …                      // a chain: this,
%v = data.get %m["value"] : f64                // numbers of it,
%p = agent.process (%v) do { … }               // perhaps worked on,
%d = agent.decide first_match (r0 = %c) …      // and a decision
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeAlias

from xdsl.ir import Attribute, Region, SSAValue

from kumeo.dialects.agent import MODES, AgentOp, DecideOp, ProcessOp, YieldOp
from kumeo.dialects.data import (
    BOOL,
    FLOAT,
    STR,
    AddOp,
    AndOp,
    CompareOp,
    ConstantOp,
    EnumType,
    GetOp,
    ListType,
    MulOp,
    NotOp,
    OptionType,
    OrOp,
    RecordOp,
    RecordType,
    SubOp,
    to_attribute,
)
from kumeo.testing.generator.scope import Scope

if TYPE_CHECKING:
    from kumeo.testing.generator.agents import Agents, Names

Place = tuple[str, str]
"""Id and site."""

Way: TypeAlias = Callable[["Agents", Scope, "Names", Place, int], AgentOp]

_OUTCOMES = ("accept", "check", "refuse")
_OUTCOME = EnumType.of(*_OUTCOMES)
_DECISION = RecordType.of({"decision": _OUTCOME, "rule": STR, "score": OptionType(FLOAT)})
_DECISIONS = RecordType.of(
    {"decision": ListType(_OUTCOME), "rule": ListType(STR), "score": OptionType(FLOAT)}
)
_HALF = RecordType.of({"half": FLOAT})
_PREDICATES = ("lt", "le", "gt", "ge", "eq", "ne")


def decide(a: "Agents", scope: Scope, names: "Names", at: Place, depth: int) -> AgentOp:
    """Write a decision about whatever is in scope."""
    mode = a.rng.choice((*MODES, "first_match", "first_match"))
    if mode in ("first_match", "all_match"):
        return _by_rules(a, scope, names, (at, depth, mode), a.inputs(scope, BOOL, 4))
    inputs = a.inputs(scope, FLOAT, 3)
    if mode == "topsis" and a.rng.random() < 0.5:
        inputs = a.inputs(scope, ListType(FLOAT), 2)
    return _by_criteria(a, scope, names, (at, depth, mode), inputs)


def chain_of(sources: Sequence[Way]) -> Way:
    """Return what writes one or two agents that give numbers, and a decision that reads them."""

    def chain(a: "Agents", scope: Scope, names: "Names", at: Place, depth: int) -> AgentOp:
        numbers: list[SSAValue] = []
        for _ in range(a.rng.choice((1, 1, 2))):
            source = a.written(a.rng.choice(sources), scope, names, 0)
            numbers += [_worked(a, scope, names, each) for each in _numbers(scope, source.result)]
        if names.may_act and a.rng.random() < 0.5:
            a.emit(scope, names, a.rng.choice(numbers))
        return _judged(a, scope, names, (at, depth, a.rng.choice(MODES)), numbers)

    return chain


def _judged(
    a: "Agents", scope: Scope, names: "Names", kind: "Kind", numbers: Sequence[SSAValue]
) -> AgentOp:
    """Return a decision about numbers."""
    if kind[2] in ("first_match", "all_match"):
        rules = [_condition(a, scope, numbers) for _ in range(a.rng.randrange(1, 4))]
        return _by_rules(a, scope, names, kind, rules)
    return _by_criteria(a, scope, names, kind, numbers[:3])


def _numbers(scope: Scope, value: SSAValue) -> list[SSAValue]:
    """Return the numbers of a record, and of the records in it."""
    kind = value.type
    if not isinstance(kind, RecordType):
        return [value] if kind == FLOAT else []
    fields = [scope.add(GetOp(value, name)).result for name in kind.names]
    return [number for field in fields for number in _numbers(scope, field)]


def _worked(a: "Agents", scope: Scope, names: "Names", number: SSAValue) -> SSAValue:
    """Return a number, what arithmetic makes of it, or what a process makes of it."""
    choice = a.rng.random()
    if choice < 0.4:
        return number
    if choice < 0.7:
        return _arithmetic(a, scope, number)
    at = names.fresh("worked")
    inner = Scope(scope.inner(FLOAT).block)
    record = inner.add(RecordOp([_arithmetic(a, inner, inner.block.args[0])], _HALF))
    inner.end(YieldOp, [record.result])
    made = scope.add(ProcessOp(at, at, [number], _HALF, Region(inner.block)))
    scope.agents.append(made)
    return scope.add(GetOp(made.result, "half")).result


def _arithmetic(a: "Agents", scope: Scope, number: SSAValue) -> SSAValue:
    kind = a.rng.choice((AddOp, SubOp, MulOp))
    return scope.add(kind(number, _number(a, scope))).result


def _number(a: "Agents", scope: Scope) -> SSAValue:
    """Return any number, or one from 0 to 1, where probabilities and scores lie."""
    if a.rng.random() < 0.3:
        return a.make.constant(scope, FLOAT)
    near = to_attribute(a.rng.randrange(101) / 100, FLOAT)
    return scope.made(ConstantOp, (), FLOAT, value=near)


def _condition(a: "Agents", scope: Scope, numbers: Sequence[SSAValue]) -> SSAValue:
    """Return a comparison, or two of them joined."""
    choice = a.rng.random()
    if choice < 0.2:
        return scope.add(NotOp(_condition(a, scope, numbers))).result
    if choice < 0.4:
        kind = a.rng.choice((AndOp, OrOp))
        return scope.add(kind(*(_condition(a, scope, numbers) for _ in range(2)))).result
    number = a.rng.choice(numbers)
    other = _number(a, scope) if a.rng.random() < 0.7 else a.rng.choice(numbers)
    return scope.add(CompareOp(a.rng.choice(_PREDICATES), number, other)).result


Kind: TypeAlias = tuple[Place, int, str]
"""Id and site, depth of fallbacks, mode."""


def _by_criteria(
    a: "Agents", scope: Scope, names: "Names", kind: Kind, inputs: Sequence[SSAValue]
) -> AgentOp:
    at, depth, mode = kind
    labels = [f"c{i}" for i in range(len(inputs))]
    weights = [a.rng.choice((0.5, 1.0, 2.0)) for _ in inputs] if a.rng.random() < 0.5 else None
    thresholds = [0.0, 0.5, 2.0] if a.rng.random() < 0.5 else None
    default = "refuse" if a.rng.random() < 0.6 else None
    shared = a.shared(scope, names, _DECISION, depth)
    return DecideOp(
        *at,
        mode,
        inputs,
        labels,
        _OUTCOMES,
        _DECISION,
        weights=weights,
        thresholds=thresholds,
        default=default,
        **shared,
    )


def _by_rules(
    a: "Agents", scope: Scope, names: "Names", kind: Kind, inputs: Sequence[SSAValue]
) -> AgentOp:
    at, depth, mode = kind
    labels = [f"r{i}" for i in range(len(inputs))]
    outcomes = [a.rng.choice(_OUTCOMES) for _ in inputs]
    result: Attribute = _DECISIONS if mode == "all_match" and a.rng.random() < 0.7 else _DECISION
    default = "refuse" if a.rng.random() < 0.6 else None
    shared = a.shared(scope, names, result, depth)
    return DecideOp(*at, mode, inputs, labels, outcomes, result, default=default, **shared)
