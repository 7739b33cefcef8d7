"""Random agents of every kind, with policies and fallbacks.

Answers of models and functions have random types, so they are answered by stubs. Processes and
decisions are computed for real and may fail by themselves.
"""

import random
from dataclasses import dataclass, field
from typing import Any

from xdsl.dialects.builtin import StringAttr, SymbolRefAttr
from xdsl.ir import Attribute, Region, SSAValue

from kumeo.dialects.agent import (
    BACKOFFS,
    AgentOp,
    AggregateOp,
    BayesOp,
    CallOp,
    CostAttr,
    LlmOp,
    ModelOp,
    PolicyAttr,
    ProcessOp,
    QueryOp,
    RetrieveOp,
    ReviewOp,
    Shared,
    YieldOp,
)
from kumeo.dialects.agent.outside import EDITED
from kumeo.dialects.data import (
    BOOL,
    FLOAT,
    INT,
    STR,
    TIME,
    EnumType,
    ListType,
    OptionType,
    RecordType,
)
from kumeo.dialects.workflow import EmitOp
from kumeo.testing.generator.decisions import Place, Way, chain_of, decide
from kumeo.testing.generator.kinds import Kinds
from kumeo.testing.generator.scope import Scope
from kumeo.testing.generator.values import Values, anything, text

_REVIEW = RecordType.of({"decision": EnumType.of("yes", "no"), "by": STR, "at": TIME})
_SCORE = RecordType.of({"score": FLOAT})
_VALUE = RecordType.of({"value": FLOAT})
_MODELS = {"trees": _SCORE, "linear": _SCORE, "slope": _VALUE}
"""The models that a module declares, and what each gives."""
_RISK = RecordType.of({"Fraud": RecordType.of({"yes": FLOAT, "no": FLOAT})})
_NUMBERS = {"count": INT, "sum": INT, "min": INT, "max": INT, "mean": FLOAT, "last": INT}


@dataclass
class Function:
    """A user function that the module declares."""

    name: str
    inputs: tuple[Attribute, ...]
    output: Attribute
    effects: str


@dataclass
class Names:
    """Names in one workflow or subworkflow, and what it may name."""

    targets: tuple[str, ...]
    functions: tuple[Function, ...] = ()
    used: int = 0
    may_act: bool = True
    callees: list[Any] = field(default_factory=list[Any])

    def fresh(self, stem: str) -> str:
        """Return a name that nothing else has."""
        self.used += 1
        return f"{stem}{self.used}"


class Agents:
    """Writes agents into scopes."""

    def __init__(self, rng: random.Random, kinds: Kinds, make: Values) -> None:
        self.rng = rng
        self.kinds = kinds
        self.make = make

    def write(self, scope: Scope, names: Names, depth: int = 1, id: str | None = None) -> AgentOp:
        """Write an agent of a random kind."""
        way = self.rng.choices(_WAYS, _WEIGHTS)[0]
        return self.written(way, scope, names, depth, id)

    def written(
        self, way: Way, scope: Scope, names: Names, depth: int = 1, id: str | None = None
    ) -> AgentOp:
        """Write an agent of one kind."""
        stem = way.__name__.strip("_")
        site = names.fresh(stem)
        op = scope.add(way(self, scope, names, (id or site, site), depth))
        scope.agents.append(op)
        return op

    def answering(
        self, kind: Attribute, scope: Scope, names: Names, depth: int = 0, id: str | None = None
    ) -> SSAValue:
        """Write a language model that answers with a type."""
        site = names.fresh("llm")
        prompt = text(self.make, scope)
        shared = self.shared(scope, names, kind, depth)
        return scope.add(LlmOp(id or site, site, "m", prompt, None, kind, **shared)).result

    def shared(self, scope: Scope, names: Names, kind: Attribute, depth: int) -> Shared:
        """Return a random policy, cost and fallback."""
        rng = self.rng
        shared: Shared = {}
        if rng.random() < 0.45:
            backoff = rng.choice(BACKOFFS)
            delay = 0 if backoff == "none" else 1000
            shared["policy"] = PolicyAttr(None, rng.choice((1, 2, 3)), backoff, delay)
        if rng.random() < 0.05:
            shared["cost"] = CostAttr(10, 0.5, 7)
        if depth > 0 and rng.random() < 0.35:
            shared["fallback"] = self.fallback(scope, names, kind, depth - 1)
        return shared

    def fallback(self, scope: Scope, names: Names, kind: Attribute, depth: int) -> Region:
        """Return a fallback that gives a value, asks another agent, or emits."""
        inner = scope.inner()
        choice = self.rng.random()
        if choice < 0.3 and names.may_act:
            value = anything(self.make, inner, self.rng.randrange(1, 3))
            self.emit(inner, names, value)
            inner.end(YieldOp, [])
        elif choice < 0.6:
            inner.end(YieldOp, [self.answering(kind, inner, names, depth)])
        else:
            inner.end(YieldOp, [self.make.value(inner, kind, 1)])
        return Region(inner.block)

    def emit(self, scope: Scope, names: Names, value: SSAValue) -> None:
        """Write an emit."""
        target = SymbolRefAttr(self.rng.choice(names.targets))
        site = StringAttr(names.fresh("emit"))
        op = EmitOp.create(operands=(value,), properties={"target": target, "site": site})
        scope.block.add_op(op)

    def inputs(self, scope: Scope, kind: Attribute, most: int) -> list[SSAValue]:
        """Return one to `most` values of a type."""
        return [self.make.value(scope, kind, 1) for _ in range(self.rng.randrange(1, most + 1))]


