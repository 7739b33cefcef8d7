"""What a trained model computes, as plain data: steps from matrix to matrix, then a head.

A step takes the features as a matrix of float64, one row for each event, and gives another. The
head turns the last matrix into raw numbers (`Linear` or `Trees`), and its `link` turns those into
the fields of the result:

    value       the first raw number
    exp         e to the power of it
    sign        label: the second class where the raw number is above zero
    argmax      label: the class with the largest raw number
    logistic    two classes: p = logistic(raw), probabilities (1 - p, p), label where raw > 0
                (or >= 0, if `zero_is_second`)
    ovr         p = logistic(raw) for each class, divided by their sum; label by the raw numbers
    softmax     probabilities of several classes; label by the raw numbers
    huber       two classes: p = (clip(raw, -1, 1) + 1) / 2
    mean        raw numbers are probabilities already; label by the largest
    isolation   score = -offset - 2 ** raw, label -1 where the score is below zero, else 1

Nothing here is executed; `building` turns a recipe into ops.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from kumeo.models.trees import Floats, Forest

REFUSAL = "the model does not take these numbers"
"""The message of the failure `model-failed` for a row that a `Check` or an `Encode` refuses."""

Finite: TypeAlias = Literal["any", "nan", "none"]
"""Which unusual numbers are taken: `any` of them, only `nan`, or `none`."""


@dataclass(frozen=True)
class Affine:
    """Apply `x op values[column]` to every column, rounding as float64."""

    op: Literal["add", "sub", "mul", "div"]
    values: Floats


@dataclass(frozen=True)
class Clip:
    """Keep every number between two bounds."""

    low: float
    high: float


@dataclass(frozen=True)
class Pick:
    """Keep these columns, in this order."""

    columns: tuple[int, ...]


@dataclass(frozen=True)
class Impute:
    """Put `fill[column]` where the column equals `missing` (which may be NaN)."""

    missing: float
    fill: Floats


@dataclass(frozen=True)
class Encode:
    """Replace one column by the categories it equals.

    `is_one_hot` gives one column of zeros and ones for each category, else the index. An unknown
    number is refused, unless `unknown` says what stands for it (an index; zeros for one-hot).
    """

    categories: Floats
    is_one_hot: bool
    unknown: float | None


@dataclass(frozen=True)
class Branches:
    """Give the same input to every list of steps, and put the results side by side."""

    parts: "tuple[tuple[Step, ...], ...]"


@dataclass(frozen=True)
class Check:
    """Refuse rows with unusual numbers; `is_narrow` also refuses what float32 cannot hold."""

    takes: Finite
    is_narrow: bool = False


Step: TypeAlias = Affine | Clip | Pick | Impute | Encode | Branches | Check


@dataclass(frozen=True)
class Linear:
    """Raw numbers `x @ weights + bias`; weights have one row for each feature."""

    weights: Floats
    bias: Floats


@dataclass(frozen=True)
class Trees:
    """Raw numbers: (the sum over the trees + `base`) / `divisor`.

    A divisor keeps sums of whole numbers exact, on which the choice between equal classes rests.

    `is_narrow`: features are rounded to float32 first, and all thresholds are float32.
    """

    forest: Forest
    base: Floats
    divisor: float
    is_narrow: bool


Link: TypeAlias = Literal[
    "value", "exp", "sign", "argmax", "logistic", "ovr", "softmax", "huber", "mean", "isolation"
]

Classes: TypeAlias = tuple[str, ...] | tuple[int, ...] | tuple[bool, ...] | tuple[float, ...]


@dataclass(frozen=True)
class Recipe:
    """A model. `features` is the number of its inputs; `classes` is empty unless it classifies."""

    features: int
    steps: tuple[Step, ...]
    head: Linear | Trees
    link: Link
    classes: Classes = ()
    has_probabilities: bool = False
    offset: float = 0.0
    zero_is_second: bool = False


def simplified(steps: Sequence[Step]) -> tuple[Step, ...]:
    """Return the steps without checks that a later one makes as well.

    Between the two may only stand what keeps every infinite number infinite and every NaN NaN.
    """
    kept: list[Step] = []
    for at, step in enumerate(steps):
        if isinstance(step, Check) and _is_repeated(step, steps[at + 1 :]):
            continue
        kept.append(step)
    return tuple(kept)


def _is_repeated(check: Check, later: Sequence[Step]) -> bool:
    for step in later:
        if isinstance(step, Check):
            as_strict = step.takes == "none" or check.takes == step.takes
            return as_strict and (step.is_narrow or not check.is_narrow)
        if isinstance(step, Impute) and not (check.takes == "nan" and step.missing != step.missing):
            return False
        if not isinstance(step, Affine | Impute):
            return False
    return False
