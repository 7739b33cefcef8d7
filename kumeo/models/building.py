"""Writes a recipe as ops of `infer`: features in, the fields of the model's result out.

Entry: the features of a row as tensors with the batch in front. Exit: one tensor for each field,
and whether the model takes the row at all (None if it takes every row).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from xdsl.builder import Builder
from xdsl.dialects.builtin import f32, f64, i64
from xdsl.ir import Attribute, SSAValue

from kumeo.dialects import infer
from kumeo.dialects.data import BOOL, FLOAT, INT, EnumType, ListType
from kumeo.models.emitting import Emit, dense
from kumeo.models.recipe import (
    Affine,
    Branches,
    Check,
    Classes,
    Clip,
    Encode,
    Impute,
    Linear,
    Pick,
    Recipe,
    Step,
    Trees,
    simplified,
)


@dataclass(frozen=True)
class BuiltField:
    """A field of a model's result.

    `kind` is the type that carries it through the record of `agent.infer`: a number, a truth value,
    an enum (its names are the classes), or a list of f64 whose places are the `keys` of a map.
    """

    value: SSAValue
    kind: Attribute
    keys: tuple[str, ...] = ()


@dataclass(frozen=True)
class Built:
    """The fields by name. `accepted` is `tensor<?xi1>`: false where the model refuses the row."""

    fields: dict[str, BuiltField]
    accepted: SSAValue | None


def build(
    recipe: Recipe, builder: Builder, inputs: Sequence[SSAValue], fields: Sequence[str]
) -> Built:
    """Write the ops of a recipe, no more than `fields` need."""
    emit = Emit(builder)
    steps = _Steps(emit)
    matrix = steps.run(simplified(recipe.steps), emit.matrix(inputs))
    links = _Links(emit, recipe, _head(emit, recipe.head, matrix))
    built = {name: links.field(name) for name in fields}
    found = {name: field for name, field in built.items() if field is not None}
    if steps.accepted is not None and isinstance(recipe.head, Linear):
        found = {name: _finite(emit, steps.accepted, field) for name, field in found.items()}
    return Built(found, steps.accepted)


def _finite(emit: Emit, accepted: SSAValue, field: BuiltField) -> BuiltField:
    """Return a field that is a number for refused rows, too: NaN has no form in JSON."""
    if field.kind not in (FLOAT, ListType(FLOAT)):
        return field
    return replace(field, value=emit.where(accepted, field.value))


@dataclass
class _Steps:
    """Writes steps; `accepted` collects the rows that no step refuses."""

    emit: Emit
    accepted: SSAValue | None = None

    def run(self, steps: Sequence[Step], x: SSAValue) -> SSAValue:
        for step in steps:
            x = self.step(step, x)
        return x

    def step(self, step: Step, x: SSAValue) -> SSAValue:
        emit = self.emit
        match step:
            case Affine(op, values):
                kinds = {"add": infer.AddOp, "sub": infer.SubOp, "mul": infer.MulOp}
                return emit.add(kinds.get(op, infer.DivOp)(x, emit.constant(values)))
            case Clip(low, high):
                bounded = emit.add(infer.MaxOp(x, emit.constant(low)))
                return emit.add(infer.MinOp(bounded, emit.constant(high)))
            case Pick(columns):
                return emit.add(infer.GatherOp(x, emit.constant(np.array(columns)), 1))
            case Impute(missing, fill):
                return self.impute(missing, fill, x)
            case Encode():
                return self.encode(step, x)
            case Branches(parts):
                return emit.add(infer.ConcatOp([self.run(part, x) for part in parts], 1))
            case Check():
                self.check(step, x)
                return x

    def check(self, step: Check, x: SSAValue) -> None:
        if step.takes == "any":
            return
        value = self.emit.cast(x, f32) if step.is_narrow else x
        finite = self.emit.only_finite(value, or_nan=step.takes == "nan")
        self.accepted = self.emit.both(self.accepted, finite)

    def impute(self, missing: float, fill: Any, x: SSAValue) -> SSAValue:
        emit = self.emit
        is_nan = missing != missing
        mask = emit.add(infer.IsNanOp(x)) if is_nan else emit.compare("eq", x, missing)
        return emit.add(infer.SelectOp(mask, emit.constant(fill), x))

    def encode(self, step: Encode, x: SSAValue) -> SSAValue:
        emit = self.emit
        equal = emit.add(infer.CompareOp("eq", x, emit.constant(step.categories)))
        flags = emit.cast(equal, f64)
        if step.is_one_hot and step.unknown is not None:
            return flags
        known = emit.compare("gt", emit.add(infer.ReduceMaxOp(flags, [1])), 0.0)
        if step.unknown is None:
            self.accepted = emit.both(self.accepted, known)
        if step.is_one_hot:
            return flags
        index = emit.cast(emit.add(infer.ArgmaxOp(flags, 1)), f64)
        if step.unknown is not None:
            index = emit.add(infer.SelectOp(known, index, emit.constant(step.unknown)))
        return emit.add(infer.ExpandDimsOp(index, [1]))


def _head(emit: Emit, head: Linear | Trees, x: SSAValue) -> SSAValue:
    """Return the raw numbers as a float64 matrix."""
    if isinstance(head, Linear):
        return emit.add(infer.LinearOp(x, dense(head.weights), dense(head.bias)))
    forest = head.forest
    value = emit.cast(x, f32) if head.is_narrow else x
    values = forest.values.astype(np.float32) if head.is_narrow else forest.values
    raw = emit.add(
        infer.TreesOp(
            value,
            roots=forest.roots.tolist(),
            feature=forest.feature.tolist(),
            threshold=forest.threshold.tolist(),
            true_child=forest.yes.tolist(),
            false_child=forest.no.tolist(),
            missing_true=forest.nan_yes.tolist(),
            values=dense(values),
            base=head.base.tolist(),
        )
    )
    wide = emit.cast(raw, f64)
    return wide if head.divisor == 1.0 else emit.add(infer.DivOp(wide, emit.constant(head.divisor)))


@dataclass
class _Links:
    """Writes the fields of a result from raw numbers."""

    emit: Emit
    recipe: Recipe
    raw: SSAValue
    score: SSAValue | None = None

    def field(self, name: str) -> BuiltField | None:
        """Return a field, None if the model has none of this name."""
        link = self.recipe.link
        if link in ("value", "exp"):
            return self.number() if name == "value" else None
        if link == "isolation":
            return self.isolation(name)
        if name == "label":
            return class_field(self.emit, self.index(), self.recipe.classes)
        if name == "probabilities" and self.recipe.has_probabilities:
            keys = tuple(str(each) for each in self.recipe.classes)
            return BuiltField(self.probabilities(), ListType(FLOAT), keys)
        return None

    def number(self) -> BuiltField:
        is_log = self.recipe.link == "exp"
        return BuiltField(
            self.emit.add(infer.ExpOp(self.first())) if is_log else self.first(), FLOAT
        )

    def first(self) -> SSAValue:
        return self.emit.column(self.raw)

    def index(self) -> SSAValue:
        if self.recipe.link in ("sign", "logistic", "huber"):
            predicate = "ge" if self.recipe.zero_is_second else "gt"
            return self.emit.cast(self.emit.compare(predicate, self.first(), 0.0), i64)
        return self.emit.add(infer.ArgmaxOp(self.raw, 1))

    def probabilities(self) -> SSAValue:
        emit = self.emit
        match self.recipe.link:
            case "logistic":
                return self.pair(emit.add(infer.LogisticOp(self.first())))
            case "huber":
                low = emit.add(infer.MaxOp(self.first(), emit.constant(-1.0)))
                cut = emit.add(infer.MinOp(low, emit.constant(1.0)))
                moved = emit.add(infer.AddOp(cut, emit.constant(1.0)))
                return self.pair(emit.add(infer.DivOp(moved, emit.constant(2.0))))
            case "ovr":
                each = emit.add(infer.LogisticOp(self.raw))
                total = emit.add(infer.ReduceSumOp(each, [1], keepdims=True))
                return emit.add(infer.DivOp(each, total))
            case "softmax":
                return emit.add(infer.SoftmaxOp(self.raw, 1))
            case _:
                return self.raw

    def pair(self, second: SSAValue) -> SSAValue:
        rest = self.emit.add(infer.SubOp(self.emit.constant(1.0), second))
        return self.emit.columns([rest, second])

    def isolation(self, name: str) -> BuiltField | None:
        emit = self.emit
        if self.score is None:
            strange = emit.add(infer.PowOp(emit.constant(2.0), self.first()))
            self.score = emit.add(infer.SubOp(emit.constant(-self.recipe.offset), strange))
        if name == "score":
            return BuiltField(self.score, FLOAT)
        if name != "label":
            return None
        outside = emit.compare("lt", self.score, 0.0)
        label = emit.add(infer.SelectOp(outside, emit.constant(-1), emit.constant(1)))
        return BuiltField(label, INT)


def class_field(emit: Emit, index: SSAValue, classes: Classes) -> BuiltField:
    """Return the class with an index: names as an enum, other classes by look-up."""
    if isinstance(classes[0], str):
        return BuiltField(index, EnumType.of(*map(str, classes)))
    kinds: dict[type, Attribute] = {bool: BOOL, int: INT, float: FLOAT}
    kind = kinds[type(classes[0])]
    if kind == INT and classes == tuple(range(len(classes))):
        return BuiltField(index, INT)
    table = emit.constant(np.array(classes))
    return BuiltField(emit.add(infer.GatherOp(table, index, 0)), kind)
