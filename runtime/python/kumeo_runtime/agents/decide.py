"""`Decide`: how conditions or criteria become one outcome.

Rules: `first_match` takes the first that holds (a failure after it does not matter), `all_match`
takes all that hold. Criteria have weights and give a score by `weighted_sum`, `weighted_product` or
`topsis`; the last of the rising thresholds that the score reaches wins. Lists of criteria hold one
number for each outcome; then `topsis` takes the outcome that is nearest to the ideal. Without a
rule or threshold the default decides, else the agent fails with `no-decision`.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple, TypeAlias, TypeVar, cast

from kumeo_runtime.agents.base import Call, Policy, PureAgent
from kumeo_runtime.shapes import fields_of, shape_of
from kumeo_runtime.values import Failure, Fault

T = TypeVar("T")
Mode: TypeAlias = Literal["first_match", "all_match", "weighted_sum", "weighted_product", "topsis"]
Numbers: TypeAlias = Sequence[float]

TIE = 1e-9
"""Scores that differ by less count as equal: sums in another order must not decide otherwise.

A score so close below a threshold reaches it. Of alternatives so close to the best one, the first
wins.
"""


class Decision(NamedTuple):
    """The outcomes that hold (one, but for `all_match`), by which rules, with which score."""

    outcomes: tuple[str, ...]
    rules: tuple[str, ...]
    score: float | None = None


class Decide(PureAgent[T]):
    """A table of rules or criteria. Its inputs are the conditions or criteria, in order."""

    def __init__(
        self,
        *,
        site: str,
        mode: Mode,
        outcomes: Sequence[str],
        result: Any,
        rules: Sequence[str] = (),
        weights: Sequence[float] | None = None,
        thresholds: Sequence[float] | None = None,
        default: str | None = None,
        id: str = "",
        policy: Policy | None = None,
        acts: bool = False,
    ) -> None:
        super().__init__(site=site, id=id, result=result, policy=policy, acts=acts)
        self.mode: Mode = mode
        self.outcomes = tuple(outcomes)
        self.rules = tuple(rules)
        self.weights = weights
        even = [i / len(self.outcomes) for i in range(len(self.outcomes))]
        self.thresholds: Numbers = even if thresholds is None else thresholds
        self.default = default
        kinds = {f.json_name: (f.name, shape_of(f.type).kind) for f in fields_of(result)}
        self._kinds = kinds
        self._wants_list = kinds["decision"][1] == "list"

    def cancelled(self, act: Call, inputs: Mapping[str, Any]) -> Failure | None:
        """Return the first failure that matters: none after the first rule that holds."""
        if self.mode != "first_match":
            return super().cancelled(act, inputs)
        looked_at: dict[str, Any] = {}
        for name, value in inputs.items():
            looked_at[name] = value
            if value is True:
                break
        return super().cancelled(act, looked_at)

    def compute(self, inputs: Mapping[str, Any]) -> T:
        """Return the decision record. Raises: Fault."""
        values = list(inputs.values())
        is_by_rules = self.mode in ("first_match", "all_match")
        decision = self._by_rules(values) if is_by_rules else self._by_criteria(values)
        if not decision.outcomes and not self._wants_list:
            decision = self._default(decision.score)
        found = {
            "decision": self._one_or_all("decision", decision.outcomes),
            "rule": self._one_or_all("rule", decision.rules),
            "score": decision.score,
        }
        return self.result(**{name: found.get(json) for json, (name, _) in self._kinds.items()})

    def _one_or_all(self, field: str, texts: tuple[str, ...]) -> Any:
        kind = self._kinds.get(field, ("", ""))[1]
        if kind == "list":
            return list(texts)
        return texts[0] if kind == "enum" else ", ".join(texts)

    def _default(self, score: float | None) -> Decision:
        if self.default is None:
            raise Fault("no-decision", "no rule holds and there is no default")
        return Decision((self.default,), ("default",), score)

    def _by_rules(self, values: Sequence[Any]) -> Decision:
        rules = zip(self.outcomes, self.rules, values, strict=True)
        held = [(outcome, rule) for outcome, rule, value in rules if value is True]
        if self.mode == "first_match":
            held = held[:1]
        if not held and self.default is not None:
            return self._default(None)
        return Decision(tuple(outcome for outcome, _ in held), tuple(rule for _, rule in held))

    def _by_criteria(self, values: Sequence[Any]) -> Decision:
        weights = [1.0] * len(values) if self.weights is None else self.weights
        if any(isinstance(value, list) for value in values):
            return _best_alternative(values, weights, self.outcomes)
        score = SCORES[self.mode](values, weights)
        if not math.isfinite(score):
            raise Fault("not-finite", "the score of the criteria is not a finite number")
        steps = zip(self.outcomes, self.thresholds, strict=True)
        reached = [outcome for outcome, threshold in steps if threshold - TIE <= score]
        if not reached:
            return self._default(score)
        return Decision((reached[-1],), (self.mode,), score)


def weighted_sum(criteria: Numbers, weights: Numbers) -> float:
    """Return the sum of the weighted criteria, from the left."""
    score = 0.0
    for criterion, weight in zip(criteria, weights, strict=True):
        score += criterion * weight
    return score


def weighted_product(criteria: Numbers, weights: Numbers) -> float:
    """Return the product of the criteria, each to the power of its weight."""
    if min(criteria) < 0.0:
        raise Fault("invalid-argument", "a weighted product needs criteria of 0 or more")
    score = 1.0
    for criterion, weight in zip(criteria, weights, strict=True):
        score *= _power(criterion, weight)
    return score


def _power(base: float, exponent: float) -> float:
    try:
        return math.pow(base, exponent)
    except (OverflowError, ValueError):
        raise Fault("not-finite", "a weighted product is too large") from None


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
        raise Fault("invalid-argument", f"each criterion needs {count} numbers")
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
        raise Fault("not-finite", "the score of the criteria is not a finite number")
    return result


def _scaled(column: Numbers, weight: float) -> list[float]:
    length = math.hypot(*column)
    return [weight * (value / length) if length > 0.0 else 0.0 * value for value in column]
