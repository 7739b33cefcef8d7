"""Runs steps with NumPy: what a plan means, and the reference of the compiled graph."""

from collections.abc import Sequence

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
)
from kumeo.models.network import Table

Index = NDArray[np.int64]
Numbers = NDArray[np.floating]


def run_steps(
    steps: Sequence[Step], evidence: Index, is_log: bool = False, single: bool = False
) -> tuple[Table, NDArray[np.bool_]]:
    """Return the posterior (batch, states) and whether each row's evidence is possible.

    The posterior of impossible evidence is zero in all places.

    Shapes: evidence (number of evidence variables, batch), -1 is "missing". In log space a table
    holds logarithms: products are sums, sums are logarithms of sums. `single` computes in float32.
    """
    values: list[Numbers] = []
    kind = np.float32 if single else np.float64
    with np.errstate(all="ignore"):
        for step in steps:
            values.append(_Runner(values, evidence, is_log, kind).value(step).astype(kind))
        weights = values[-1].astype(kind)
        if is_log:
            largest = weights.max(axis=0)
            weights = np.exp(weights - largest) * (largest > LOG_ZERO / 2)
        total = weights.sum(axis=0)
        possible = total > 0
        return (weights / np.where(possible, total, kind(1))).T.astype(np.float64), possible


class _Runner:
    """The rules of one step."""

    def __init__(
        self, values: list[Numbers], evidence: Index, is_log: bool, kind: type[np.floating]
    ) -> None:
        self.values = values
        self.evidence = evidence
        self.is_log = is_log
        self.kind = kind

    def value(self, step: Step) -> Numbers:
        match step:
            case Bind():
                return self.constant(step.table)[..., _index_of(step, self.evidence)]
            case Spread(table):
                ones = np.ones(self.evidence.shape[1])
                return self.constant(table)[..., None] + 0 * ones
            case Multiply(left, right):
                a, b = self.operand(left), self.operand(right)
                return a + b if self.is_log else a * b
            case MatMul(table, value):
                return np.matmul(self.constant(table), self.values[value])
            case Sum(value, axes):
                return self.sum(self.values[value], tuple(range(axes)))
            case Reshape(value, dims):
                return self.values[value].reshape(*dims, -1)
            case Transpose(value, order):
                return np.transpose(self.values[value], (*order, len(order)))
            case Rescale(value):
                table = self.values[value]
                largest = table.max(axis=tuple(range(table.ndim - 1)), keepdims=True)
                return table / np.maximum(largest, np.finfo(self.kind).tiny)

    def constant(self, table: Table) -> Numbers:
        return table.astype(self.kind)

    def operand(self, operand: Operand) -> Numbers:
        return self.values[operand] if isinstance(operand, int) else self.constant(operand)

    def sum(self, table: Numbers, axes: tuple[int, ...]) -> Numbers:
        if not self.is_log:
            return table.sum(axis=axes)
        largest = table.max(axis=axes)
        return np.log(np.exp(table - largest).sum(axis=axes)) + largest


def _index_of(step: Bind, evidence: Index) -> Index:
    total = np.full(evidence.shape[1], step.offset)
    for position, stride in step.index:
        total = total + stride * evidence[position]
    return np.clip(total, 0, step.table.shape[-1] - 1)
