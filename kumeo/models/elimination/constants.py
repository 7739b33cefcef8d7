"""Products of tables that no evidence decides: they are computed when a network is planned.

In log space a table holds logarithms from the start, so that nothing is lost whatever the numbers
are. Else `least_log` tells how small a product may be: one that leaves the range of float64 would
be zero, or have few digits left.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from kumeo.models.elimination.problem import Factor
from kumeo.models.network import Table

LOG_ZERO = -1e300
"""The logarithm of zero: finite, so that sums of it and differences are numbers, too."""


@dataclass
class Constants:
    """Computes constant tables; `is_log` says that they hold logarithms."""

    is_log: bool
    least_log: float = 0.0
    """The logarithm of the least positive product that may have occurred."""

    def leaf(self, factor: Factor, kept: tuple[str, ...]) -> Factor:
        """Return a table of the network, summed over the hidden variables that are not kept."""
        summed = tuple(i for i, name in enumerate(factor.hidden) if name not in kept)
        table: Table = np.asarray(factor.table.sum(axis=summed))
        return Factor(kept, factor.observed, logs_of(table) if self.is_log else table)

    def product(
        self, left: Factor, right: Factor, rest: tuple[str, ...], summed: tuple[str, ...]
    ) -> Factor:
        """Return the product of two tables, summed over some variables."""
        observed = tuple(dict.fromkeys((*left.observed, *right.observed)))
        labels = {("hidden", name): i for i, name in enumerate((*summed, *rest))}
        labels |= {("observed", name): len(labels) + i for i, name in enumerate(observed)}
        one, other = (_axes(f, labels) for f in (left, right))
        if self.is_log:
            total = _spread(left.table, one, len(labels)) + _spread(right.table, other, len(labels))
            return Factor(rest, observed, log_sum(np.maximum(total, LOG_ZERO), len(summed)))
        self.least_log = min(self.least_log, _least_log(left.table) + _least_log(right.table))
        kept = [place for place in labels.values() if place >= len(summed)]
        einsum: Any = np.einsum
        table: Table = einsum(left.table, one, right.table, other, kept, optimize=True)
        return Factor(rest, observed, table)


def logs_of(table: Table) -> Table:
    """Return logarithms."""
    with np.errstate(divide="ignore"):
        return np.where(table > 0, np.log(table), LOG_ZERO)


def log_sum(logs: Table, axes: int) -> Table:
    """Return the logarithm of the sum over the first axes."""
    if not axes:
        return logs
    first = tuple(range(axes))
    largest = logs.max(axis=first)
    total: Table = np.log(np.exp(logs - largest).sum(axis=first)) + largest
    return np.where(largest > LOG_ZERO / 2, total, LOG_ZERO)


def _axes(factor: Factor, labels: dict[tuple[str, str], int]) -> list[int]:
    hidden = [labels["hidden", name] for name in factor.hidden]
    return hidden + [labels["observed", name] for name in factor.observed]


def _spread(table: Table, axes: Sequence[int], count: int) -> Table:
    """Return a table with all axes in their order, of length one where it has none."""
    order = sorted(range(len(axes)), key=lambda i: axes[i])
    shape = [1] * count
    for i in order:
        shape[axes[i]] = table.shape[i]
    return np.transpose(table, order).reshape(shape)


def _least_log(table: Table) -> float:
    positive = table[table > 0]
    return float(np.log(positive.min())) if positive.size else 0.0
