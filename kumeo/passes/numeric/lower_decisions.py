"""`lower-decisions`: compute rules and scores with elementary ops on tensors.

    %i = infer.rules (%a, %b) : (tensor<?xi1>, tensor<?xi1>) -> (tensor<?xi64>)

becomes a chain of choices, the first rule outermost:

    %last = infer.select (%b, %one, %none) …
    %i = infer.select (%a, %zero, %last) …

and `infer.score` becomes sums and products of float64, in the order of the criteria: a weighted sum
has the very digits of the reference. The distances of TOPSIS are square roots of sums of squares,
which may differ from it in the last digit. A criterion that is no number, and a product of negative
criteria, make the score NaN; whoever reads the score looks for that.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, TypeAlias

from xdsl.builder import Builder
from xdsl.context import Context
from xdsl.ir import Operation, SSAValue
from xdsl.rewriter import InsertPoint, Rewriter

from kumeo.analysis.walk import walk_ops
from kumeo.dialects import infer
from kumeo.dialects.infer.models import floats_of
from kumeo.dialects.infer.tensors import shape_of
from kumeo.models.emitting import Emit
from kumeo.passes.base import OpPass

Weights: TypeAlias = Sequence[float]


@dataclass(frozen=True)
class LowerDecisionsPass(OpPass):
    """Compute rules and scores with elementary ops on tensors."""

    name = "lower-decisions"
    LEVELS: ClassVar[tuple[str, ...]] = ("numeric", "stages", "messaging")
    ROUNDS: ClassVar[float] = 1e-12

    def apply_to(self, ctx: Context, root: Operation) -> None:
        """Lower every decision."""
        for op in [o for o in walk_ops(root) if isinstance(o, infer.RulesOp | infer.ScoreOp)]:
            before = op.prev_op
            emit = Emit(Builder(InsertPoint.before(op)))
            value = _rules(emit, op) if isinstance(op, infer.RulesOp) else _score(emit, op)
            made = op.prev_op
            while made is not None and made is not before:
                made.location = op.location
                made = made.prev_op
            self.count("decisions lowered")
            value.name_hint = op.result.name_hint
            Rewriter.replace_op(op, [], [value])


def _rules(emit: Emit, op: infer.RulesOp) -> SSAValue:
    index = emit.constant(-1)
    for place, condition in reversed(list(enumerate(op.inputs))):
        index = emit.add(infer.SelectOp(condition, emit.constant(place), index))
    return index


def _score(emit: Emit, op: infer.ScoreOp) -> SSAValue:
    return _METHODS[op.method.data](emit, list(op.inputs), floats_of(op.weights))


def _weighted_sum(emit: Emit, criteria: Sequence[SSAValue], weights: Weights) -> SSAValue:
    """Add weighted criteria from the first to the last, as the reference does."""
    parts = [_times(emit, value, weight) for value, weight in zip(criteria, weights, strict=True)]
    score = parts[0]
    for part in parts[1:]:
        score = emit.add(infer.AddOp(score, part))
    return score


def _weighted_product(emit: Emit, criteria: Sequence[SSAValue], weights: Weights) -> SSAValue:
    """Multiply powers; a negative criterion makes the score NaN, whatever its power is."""
    score: SSAValue | None = None
    for value, weight in zip(criteria, weights, strict=True):
        root = emit.add(infer.SqrtOp(value))
        checked = emit.add(infer.SelectOp(emit.compare("lt", value, 0.0), root, value))
        power = emit.add(infer.PowOp(checked, emit.constant(weight)))
        score = power if score is None else emit.add(infer.MulOp(score, power))
    assert score is not None, "the verifier wants a criterion"
    return score


def _topsis(emit: Emit, criteria: Sequence[SSAValue], weights: Weights) -> SSAValue:
    """Return how close a row, or each of its alternatives, is to the ideal."""
    if len(shape_of(criteria[0].type)) == 2:
        return _closeness(emit, criteria, weights)
    pairs = list(zip(criteria, weights, strict=True))
    one = emit.constant(1.0)
    lacks = [_times(emit, emit.add(infer.SubOp(one, value)), weight) for value, weight in pairs]
    has = [_times(emit, value, weight) for value, weight in pairs]
    return _ratio(emit, _length(emit, lacks), _length(emit, has))


def _closeness(emit: Emit, criteria: Sequence[SSAValue], weights: Weights) -> SSAValue:
    """Scale each criterion by its length over the alternatives, then compare with the extremes."""
    lacks: list[SSAValue] = []
    has: list[SSAValue] = []
    for value, weight in zip(criteria, weights, strict=True):
        length = _row_length(emit, value)
        weighted = _times(emit, emit.add(infer.DivOp(value, length)), weight)
        zeros = emit.add(infer.MulOp(value, emit.constant(0.0)))
        scaled = emit.add(infer.SelectOp(emit.compare("gt", length, 0.0), weighted, zeros))
        best = emit.add(infer.ReduceMaxOp(scaled, [1], keepdims=True))
        worst = emit.add(infer.ReduceMinOp(scaled, [1], keepdims=True))
        lacks.append(emit.add(infer.SubOp(best, scaled)))
        has.append(emit.add(infer.SubOp(scaled, worst)))
    to_best, to_worst = _length(emit, lacks), _length(emit, has)
    whole = emit.add(infer.AddOp(to_best, to_worst))
    ratio = emit.add(infer.DivOp(to_worst, whole))
    return emit.add(infer.SelectOp(emit.compare("eq", whole, 0.0), emit.constant(0.5), ratio))


def _times(emit: Emit, value: SSAValue, weight: float) -> SSAValue:
    return value if weight == 1.0 else emit.add(infer.MulOp(value, emit.constant(weight)))


def _length(emit: Emit, parts: Sequence[SSAValue]) -> SSAValue:
    """Return the length of a vector, scaled by its largest part: squares must not overflow."""
    largest = emit.add(infer.AbsOp(parts[0]))
    for part in parts[1:]:
        largest = emit.add(infer.MaxOp(largest, emit.add(infer.AbsOp(part))))
    scale = _no_zero(emit, largest)
    total: SSAValue | None = None
    for part in parts:
        share = emit.add(infer.DivOp(part, scale))
        square = emit.add(infer.MulOp(share, share))
        total = square if total is None else emit.add(infer.AddOp(total, square))
    assert total is not None, "the verifier wants a criterion"
    return emit.add(infer.MulOp(scale, emit.add(infer.SqrtOp(total))))


def _row_length(emit: Emit, row: SSAValue) -> SSAValue:
    """Return the length of each row, scaled in the same way."""
    scale = _no_zero(
        emit, emit.add(infer.ReduceMaxOp(emit.add(infer.AbsOp(row)), [1], keepdims=True))
    )
    share = emit.add(infer.DivOp(row, scale))
    square = emit.add(infer.MulOp(share, share))
    total = emit.add(infer.ReduceSumOp(square, [1], keepdims=True))
    return emit.add(infer.MulOp(scale, emit.add(infer.SqrtOp(total))))


def _no_zero(emit: Emit, value: SSAValue) -> SSAValue:
    return emit.add(infer.SelectOp(emit.compare("eq", value, 0.0), emit.constant(1.0), value))


def _ratio(emit: Emit, to_best: SSAValue, to_worst: SSAValue) -> SSAValue:
    whole = emit.add(infer.AddOp(to_best, to_worst))
    return emit.add(infer.DivOp(to_worst, whole))


Method: TypeAlias = Callable[[Emit, Sequence[SSAValue], Weights], SSAValue]
_METHODS: Mapping[str, Method] = {
    "weighted_sum": _weighted_sum,
    "weighted_product": _weighted_product,
    "topsis": _topsis,
}
