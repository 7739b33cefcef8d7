"""From a question to a network to the tables that answer it.

Variables that neither lead to the query nor to evidence are barren: they sum to one and are left
out. An observed variable is an index, not an axis to sum over, so observing cuts the tables into
components. Those without the query do not change the posterior (d-separation); they only decide
whether the evidence is possible. Of them is kept where their tables are zero and where they are
not, and only as far as some evidence may have probability zero.

Evidence that may be missing has one more column, its last: the sum of the others, which sums the
variable out. A variable with children stays hidden, with an indicator table [identity | ones].
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from math import prod

import numpy as np

from kumeo.models.network import Network, Table, ancestors

MAX_SUPPORT = 1 << 16
"""Entries of a table that is made to see whether evidence of a component can be impossible."""


@dataclass(frozen=True)
class Factor:
    """A table with one axis per hidden variable, then one per observed variable."""

    hidden: tuple[str, ...]
    observed: tuple[str, ...]
    table: Table


@dataclass(frozen=True)
class Problem:
    """The tables whose product, summed over all hidden variables but the query, is P(query, e)."""

    query: str
    evidence: tuple[str, ...]
    optional: frozenset[str]
    cards: Mapping[str, int]
    """How many states a hidden variable has."""
    columns: Mapping[str, int]
    """How many indices evidence has that matters: its states, and one more if it may be missing."""
    factors: tuple[Factor, ...]
    needed: tuple[str, ...]
    """The variables of the network that are left after pruning."""


def make_problem(
    network: Network, query: str, evidence: Sequence[str], optional: Collection[str] = ()
) -> Problem:
    """Return the pruned tables of a question. Evidence must not hold the query."""
    before = ancestors(network, [query, *evidence])
    needed = [name for name in network.states if name in before]
    parents = {p for name in needed for p in network.parents[name]}
    inner = frozenset(name for name in optional if name in parents)
    ends = frozenset(optional) - inner
    seen = frozenset(evidence)
    found: dict[str, list[Factor]] = {}
    for name in needed:
        found[name] = [_table_of(network, query, name, (seen, inner, ends))]
        if name in inner:
            found[name].append(_indicator(name, len(network.states[name])))
    cards = {n: len(network.states[n]) for n in needed if n not in seen - inner}
    columns = {n: len(network.states[n]) + (n in inner or n in ends) for n in evidence}
    factors = [f for some in found.values() for f in some]
    owners = [name for name, some in found.items() for _ in some]
    kept = _relevant(factors, query, cards, columns)
    factors = list(kept.values())
    looked_at = {name for f in factors for name in f.observed}
    columns = {n: size for n, size in columns.items() if n in looked_at}
    names = tuple(dict.fromkeys(owners[i] for i in kept))
    return Problem(
        query, tuple(evidence), frozenset(optional), cards, columns, tuple(factors), names
    )


def _table_of(network: Network, query: str, name: str, known: tuple[frozenset[str], ...]) -> Factor:
    """Return a table; `known` is the evidence, and what of it may be missing: inner, at the end."""
    seen, inner, ends = known
    axes = (*network.parents[name], name)
    table = network.tables[name]
    if name in ends:
        table = np.concatenate([table, table.sum(axis=-1, keepdims=True)], axis=-1)
    hidden = tuple(a for a in axes if a not in seen or a in inner)
    observed = tuple(a for a in axes if a in seen and a not in inner)
    order = [axes.index(a) for a in (*hidden, *observed)]
    return _without_constants(Factor(hidden, observed, np.transpose(table, order)), query)


def _without_constants(factor: Factor, query: str) -> Factor:
    """Leave out hidden variables with one state: arrays have few axes, and these say nothing."""
    shape = factor.table.shape
    idle = tuple(i for i, n in enumerate(factor.hidden) if shape[i] == 1 and n != query)
    kept = tuple(n for i, n in enumerate(factor.hidden) if i not in idle)
    return Factor(kept, factor.observed, np.squeeze(factor.table, axis=idle))


def _indicator(name: str, card: int) -> Factor:
    table = np.concatenate([np.eye(card), np.ones((card, 1))], axis=1)
    return Factor((name,), (name,), table)


def _relevant(
    factors: Sequence[Factor], query: str, cards: Mapping[str, int], columns: Mapping[str, int]
) -> dict[int, Factor]:
    """Keep the component of the query, and what of others can make the evidence impossible.

    The tables come with their positions, in order.
    """
    kept: dict[int, Factor] = {}
    for component in components(factors):
        part = {i: factors[i] for i in component}
        has_query = any(query in f.hidden for f in part.values())
        kept |= part if has_query else _support(part, cards, columns)
    return dict(sorted(kept.items()))


def _support(
    part: Mapping[int, Factor], cards: Mapping[str, int], columns: Mapping[str, int]
) -> dict[int, Factor]:
    """Return what decides where the product of tables is positive after it is summed.

    Only that matters. So a table without zeros says nothing, and the others say where they are
    zero; what is left of a component may fall apart again.
    """
    said = _zeros_of(part)
    while sum(len(f.hidden) for f in said.values()) < sum(len(f.hidden) for f in part.values()):
        part, said = said, _zeros_of(said)
    places, tables = list(said), list(said.values())
    found: dict[int, Factor] = {}
    for component in components(tables):
        if can_be_zero([tables[i] for i in component], cards, columns):
            found |= {places[i]: tables[i] for i in component}
    return found


def _zeros_of(part: Mapping[int, Factor]) -> dict[int, Factor]:
    """Return the zeros of the tables that have some, without variables that one table alone has.

    All other entries of a table are equal: a share that keeps the sum of all products at most one.
    """
    times = Counter(name for f in part.values() for name in f.hidden)
    found: dict[int, Factor] = {}
    for place, f in part.items():
        alone = tuple(axis for axis, name in enumerate(f.hidden) if times[name] == 1)
        positive = np.asarray((f.table > 0).any(axis=alone))
        if not positive.all():
            hidden = tuple(name for name in f.hidden if times[name] > 1)
            sizes = zip(hidden, positive.shape, strict=False)
            share = prod(size ** (-1 / times[name]) for name, size in sizes)
            table: Table = np.where(positive, share, 0.0)
            found[place] = Factor(hidden, f.observed, table)
    return found


def components(factors: Sequence[Factor]) -> list[list[int]]:
    """Return the positions of tables that hidden variables connect, each sorted."""
    group = list(range(len(factors)))
    owner: dict[str, int] = {}

    def root(i: int) -> int:
        while group[i] != i:
            group[i] = group[group[i]]
            i = group[i]
        return i

    for i, factor in enumerate(factors):
        for name in factor.hidden:
            group[root(i)] = root(owner.setdefault(name, i))
    found: dict[int, list[int]] = {}
    for i in range(len(factors)):
        found.setdefault(root(i), []).append(i)
    return list(found.values())


def can_be_zero(
    factors: Sequence[Factor], cards: Mapping[str, int], columns: Mapping[str, int]
) -> bool:
    """Whether the product of the tables, summed over what is hidden, is zero for some evidence.

    It is exact where a table over the evidence stays small; else `True` for tables with zeros.
    """
    if all((f.table > 0).all() for f in factors):
        return False
    left = list(factors)
    names = sorted({name for f in factors for name in f.hidden})
    while names:
        name = min(names, key=lambda n: (_joined_size(left, n, cards, columns), n))
        if _joined_size(left, name, cards, columns) > MAX_SUPPORT:
            return True
        left = _summed(left, name)
        names.remove(name)
    joined = {a for f in left for a in f.observed}
    if prod(columns[a] for a in joined) > MAX_SUPPORT:
        return any((f.table <= 0).any() for f in left)
    return bool((_multiplied(left).table <= 0).any())


def _joined_size(
    factors: Sequence[Factor], name: str, cards: Mapping[str, int], columns: Mapping[str, int]
) -> int:
    touched = [f for f in factors if name in f.hidden]
    hidden = {a for f in touched for a in f.hidden}
    observed = {a for f in touched for a in f.observed}
    return prod(cards[a] for a in hidden) * prod(columns[a] for a in observed)


def _summed(factors: Sequence[Factor], name: str) -> list[Factor]:
    joined = _multiplied([f for f in factors if name in f.hidden])
    rest = tuple(a for a in joined.hidden if a != name)
    table = joined.table.sum(axis=joined.hidden.index(name))
    return [*(f for f in factors if name not in f.hidden), Factor(rest, joined.observed, table)]


def _multiplied(factors: Sequence[Factor]) -> Factor:
    """Return where the product is positive, as 0 and 1: only zeros matter, and none is lost."""
    hidden = tuple(dict.fromkeys(a for f in factors for a in f.hidden))
    observed = tuple(dict.fromkeys(a for f in factors for a in f.observed))
    total: Table = np.ones(())
    for f in factors:
        total = total * (aligned(f, hidden, observed) > 0)
    return Factor(hidden, observed, total)


def aligned(factor: Factor, hidden: Sequence[str], observed: Sequence[str]) -> Table:
    """Return the table with axes in the given order, of length one for absent ones."""
    order = [factor.hidden.index(a) for a in hidden if a in factor.hidden]
    first = len(factor.hidden)
    order += [first + factor.observed.index(a) for a in observed if a in factor.observed]
    index = tuple(
        slice(None) if present else None
        for present in (
            *(a in factor.hidden for a in hidden),
            *(a in factor.observed for a in observed),
        )
    )
    return np.transpose(factor.table, order)[index]
