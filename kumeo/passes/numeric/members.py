"""How one agent goes into a numeric program, and how it unpacks its numbers afterwards.

member = MAKERS[type(op)](op, translator, files)     // writes ops, or raises NotNumericError
member.unpack(builder, numbers)                      // the agent's result from its numbers
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias, cast

import numpy as np
from xdsl.builder import Builder
from xdsl.dialects.builtin import i64
from xdsl.ir import Attribute, Operation, SSAValue

from kumeo.dialects import data, infer
from kumeo.dialects.agent import AgentOp, BayesOp, DecideOp, ModelOp
from kumeo.dialects.agent.compute import TIE
from kumeo.dialects.data.types import BOOL, FLOAT, EnumType, ListType, OptionType, RecordType
from kumeo.dialects.settings import from_setting, strings_of
from kumeo.models.faults import BadModelError
from kumeo.models.importing import ImportedModel, rebuild
from kumeo.models.network import Network
from kumeo.passes.numeric.costs import check_cost
from kumeo.passes.numeric.tensor_values import (
    Fields,
    Needs,
    NotNumericError,
    Scalar,
    Translated,
    Translator,
    joined,
    structure,
)

IMPOSSIBLE = ("impossible-evidence", "the network gives the evidence probability zero")
REFUSED = ("model-failed", "the model does not take these numbers")
NO_RULE = ("no-decision", "no rule holds and there is no default")
NOT_FINITE = ("not-finite", "the score of the criteria is not a finite number")
NEGATIVE = ("invalid-argument", "a weighted product needs criteria of 0 or more")
Code: TypeAlias = tuple[str, str]


class Files(Protocol):
    """The files of the workflow, read once."""

    def model(self, op: Operation, symbol: str) -> "ImportedModel | str":
        """Return a model, or why there is none."""
        ...

    def network(self, op: Operation, symbol: str) -> "Network | str":
        """Return a network, or why there is none."""
        ...


@dataclass
class Member:
    """An agent inside of a program."""

    op: AgentOp
    needs: Needs
    """Values without which the agent does not run, in the order in which it looks at them."""
    outputs: dict[str, tuple[SSAValue, Attribute]]
    """Tensors that the agent's result is made from, and the data types that carry them."""
    answer: Callable[[Builder, Mapping[str, SSAValue]], SSAValue]
    """Makes the result from the carried values, without failures."""
    inside: Translated
    """The result as other agents of the program read it."""
    checks: list[tuple[str, Code]] = field(default_factory=list[tuple[str, Code]])
    """Outputs that say whether there is a result, in order, with the failure if there is none."""

    @property
    def may_fail(self) -> bool:
        """Whether the result can be a failure."""
        return bool(self.needs or self.checks)

    def unpack(self, builder: Builder, numbers: Mapping[str, SSAValue]) -> SSAValue:
        """Return the result of the agent, with its failures; the innermost check decides first."""
        value = self.answer(builder, numbers)
        for name, (code, message) in self.checks:
            value = builder.insert(data.RequireOp(numbers[name], value, code, message)).result
        return value


def _inputs(op: AgentOp, translator: Translator) -> tuple[list[Translated], Needs]:
    """Return the operands inside of the program, and what all of them need."""
    found = [translator.input(value) for value in op.operands]
    needs = joined(*(each.needs for each in found))
    for each in found:
        if isinstance(each, Scalar) and not each.may_need <= set(needs):
            raise NotNumericError("a condition before it may decide without all of its numbers")
    return found, needs


# Models.


