"""The variables of a question as bits, and what it costs to join two tables.

Nothing is computed here: a table is a set of hidden variables, a set of observed ones, and whether
it has a batch axis already ("bound"). Costs are in nanoseconds, as ONNX Runtime was measured.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from kumeo.models.elimination.problem import Problem

NODE_NS = 350.0
"""What any node of the graph costs at batch size 1."""

MULTIPLY_NS, SUM_NS, MATMUL_NS, BIND_NS = 0.7, 1.1, 0.12, 7.5
"""What an entry costs: of a product, of a sum, of a matrix product, and of a look-up."""

BLOCK_NS = 300.0
"""What each block of a matrix product costs beside its entries, at batch size 1."""

BATCH_WEIGHT = 3.0
"""How much a nanosecond per row in a batch counts against one at batch size 1."""

MAX_PRODUCT = 1 << 26
"""Products of entries that one such table may take; it is made when the network is compiled."""

MAX_LOG_PRODUCT = 1 << 22
"""The same of logarithms, all of which are in memory at once."""

MAX_CONSTANT = 1 << 16
"""Entries of a table without evidence; larger ones cost as much as if a query computed them."""


@dataclass(frozen=True)
class Shape:
    """A table without numbers: bit sets of its hidden and of its observed variables."""

    hidden: int
    observed: int
    bound: bool


@dataclass
class Space:
    """The variables of a problem as bits, and what it costs to join two tables."""

    problem: Problem
    bind_limit: int
    is_log: bool = False
    names: tuple[str, ...] = ()
    seen: tuple[str, ...] = ()
    sizes: dict[tuple[int, int], int] = field(default_factory=dict[tuple[int, int], int])
    places: dict[str, int] = field(default_factory=dict[str, int])
    joins: dict[tuple[int, ...], tuple[Shape, float]] = field(
        default_factory=dict[tuple[int, ...], tuple[Shape, float]]
    )
    query_bit: int = 0
    looks: int = 0

    def __post_init__(self) -> None:
        """Number the variables."""
        self.names = tuple(self.problem.cards)
        self.seen = tuple(self.problem.columns)
        self.places = {name: place for place, name in enumerate(self.names)}
        self.query_bit = self.hidden_bits([self.problem.query])

    def hidden_bits(self, names: Sequence[str]) -> int:
        """Return the set of some hidden variables."""
        return sum(1 << self.places[name] for name in names)

    def observed_bits(self, names: Sequence[str]) -> int:
        """Return the set of some observed variables."""
        return sum(1 << self.seen.index(name) for name in names)

    def size(self, hidden: int, observed: int = 0) -> int:
        """Return the number of entries of a table."""
        known = self.sizes.get((hidden, observed))
        if known is None:
            known = math.prod(self.problem.cards[self.names[i]] for i in bits(hidden))
            known *= math.prod(self.problem.columns[self.seen[i]] for i in bits(observed))
            self.sizes[hidden, observed] = known
        return known

    def may_stay(self, hidden: int, observed: int) -> bool:
        """Whether a table may keep its evidence as axes: it is small, and no table of answers."""
        few = observed.bit_count() <= len(self.seen) // 2
        return few and self.size(hidden, observed) <= self.bind_limit

    def leaf(self, hidden: int, observed: int) -> Shape:
        """Return a table of the network; without late binding its evidence is bound at once."""
        shape = Shape(hidden, observed, False)
        is_small = observed.bit_count() == 1 or self.may_stay(hidden, observed)
        late = self.bind_limit > 0 and is_small
        return shape if not observed or late else self.bound(shape)

    def bound(self, shape: Shape) -> Shape:
        """Return the table after its evidence is looked up."""
        return Shape(shape.hidden, 0, True) if shape.observed else shape

    def bind_cost(self, shape: Shape) -> float:
        """Return what looking up the evidence of a table costs."""
        if not shape.observed:
            return 0.0
        nodes = 2 * shape.observed.bit_count() - 1
        return NODE_NS * nodes + (1 + BATCH_WEIGHT) * BIND_NS * self.size(shape.hidden)

    def join(self, a: Shape, b: Shape, summed: int) -> tuple[Shape, float]:
        """Return the product of two tables after `summed` is summed out, and what it costs."""
        self.looks += 1
        key = (a.hidden, a.observed, a.bound, b.hidden, b.observed, b.bound, summed)
        known = self.joins.get(key)
        if known is None:
            known = self.joins[key] = self._join(a, b, summed)
        return known

    def _join(self, a: Shape, b: Shape, summed: int) -> tuple[Shape, float]:
        hidden, observed = a.hidden | b.hidden, a.observed | b.observed
        rest = hidden & ~summed
        if not a.bound and not b.bound and (not observed or self.may_stay(rest, observed)):
            entries = self.size(hidden, observed)
            limit = MAX_LOG_PRODUCT if self.is_log else MAX_PRODUCT
            too_large = max(0, self.size(rest) - MAX_CONSTANT) + max(0, entries - limit)
            return Shape(rest, observed, False), 1e-3 * entries + 0.1 * too_large
        cost = self.bind_cost(a) + self.bind_cost(b)
        one, other = self.bound(a), self.bound(b)
        if self.is_matmul(one, other, summed):
            cost += self.matmul_cost(*constant_first(one, other), summed)
        else:
            cost += self.product_cost(hidden, summed)
        return Shape(rest, 0, True), cost

    def is_matmul(self, a: Shape, b: Shape, summed: int) -> bool:
        """Whether two tables are joined as a matrix product: cheaper, and only for sums."""
        if self.is_log or not summed or a.bound == b.bound:
            return False
        constant, value = constant_first(a, b)
        if not constant.hidden & ~value.hidden:
            return False
        product = self.product_cost(a.hidden | b.hidden, summed)
        return self.matmul_cost(constant, value, summed) < product

    def product_cost(self, hidden: int, summed: int) -> float:
        """Return the cost of a product of entries and of the sum after it."""
        size = self.size(hidden)
        nodes = 2 if summed else 1
        per_entry = MULTIPLY_NS + (SUM_NS if summed else 0.0)
        return NODE_NS * nodes * 1.3 + (1 + BATCH_WEIGHT) * per_entry * size

    def matmul_cost(self, constant: Shape, value: Shape, summed: int) -> float:
        """Return the cost of the product of a constant matrix and a table with a batch axis."""
        blocks = self.size(value.hidden & ~summed)
        own = constant.hidden & ~value.hidden
        reshaped = (summed.bit_count() > 1) + (own.bit_count() > 1)
        size = self.size(constant.hidden | value.hidden)
        fixed = NODE_NS * (1.2 + reshaped) + BLOCK_NS * (blocks - 1)
        return fixed + (1 + BATCH_WEIGHT) * MATMUL_NS * size


def constant_first(a: Shape, b: Shape) -> tuple[Shape, Shape]:
    """Return two tables, the one without a batch axis first."""
    return (b, a) if a.bound else (a, b)


def bits(value: int) -> Iterator[int]:
    """Return the positions of the ones of a number."""
    while value:
        low = value & -value
        yield low.bit_length() - 1
        value ^= low
