"""Which numbers a plan needs: float32, float64, float64 with rescaling, or logarithms.

For each entry of each table the analysis knows, for all evidence together, the least positive
value, the greatest value, and whether it may be zero. Nothing is subtracted, so relative errors
only add up; they are counted. A posterior p is off by at most half the relative error of a weight.

- float32 needs a proof: no product leaves the range, and the error stays below 1e-6. It also needs
  work: where there is little of it, float64 takes the same time and agrees with the reference to
  the last digits, so that thresholds which equal a probability decide alike.
- float64 rescales a table in each row where products could leave the range otherwise.
- logarithms are taken where even the entries of one table may be that far apart.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from kumeo.models.elimination.constants import LOG_ZERO
from kumeo.models.elimination.steps import (
    Bind,
    MatMul,
    Multiply,
    Operand,
    Rescale,
    Reshape,
    Spread,
    Step,
    Sum,
    Transpose,
    cost_of,
    step_dims,
)
from kumeo.models.network import Table

Precision = Literal["float32", "float64", "log"]
Change = Callable[[Any], Any]

FLOAT32_LIMIT = np.log(1e-34)
FLOAT64_LIMIT = np.log(1e-280)
RESCALE_BELOW = np.log(1e-100)
MAX_ROUNDINGS = 24
"""Roundings of float32 that one answer may hold: 24 of 6e-8, halved, stay below 1e-6."""

FLOAT32_COST = 256
"""Multiply-adds per row up to which float32 is not measurably faster, in batches of any size."""

MAX_ENTRIES = 1 << 18
"""Larger tables are known by one value for all entries."""


@dataclass(frozen=True)
class Range:
    """Logarithms of what each entry may be. An entry that is always zero has `low` infinite."""

    low: Table
    high: Table
    may_be_zero: NDArray[np.bool_]
    roundings: int

    @property
    def least(self) -> float:
        """Return the least positive value of all entries."""
        return float(self.low.min())

    @property
    def greatest(self) -> float:
        """Return the greatest value of all entries."""
        return float(self.high.max())


@dataclass(frozen=True)
class Analysis:
    """The steps to take, with `Rescale` where it is needed, and how they are computed."""

    steps: tuple[Step, ...]
    precision: Precision
    least_log: float
    """The least logarithm of a positive P(query, evidence), as far as it is known."""
    roundings: int


def analyse(steps: Sequence[Step], wanted: Precision | Literal["auto"] = "auto") -> Analysis:
    """Return the steps in a precision that is safe, or in the one that is wanted.

    Tables hold logarithms if logarithms are wanted.
    """
    ranges = _Walk(is_log=wanted == "log").over(steps)
    least = ranges[-1].least
    roundings = max(each.roundings for each in ranges)
    saves_time = cost_of(steps)[0] > FLOAT32_COST
    if wanted == "float32" or (wanted == "auto" and saves_time and _fits_float32(ranges)):
        return Analysis(tuple(steps), "float32", least, roundings)
    if wanted == "log":
        return Analysis(tuple(steps), "log", least, roundings)
    scaled = _rescaled(steps)
    limit = FLOAT64_LIMIT
    is_safe = all(r.least > limit and r.greatest < -limit for r in _Walk().over(scaled))
    precision: Precision = "float64" if is_safe or wanted == "float64" else "log"
    return Analysis(tuple(scaled if is_safe else steps), precision, least, roundings)


def _fits_float32(ranges: Sequence[Range]) -> bool:
    in_range = all(r.least > FLOAT32_LIMIT and r.greatest < -FLOAT32_LIMIT for r in ranges)
    return in_range and all(r.roundings <= MAX_ROUNDINGS for r in ranges)


def _rescaled(steps: Sequence[Step]) -> list[Step]:
    """Divide a table by its largest entry where its numbers become small."""
    walk, found, place = _Walk(), list[Step](), dict[int, int]()
    for number, step in enumerate(steps):
        found.append(_renumbered(step, place))
        walk.add(found[-1])
        is_small = walk.ranges[-1].least < RESCALE_BELOW
        if is_small and isinstance(step, Multiply | MatMul) and number < len(steps) - 1:
            found.append(Rescale(len(found) - 1))
            walk.add(found[-1])
        place[number] = len(found) - 1
    return found


def _renumbered(step: Step, place: dict[int, int]) -> Step:
    match step:
        case Bind() | Spread():
            return step
        case Multiply(left, right):
            return Multiply(_moved(left, place), _moved(right, place))
        case MatMul(table, value):
            return MatMul(table, place[value])
        case Sum(value, axes):
            return Sum(place[value], axes)
        case Reshape(value, dims):
            return Reshape(place[value], dims)
        case Transpose(value, order):
            return Transpose(place[value], order)
        case Rescale(value):
            return Rescale(place[value])


def _moved(operand: Operand, place: dict[int, int]) -> Operand:
    return place[operand] if isinstance(operand, int) else operand


class _Walk:
    """The ranges of steps, one after the other."""

    def __init__(self, *, is_log: bool = False) -> None:
        self.of_table = _of_logs if is_log else _of_table
        self.ranges: list[Range] = []
        self.dims: list[tuple[int, ...]] = []

    def over(self, steps: Sequence[Step]) -> list[Range]:
        for step in steps:
            self.add(step)
        return self.ranges

    def add(self, step: Step) -> None:
        self.dims.append(step_dims(step, self.dims))
        with np.errstate(all="ignore"):
            found = _whole(self.range(step), self.dims[-1])
            self.ranges.append(_coarse(found))

    def range(self, step: Step) -> Range:
        """Return what the entries of a step may be."""
        match step:
            case Bind(table):
                known = self.of_table(table)
                zero = np.asarray(known.may_be_zero.any(axis=-1))
                return Range(known.low.min(axis=-1), known.high.max(axis=-1), zero, 1)
            case Spread(table):
                return self.of_table(table)
            case Multiply(left, right):
                return _product(self.operand(left), self.operand(right))
            case MatMul(table, value):
                return self.matmul(table, self.ranges[value])
            case Sum(value, axes):
                dims = self.dims[value][:axes]
                return _sum(self.ranges[value], tuple(range(axes)), int(np.prod(dims)))
            case Reshape(value, dims):
                return _mapped(self.ranges[value], lambda t: _reshaped(t, dims))
            case Transpose(value, order):
                return _mapped(self.ranges[value], lambda t: np.transpose(t, order))
            case Rescale(value):
                known = self.ranges[value]
                high = np.where(np.isneginf(known.high), known.high, 0.0)
                low = known.low - known.greatest
                return Range(low, high, known.may_be_zero, known.roundings + 1)

    def operand(self, operand: Operand) -> Range:
        return self.ranges[operand] if isinstance(operand, int) else self.of_table(operand[..., 0])

    def matmul(self, table: Table, value: Range) -> Range:
        matrix = self.of_table(table)
        columns = table.shape[-1]
        if table.size * max(1, value.low.size // columns) > MAX_ENTRIES:
            matrix, value = _single(matrix), _single(value)
        row = _mapped(value, lambda t: np.expand_dims(t, -2))
        return _sum(_product(matrix, row), (-1,), columns)


def _of_table(table: Table) -> Range:
    zero = table <= 0
    logs = np.log(table)
    return Range(np.where(zero, np.inf, logs), np.where(zero, -np.inf, logs), zero, 1)


def _of_logs(logs: Table) -> Range:
    zero = logs <= LOG_ZERO / 2
    return Range(np.where(zero, np.inf, logs), np.where(zero, -np.inf, logs), zero, 1)


def _product(left: Range, right: Range) -> Range:
    zero = left.may_be_zero | right.may_be_zero
    roundings = left.roundings + right.roundings + 1
    return Range(left.low + right.low, left.high + right.high, zero, roundings)


def _sum(value: Range, axes: tuple[int, ...], terms: int) -> Range:
    """Terms that cannot be zero add up; else the smallest positive term may be alone."""
    sure = np.where(value.may_be_zero, -np.inf, value.low)
    total = _log_sum(sure, axes)
    low = np.where(np.isneginf(total), value.low.min(axis=axes), total)
    is_single = value.low.size == 1
    high = _log_sum(value.high, axes) + (np.log(terms) if is_single else 0.0)
    zero = np.asarray(value.may_be_zero.all(axis=axes))
    return Range(low, high, zero, value.roundings + terms - 1)


def _log_sum(logs: Table, axes: tuple[int, ...]) -> Table:
    largest = np.maximum(logs.max(axis=axes, keepdims=True), -1e300)
    return np.log(np.exp(logs - largest).sum(axis=axes)) + largest.squeeze(axis=axes)


def _coarse(value: Range) -> Range:
    return _single(value) if value.low.size > MAX_ENTRIES else value


def _whole(value: Range, dims: tuple[int, ...]) -> Range:
    """Return a range for each entry; where an operand was coarse, some axes have length one."""
    if value.low.shape == dims or value.low.size == 1:
        return value
    if int(np.prod(dims)) > MAX_ENTRIES:
        return _single(value)
    return _mapped(value, lambda t: np.broadcast_to(t, dims))


def _single(value: Range) -> Range:
    """Return one range for all entries, with axes of length one."""
    shape = (1,) * value.low.ndim
    low, high = np.full(shape, value.least), np.full(shape, value.greatest)
    return Range(low, high, np.full(shape, bool(value.may_be_zero.any())), value.roundings)


def _mapped(value: Range, change: Change) -> Range:
    low, high, zero = (change(t) for t in (value.low, value.high, value.may_be_zero))
    return Range(low, high, zero, value.roundings)


def _reshaped(table: Table, dims: tuple[int, ...]) -> Table:
    return table.reshape((1,) * len(dims) if table.size == 1 else dims)