def model_member(op: ModelOp, translator: Translator, files: Files) -> Member:
    """Write a model. Raises: NotNumericError."""
    model = files.model(op, op.model_name)
    if isinstance(model, str):
        raise NotNumericError(model)
    found, needs = _inputs(op, translator)
    names, tensors = _features(op, found)
    kind = op.result.type
    assert isinstance(kind, RecordType), "the verifier checks the result"
    try:
        built = model.build(translator.emit.builder, op.model_name, tensors, names, kind.names)
    except BadModelError as fault:
        raise NotNumericError(str(fault)) from None
    absent = [name for name in kind.names if name not in built.fields]
    if absent:
        raise NotNumericError(f"its file gives no `{absent[0]}`")
    fields = {name: built.fields[name] for name in kind.names}
    outputs = {name: (each.value, each.kind) for name, each in fields.items()}
    checks: list[tuple[str, Code]] = []
    if built.accepted is not None:
        outputs["accepted"] = (built.accepted, BOOL)
        checks.append(("accepted", REFUSED))

    def answer(builder: Builder, numbers: Mapping[str, SSAValue]) -> SSAValue:
        values = [rebuild(builder, numbers[n], fields[n], wanted) for n, wanted in kind.fields]
        return builder.insert(data.RecordOp(values, kind)).result

    inside = {
        name: structure(fields[name].value, fields[name].kind, fields[name].keys, ())
        for name, wanted in kind.fields
        if wanted == fields[name].kind or isinstance(fields[name].kind, ListType)
    }
    return Member(op, needs, outputs, answer, Fields(inside), checks)


def _features(op: ModelOp, found: Sequence[Translated]) -> tuple[tuple[str, ...], list[SSAValue]]:
    """Return the inputs of a model as named tensors; one record is its fields."""
    if len(found) == 1 and isinstance(found[0], Fields):
        values = found[0].values
        named = {name: values[name] for name in values}
    else:
        names = strings_of(op.names) or tuple(str(i) for i in range(len(found)))
        named = dict(zip(names, found, strict=True))
    tensors: list[SSAValue] = []
    for each in named.values():
        if isinstance(each, Fields):
            raise NotNumericError("an input is a record")
        tensors.append(each.tensor)
    return tuple(named), tensors


# Networks.


def bayes_member(op: BayesOp, translator: Translator, files: Files) -> Member:
    """Write a question to a network. Raises: NotNumericError."""
    network = files.network(op, op.network_name)
    if isinstance(network, str):
        raise NotNumericError(network)
    names, asked = strings_of(op.names), strings_of(op.query)
    unknown = [name for name in (*names, *asked) if name not in network.states]
    if unknown:
        raise NotNumericError(f"its network has no variable `{unknown[0]}`")
    optional = [n for n, v in zip(names, op.evidence, strict=True) if _is_optional(v.type)]
    for query in asked:
        check_cost(network, query, names, optional)
    found, needs = _inputs(op, translator)
    indices = [
        _state_index(translator, network.states[name], each, value.type)
        for name, each, value in zip(names, found, op.evidence, strict=True)
    ]
    kind = op.result.type
    assert isinstance(kind, RecordType), "the verifier checks the result"
    outputs: dict[str, tuple[SSAValue, Attribute]] = {}
    inside: dict[str, Translated] = {}
    checks: list[tuple[str, Code]] = []
    for query in asked:
        states = len(network.states[query])
        asking = infer.BayesOp(op.network_name, indices, names, query, states, optional)
        shares, possible = translator.emit.builder.insert(asking).results
        outputs[query] = (shares, ListType(FLOAT))
        inside[query] = _posterior(translator, shares, kind.field(query), states)
        checks.append((f"{query}.possible", IMPOSSIBLE))
        outputs[f"{query}.possible"] = (possible, BOOL)

    def answer(builder: Builder, numbers: Mapping[str, SSAValue]) -> SSAValue:
        parts = [_distribution(builder, numbers[q], cast(RecordType, k)) for q, k in kind.fields]
        return builder.insert(data.RecordOp(parts, kind)).result

    return Member(op, needs, outputs, answer, Fields(inside), checks)


def _is_optional(kind: Attribute) -> bool:
    return isinstance(kind, OptionType)


