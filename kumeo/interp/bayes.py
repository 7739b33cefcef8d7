"""Exact inference in a discrete Bayesian network, by variable elimination.

A factor is a table of numbers with one axis per variable. The joint probability is the product of
the conditional tables; a question sums every other variable out, cheapest first:

    P(query | evidence)  is proportional to  sum over the rest of  product of tables[evidence]

Variables that neither lead to the query nor to evidence are left out beforehand: they sum to one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from math import prod

import numpy as np

from kumeo.models.network import Network, Table, ancestors, network_from_rows

__all__ = [
    "ImpossibleEvidenceError",
    "Network",
    "TooLargeError",
    "ancestors",
    "network_from_rows",
    "posterior",
]


ENTRIES_MAX = 1 << 27
"""Numbers of the largest table that one answer may take: a gigabyte."""

AXES_MAX = 64
"""Axes of an array of NumPy."""


class ImpossibleEvidenceError(Exception):
    """The evidence has probability zero, so there is no posterior."""


class TooLargeError(Exception):
    """The answer needs a table that is too large for memory; the text says how large."""


@dataclass(frozen=True)
class Factor:
    """A table with the names of its axes."""

    axes: tuple[str, ...]
    table: Table


def posterior(network: Network, query: str, evidence: Mapping[str, str]) -> tuple[float, ...]:
    """Return the probability of each state of `query`, in the order of the states.

    Raises: ImpossibleEvidenceError, TooLargeError.
    """
    needed = ancestors(network, [query, *evidence])
    observed = {name: network.states[name].index(state) for name, state in evidence.items()}
    factors = [_given(_factor_of(network, name), observed) for name in sorted(needed)]
    for variable in _order(factors, keep={query}):
        factors = _eliminate(factors, variable)
    weights = _expand(_product(factors), query, network, observed)
    total = float(weights.sum())
    if not total > 0.0:
        raise ImpossibleEvidenceError
    return tuple(float(weight) for weight in weights / total)


def _factor_of(network: Network, name: str) -> Factor:
    return Factor((*network.parents[name], name), network.tables[name])


def _given(factor: Factor, observed: Mapping[str, int]) -> Factor:
    """Keep the part of a table that agrees with the evidence."""
    index = tuple(observed.get(axis, slice(None)) for axis in factor.axes)
    axes = tuple(axis for axis in factor.axes if axis not in observed)
    return Factor(axes, np.asarray(factor.table[index]))


def _order(factors: Sequence[Factor], keep: set[str]) -> list[str]:
    """Return the variables to sum out: always the one with the fewest neighbours next."""
    near: dict[str, set[str]] = {}
    for factor in factors:
        for axis in factor.axes:
            near.setdefault(axis, set()).update(factor.axes)
    order: list[str] = []
    while len(order) < len(near.keys() - keep):
        rest = near.keys() - keep - set(order)
        variable = min(rest, key=lambda name: (len(near[name]), name))
        for other in near[variable]:
            near[other] = (near[other] | near[variable]) - {variable}
        order.append(variable)
    return order


def _eliminate(factors: Sequence[Factor], variable: str) -> list[Factor]:
    """Multiply the tables that have `variable` and sum it out."""
    touched = [factor for factor in factors if variable in factor.axes]
    others = [factor for factor in factors if variable not in factor.axes]
    product = _product(touched)
    axis = product.axes.index(variable)
    rest = tuple(name for name in product.axes if name != variable)
    return [*others, Factor(rest, product.table.sum(axis=axis))]


def _product(factors: Sequence[Factor]) -> Factor:
    return reduce(_multiply, factors)


def _multiply(left: Factor, right: Factor) -> Factor:
    axes = (*left.axes, *(axis for axis in right.axes if axis not in left.axes))
    sizes = dict(
        zip((*left.axes, *right.axes), (*left.table.shape, *right.table.shape), strict=True)
    )
    entries = prod(sizes.values())
    if entries > ENTRIES_MAX or len(axes) > AXES_MAX:
        raise TooLargeError(f"the answer takes a table of {len(axes)} variables, {entries} numbers")
    return _scaled(Factor(axes, _aligned(left, axes) * _aligned(right, axes)))


def _aligned(factor: Factor, axes: tuple[str, ...]) -> Table:
    """Return the table with its axes in the order of `axes` and length one for absent ones."""
    order = [factor.axes.index(axis) for axis in axes if axis in factor.axes]
    index = tuple(slice(None) if axis in factor.axes else None for axis in axes)
    return np.transpose(factor.table, order)[index]


def _scaled(factor: Factor) -> Factor:
    """Divide by the largest entry: only ratios matter, and many small numbers would underflow."""
    largest = float(factor.table.max()) if factor.table.size else 0.0
    return Factor(factor.axes, factor.table / largest) if largest > 0.0 else factor


def _expand(factor: Factor, query: str, network: Network, observed: Mapping[str, int]) -> Table:
    """Return one weight per state of the query, also when the query itself is observed."""
    if query not in observed:
        return factor.table
    weights = np.zeros(len(network.states[query]))
    weights[observed[query]] = float(factor.table)
    return weights
