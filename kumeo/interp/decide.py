"""The modes of `agent.decide`: how conditions or criteria become one outcome.

Rules:

- `first_match`: the outcome of the first rule that holds. Rules after it are not looked at, so a
  failure among them does not matter.
- `all_match`: the outcomes of all rules that hold, in order.

Criteria, with weights `w` (1 unless given):

- `weighted_sum`: score = sum of `w * x`, from the left.
- `weighted_product`: score = product of `x ** w`; a negative criterion fails.
- `topsis` on numbers: how much nearer the criteria are to the best case (all 1) than to the worst
  (all 0). On lists, entry `j` of each criterion belongs to outcome `j`: columns are divided by
  their Euclidean length, the ideals are the best and worst entry of each column, the nearest to
  the best wins, the first of equals.

A score is compared with rising thresholds (`n` outcomes without thresholds split 0 to 1 evenly);
the last one that it reaches wins, up to `TIE`. No rule or threshold: the default, else the failure
`no-decision`.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from kumeo.dialects.agent import DecideOp
from kumeo.dialects.agent.compute import TIE
from kumeo.dialects.data import EnumType, ListType, RecordType
from kumeo.dialects.data.failures import DataFailure
from kumeo.dialects.settings import from_setting, strings_of

Numbers = Sequence[float]


@dataclass(frozen=True)
class Decision:
    """The outcomes that hold (one, but for `all_match`), by which rules, with which score."""

    outcomes: tuple[str, ...]
    rules: tuple[str, ...]
    score: float | None = None


def decide(op: DecideOp, values: Sequence[Any]) -> dict[str, Any]:
    """Return the decision record of an op for its operands.

    Raises: DataFailure.
    """
    decision = _by_rules(op, values) if op.is_by_rules else _by_criteria(op, values)
    kind = op.result.type
    assert isinstance(kind, RecordType), "the verifier checks the result"
    wants_list = isinstance(kind.field("decision"), ListType)
    if not decision.outcomes and not wants_list:
        decision = _default(op, decision.score)
    fields = {
        "decision": _one_or_all(decision.outcomes, kind, "decision"),
        "rule": _one_or_all(decision.rules, kind, "rule"),
        "score": decision.score,
    }
    return {name: fields.get(name) for name in kind.names}


def needed(op: DecideOp, values: Sequence[Any]) -> Sequence[Any]:
    """Return the operands that matter: with `first_match`, those up to the first that holds."""
    if op.mode.data != "first_match":
        return values
    last = next((i for i, value in enumerate(values) if value is True), len(values))
    return values[: last + 1]


def _one_or_all(texts: tuple[str, ...], kind: RecordType, field: str) -> Any:
    wanted = kind.field(field)
    if isinstance(wanted, ListType):
        return list(texts)
    return texts[0] if isinstance(wanted, EnumType) else ", ".join(texts)


def _by_rules(op: DecideOp, values: Sequence[Any]) -> Decision:
    rules = zip(strings_of(op.outcomes), strings_of(op.rules), values, strict=True)
    held = [(outcome, rule) for outcome, rule, value in rules if value is True]
    if op.mode.data == "first_match":
        held = held[:1]
    if not held and op.default is not None:
        return _default(op, None)
    return Decision(tuple(outcome for outcome, _ in held), tuple(rule for _, rule in held))


def _default(op: DecideOp, score: float | None) -> Decision:
    if op.default is None:
        raise DataFailure("no-decision", "no rule holds and there is no default")
    return Decision((op.default.data,), ("default",), score)


def _by_criteria(op: DecideOp, values: Sequence[Any]) -> Decision:
    mode, outcomes = op.mode.data, strings_of(op.outcomes)
    weights: Numbers = [1.0] * len(values) if op.weights is None else from_setting(op.weights)
    if any(isinstance(value, list) for value in values):
        return _best_alternative(values, weights, outcomes)
    score = SCORES[mode](values, weights)
    if not math.isfinite(score):
        raise DataFailure("not-finite", "the score of the criteria is not a finite number")
    even = [i / len(outcomes) for i in range(len(outcomes))]
    thresholds: Numbers = even if op.thresholds is None else from_setting(op.thresholds)
    reached = [o for o, t in zip(outcomes, thresholds, strict=True) if t - TIE <= score]
    return Decision((reached[-1],), (mode,), score) if reached else _default(op, score)


def weighted_sum(criteria: Numbers, weights: Numbers) -> float:
    """Return the sum of the weighted criteria."""
    score = 0.0
    for criterion, weight in zip(criteria, weights, strict=True):
        score += criterion * weight
    return score


def weighted_product(criteria: Numbers, weights: Numbers) -> float:
    """Return the product of the criteria, each to the power of its weight."""
    if min(criteria) < 0.0:
        raise DataFailure("invalid-argument", "a weighted product needs criteria of 0 or more")
    score = 1.0
    for criterion, weight in zip(criteria, weights, strict=True):
        score *= _power(criterion, weight)
    return score


def _power(base: float, exponent: float) -> float:
    try:
        return math.pow(base, exponent)
    except (OverflowError, ValueError):
        raise DataFailure("not-finite", "a weighted product is too large") from None


def topsis(criteria: Numbers, weights: Numbers) -> float:
    """Return the closeness of one alternative to the best case: 1 is best, 0 is worst."""
    pairs = list(zip(criteria, weights, strict=True))
    to_best = math.hypot(*(w * (1.0 - c) for c, w in pairs))
    to_worst = math.hypot(*(w * c for c, w in pairs))
    whole = to_best + to_worst
    return to_worst / whole if whole > 0.0 else math.nan  # Weights near zero vanish in products.


SCORES = {"weighted_sum": weighted_sum, "weighted_product": weighted_product, "topsis": topsis}


def _best_alternative(values: Sequence[Any], weights: Numbers, outcomes: Sequence[str]) -> Decision:
    count = len(outcomes)
    columns = [_column(value, count) for value in values]
    if any(len(column) != count for column in columns):
        raise DataFailure("invalid-argument", f"each criterion needs {count} numbers")
    closeness = closeness_of(columns, weights)
    best = first_best(closeness)
    return Decision((outcomes[best],), ("topsis",), closeness[best])


def first_best(closeness: Numbers) -> int:
    """Return the place of the first alternative that is as good as the best."""
    limit = max(closeness) - TIE
    return next(place for place, value in enumerate(closeness) if value >= limit)


def _column(value: Any, count: int) -> list[float]:
    return cast(list[float], value) if isinstance(value, list) else [value] * count


def closeness_of(columns: Sequence[Numbers], weights: Numbers) -> list[float]:
    """Return how close each alternative is to the ideal; equal alternatives all have 0.5."""
    scaled = [_scaled(column, weight) for column, weight in zip(columns, weights, strict=True)]
    best, worst = [max(column) for column in scaled], [min(column) for column in scaled]
    result: list[float] = []
    for row in zip(*scaled, strict=True):
        to_best, to_worst = math.dist(row, best), math.dist(row, worst)
        whole = to_best + to_worst
        result.append(0.5 if whole == 0.0 else to_worst / whole)
    if not all(math.isfinite(value) for value in result):
        raise DataFailure("not-finite", "the score of the criteria is not a finite number")
    return result


def _scaled(column: Numbers, weight: float) -> list[float]:
    length = math.hypot(*column)
    return [weight * (value / length) if length > 0.0 else 0.0 * value for value in column]