def _state_index(
    translator: Translator, states: Sequence[str], found: Translated, kind: Attribute
) -> SSAValue:
    """Return the index of the state that evidence names, -1 for null."""
    if not isinstance(found, Scalar):
        raise NotNumericError("evidence is no single value")
    inner = kind.inner if isinstance(kind, OptionType) else kind
    if isinstance(inner, EnumType):
        named = inner.names
    elif inner == BOOL:
        named = tuple(_truth(states, word) for word in ("false", "true"))
    else:
        raise NotNumericError("its evidence is text, which may name a state that does not exist")
    if any(name not in states for name in named):
        raise NotNumericError("its evidence may name a state that the network does not have")
    places = [states.index(name) for name in named]
    emit = translator.emit
    index = emit.cast(found.tensor, i64)
    if places == list(range(len(places))):
        return index
    if not _is_optional(kind):
        return emit.add(infer.GatherOp(emit.constant(np.array(places)), index, 0))
    one = emit.add(infer.AddOp(index, emit.constant(1)))
    return emit.add(infer.GatherOp(emit.constant(np.array([-1, *places])), one, 0))


def _truth(states: Sequence[str], word: str) -> str:
    return next((state for state in states if state.lower() == word), word)


def _posterior(
    translator: Translator, shares: SSAValue, kind: Attribute | None, states: int
) -> Translated:
    """Return a distribution as the other agents read it: a record with a number for each state."""
    assert isinstance(kind, RecordType), "the verifier checks the result"
    columns = [translator.emit.column(shares, place) for place in range(states)]
    return Fields({n: Scalar(c, FLOAT) for n, c in zip(kind.names, columns, strict=True)})


def _distribution(builder: Builder, shares: SSAValue, kind: RecordType) -> SSAValue:
    values: list[SSAValue] = []
    for place in range(len(kind.names)):
        at = builder.insert(data.ConstantOp.of(place, data.INT)).result
        values.append(builder.insert(data.IndexOp(shares, at)).result)
    return builder.insert(data.RecordOp(values, kind)).result


# Decisions.


def decide_member(op: DecideOp, translator: Translator, files: Files) -> Member:
    """Write a decision. Raises: NotNumericError."""
    kind = op.result.type
    assert isinstance(kind, RecordType), "the verifier checks the result"
    decision = kind.field("decision")
    if not isinstance(decision, EnumType) or op.mode.data == "all_match":
        raise NotNumericError("it may take several decisions at once")
    if op.is_by_rules:
        return _rules(op, translator, kind, decision)
    return _criteria(op, translator, kind, decision)


def _rules(op: DecideOp, translator: Translator, kind: RecordType, decision: EnumType) -> Member:
    """Write rules of which the first that holds decides."""
    found = [each for value in op.inputs if isinstance(each := translator.input(value), Scalar)]
    needs = found[0].needs
    if not frozenset[SSAValue]().union(*(each.may_need for each in found)) <= set(needs):
        raise NotNumericError("a rule may decide before all of its numbers are needed")
    emit = translator.emit
    index = emit.add(infer.RulesOp([each.tensor for each in found]))
    outcomes = list(strings_of(op.outcomes))
    return _decided(op, translator, kind, decision, _Choice(index, outcomes, needs, []))


@dataclass(frozen=True)
class _Choice:
    """The place of an outcome, -1 for none, and what else a decision is made from."""

    index: SSAValue
    outcomes: Sequence[str]
    needs: Needs
    checks: Sequence[tuple[str, SSAValue, Code]]
    score: SSAValue | None = None


def _criteria(op: DecideOp, translator: Translator, kind: RecordType, decision: EnumType) -> Member:
    """Write weighted criteria; the highest threshold that the score reaches decides."""
    found, needs = _inputs(op, translator)
    scalars = [each for each in found if isinstance(each, Scalar)]
    if len(scalars) < len(found):
        raise NotNumericError("its alternatives are lists, whose length is not known")
    emit, mode = translator.emit, op.mode.data
    weights = [1.0] * len(found) if op.weights is None else from_setting(op.weights)
    tensors = [each.tensor for each in scalars]
    score = emit.add(infer.ScoreOp(mode, tensors, weights))
    finite = _is_finite(translator, score)
    checks: list[tuple[str, SSAValue, Code]] = [("finite", finite, NOT_FINITE)]
    if mode == "weighted_product":
        checks.insert(0, ("positive", _no_negative(translator, tensors), NEGATIVE))
    outcomes = list(strings_of(op.outcomes))
    even = [i / len(outcomes) for i in range(len(outcomes))]
    thresholds = even if op.thresholds is None else from_setting(op.thresholds)
    row = emit.add(infer.ExpandDimsOp(score, [1]))
    limits = emit.constant(np.array([[each - TIE for each in thresholds]], np.float64))
    reached = emit.cast(emit.add(infer.CompareOp("le", limits, row)), i64)
    count = emit.add(infer.ReduceSumOp(reached, [1]))
    index = emit.add(infer.SubOp(count, emit.constant(1)))
    # JSON has no form for what is not finite: the flag tells, and the number is one anyway.
    told = emit.where(finite, score) if "score" in kind.names else score
    return _decided(op, translator, kind, decision, _Choice(index, outcomes, needs, checks, told))