def _process(a: Agents, scope: Scope, names: Names, at: Place, depth: int) -> AgentOp:
    values = [scope.some(a.rng) for _ in range(a.rng.randrange(1, 4))]
    inputs = [value for value in values if value is not None]
    body = Scope(scope.inner(*[value.type for value in inputs]).block)
    kind = a.kinds.answer()
    body.end(YieldOp, [a.make.value(body, kind)])
    shared = a.shared(scope, names, kind, depth)
    return ProcessOp(*at, inputs, kind, Region(body.block), **shared)


def _model(a: Agents, scope: Scope, names: Names, at: Place, depth: int) -> AgentOp:
    inputs = a.inputs(scope, FLOAT, 3)
    model, kind = a.rng.choice(tuple(_MODELS.items()))
    shared = a.shared(scope, names, kind, depth)
    labels = [f"x{i}" for i in range(len(inputs))]
    return ModelOp(*at, model, inputs, labels, kind, **shared)


def _bayes(a: Agents, scope: Scope, names: Names, at: Place, depth: int) -> AgentOp:
    kind = a.rng.choice((BOOL, STR, OptionType(a.kinds.small), a.kinds.small))
    shared = a.shared(scope, names, _RISK, depth)
    evidence = [a.make.value(scope, kind, 1)]
    return BayesOp(*at, "risk", evidence, ["Seen"], ["Fraud"], _RISK, **shared)


def _llm(a: Agents, scope: Scope, names: Names, at: Place, depth: int) -> AgentOp:
    kind = a.kinds.answer()
    system = text(a.make, scope) if a.rng.random() < 0.3 else None
    prompt = scope.find(a.rng, STR) if a.rng.random() < 0.3 else None
    prompt = text(a.make, scope) if prompt is None else prompt
    settings = {"temperature": 0.0} if a.rng.random() < 0.3 else None
    shared = a.shared(scope, names, kind, depth)
    return LlmOp(*at, a.rng.choice(("m", "n")), prompt, system, kind, settings, **shared)


def _retrieve(a: Agents, scope: Scope, names: Names, at: Place, depth: int) -> AgentOp:
    query = a.make.value(scope, STR, 1) if a.rng.random() < 0.5 else None
    probe = RetrieveOp("probe", "probe", "policies", query)
    kind = probe.result.type
    probe.drop_all_references()
    return RetrieveOp(*at, "policies", query, None, **a.shared(scope, names, kind, depth))


def _query(a: Agents, scope: Scope, names: Names, at: Place, depth: int) -> AgentOp:
    kind = ListType(a.kinds.part)
    values = a.inputs(scope, STR, 2)
    labels = [f"p{i}" for i in range(len(values))]
    shared = a.shared(scope, names, kind, depth)
    return QueryOp(*at, "cards", "select 1", values, labels, kind, **shared)


def _review(a: Agents, scope: Scope, names: Names, at: Place, depth: int) -> AgentOp:
    value = scope.some(a.rng) or a.make.constant(scope, STR)
    edit = scope.some(a.rng) if a.rng.random() < 0.4 else None
    kind = _REVIEW
    if edit is not None:
        kind = RecordType({**dict(zip(kind.names, kind.types, strict=True)), EDITED: edit.type})
    shared = a.shared(scope, names, kind, depth)
    return ReviewOp(*at, value, kind, {"timeout_us": 1000}, edit, **shared)


def _call(a: Agents, scope: Scope, names: Names, at: Place, depth: int) -> AgentOp:
    function = a.rng.choice(names.functions)
    inputs = [a.make.value(scope, kind, 1) for kind in function.inputs]
    shared = a.shared(scope, names, function.output, depth)
    return CallOp(*at, function.name, inputs, function.output, function.effects, **shared)


def aggregate(a: Agents, scope: Scope, names: Names, at: Place, depth: int) -> AgentOp:
    """Write an aggregate; the caller does it first in a body, where all values are the source's."""
    reducers = a.rng.sample(tuple(_NUMBERS), a.rng.randrange(1, 4))
    key = a.make.value(scope, a.rng.choice((STR, INT, a.kinds.small)), 1)
    values = [a.make.value(scope, INT, 1) for _ in reducers]
    labels = [f"v{i}" for i in range(len(reducers))]
    kind = RecordType.of({n: _NUMBERS[r] for n, r in zip(labels, reducers, strict=True)})
    window = a.rng.choice((None, 1_000_000_000, 60_000_000))
    return AggregateOp(*at, key, window, values, reducers, labels, kind)


_WAYS: tuple[Way, ...] = (
    _process,
    _model,
    _bayes,
    decide,
    chain_of((_model, _bayes)),
    _llm,
    _retrieve,
    _query,
    _review,
    _call,
)
_WEIGHTS = (4, 2, 1, 4, 2, 5, 2, 2, 2, 4)