def _is_finite(translator: Translator, score: SSAValue) -> SSAValue:
    emit = translator.emit
    zero = emit.add(infer.SubOp(score, score))
    return emit.add(infer.NotOp(emit.add(infer.IsNanOp(zero))))


def _no_negative(translator: Translator, tensors: Sequence[SSAValue]) -> SSAValue:
    """Say whether no criterion is below zero."""
    emit = translator.emit
    bad = emit.compare("lt", tensors[0], 0.0)
    for tensor in tensors[1:]:
        bad = emit.add(infer.OrOp(bad, emit.compare("lt", tensor, 0.0)))
    return emit.add(infer.NotOp(bad))


def _decided(
    op: DecideOp, translator: Translator, kind: RecordType, decision: EnumType, choice: _Choice
) -> Member:
    """Return the member of a decision whose outcome has a place."""
    emit = translator.emit
    default = None if op.default is None else op.default.data
    outcomes = [default or choice.outcomes[0], *choice.outcomes]
    table = np.array([decision.names.index(each) for each in outcomes])
    place = emit.add(infer.AddOp(choice.index, emit.constant(1)))
    outcome = emit.add(infer.GatherOp(emit.constant(table), place, 0))
    outputs: dict[str, tuple[SSAValue, Attribute]] = {"decision": (outcome, decision)}
    rules = strings_of(op.rules) if op.is_by_rules else (op.mode.data,) * len(choice.outcomes)
    names = ("default", *rules)
    distinct = tuple(dict.fromkeys(names))
    if "rule" in kind.names:
        spots = emit.constant(np.array([distinct.index(name) for name in names]))
        rule = emit.add(infer.GatherOp(spots, place, 0))
        outputs["rule"] = (rule, EnumType.of(*distinct))
    if choice.score is not None and "score" in kind.names:
        outputs["score"] = (choice.score, FLOAT)
    checks: list[tuple[str, Code]] = []
    for name, flag, code in choice.checks:
        outputs[name] = (flag, BOOL)
        checks.append((name, code))
    if default is None:
        outputs["decides"] = (emit.add(infer.CompareOp("ge", choice.index, emit.constant(0))), BOOL)
        checks.append(("decides", NO_RULE))

    def answer(builder: Builder, numbers: Mapping[str, SSAValue]) -> SSAValue:
        values = [_decision_field(builder, numbers.get(n), wanted) for n, wanted in kind.fields]
        return builder.insert(data.RecordOp(values, kind)).result

    inside: dict[str, Translated] = {
        name: Scalar(outputs[name][0], wanted)
        for name, wanted in kind.fields
        if name in outputs and outputs[name][1] == wanted
    }
    return Member(op, choice.needs, outputs, answer, Fields(inside), checks)


def _decision_field(builder: Builder, value: SSAValue | None, wanted: Attribute) -> SSAValue:
    """Return a field of a decision: what is carried, as the type of the field; else null."""
    if value is None:
        return builder.insert(data.ConstantOp.of(None, wanted)).result
    if isinstance(wanted, OptionType):
        inner = _decision_field(builder, value, wanted.inner)
        return builder.insert(data.SomeOp(inner)).result
    if value.type == wanted:
        return value
    return builder.insert(data.CastOp(value, wanted)).result


Maker: TypeAlias = Callable[[Any, Translator, Files], Member]
MAKERS: Mapping[type[Operation], Maker] = {
    ModelOp: model_member,
    BayesOp: bayes_member,
    DecideOp: decide_member,
}
