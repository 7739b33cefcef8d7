"""Chooses the order in which tables are multiplied and summed: a tree of pairs.

Nothing is computed here: a table is a set of hidden variables, a set of observed ones, and whether
it has a batch axis already ("bound"). Several ways are tried, greedy ones in the manner of tensor
networks and some that eliminate one variable after the other, each also with noise from a fixed
seed, and the cheapest is taken. The estimate is in nanoseconds: at batch size 1 the number of
nodes counts, in a batch the number of multiplications.
"""

import heapq
import math
import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations

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

MAX_PAIRS = 30_000
"""More pairs are not ranked: where hundreds of tables share a variable, all orders are alike."""

MAX_CONSTANT = 1 << 16
"""Entries of a table without evidence; larger ones cost as much as if a query computed them."""


@dataclass(frozen=True)
class Shape:
    """A table without numbers: bit sets of its hidden and of its observed variables."""

    hidden: int
    observed: int
    bound: bool


@dataclass(frozen=True)
class Tree:
    """Which tables are joined: `pairs[k]` makes table `leaves + k`. The last one is the answer."""

    leaves: int
    pairs: tuple[tuple[int, int], ...]
    estimate_ns: float
    strategy: str


@dataclass
class Space:
    """The variables of a problem as bits, and what it costs to join two tables."""

    problem: Problem
    bind_limit: int
    is_log: bool = False
    names: tuple[str, ...] = ()
    seen: tuple[str, ...] = ()
    sizes: dict[tuple[int, int], int] = field(default_factory=dict[tuple[int, int], int])
    query_bit: int = 0

    def __post_init__(self) -> None:
        """Number the variables."""
        self.names = tuple(self.problem.cards)
        self.seen = tuple(self.problem.columns)
        self.query_bit = self.hidden_bits([self.problem.query])

    def hidden_bits(self, names: Sequence[str]) -> int:
        """Return the set of some hidden variables."""
        return sum(1 << self.names.index(name) for name in names)

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
        hidden, observed = a.hidden | b.hidden, a.observed | b.observed
        rest = hidden & ~summed
        if not a.bound and not b.bound and (not observed or self.may_stay(rest, observed)):
            entries = self.size(hidden, observed)
            too_large = max(0, self.size(rest) - MAX_CONSTANT) + max(0, entries - MAX_PRODUCT)
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


@dataclass(frozen=True)
class Work:
    """What a tree computes for each row, found without computing it."""

    cost: int
    largest: int
    order: tuple[str, ...]


def measure_tree(space: Space, tree: Tree) -> Work:
    """Return the multiply-adds per row, the entries of the largest table, and the order."""
    joining = _Joining(space, math.inf)
    cost, largest, order = 0, 1, list[str]()
    for i, j in tree.pairs:
        a, b = joining.live[i], joining.live[j]
        summed = joining.summed(a, b)
        number = joining.join(i, j)
        size = space.size(a.hidden | b.hidden)
        cost += size if joining.live[number].bound else 0
        is_matmul = space.is_matmul(space.bound(a), space.bound(b), summed)
        kept = joining.live[number]
        is_whole = kept.bound and not is_matmul
        made = size if is_whole else space.size(kept.hidden, kept.observed)
        largest = max(largest, made)
        order += (space.names[bit] for bit in bits(summed))
    return Work(cost, largest, tuple(order))


def constant_first(a: Shape, b: Shape) -> tuple[Shape, Shape]:
    """Return two tables, the one without a batch axis first."""
    return (b, a) if a.bound else (a, b)


def bits(value: int) -> Iterator[int]:
    """Return the positions of the ones of a number."""
    while value:
        low = value & -value
        yield low.bit_length() - 1
        value ^= low


def find_tree(space: Space, effort: int = 24) -> Tree:
    """Return the cheapest tree found; `effort` is how many noisy runs there are of each way."""
    best: Tree | None = None
    for strategy, attempt in _attempts(space, effort):
        tree = attempt(best.estimate_ns if best else math.inf, strategy)
        if tree is not None and (best is None or tree.estimate_ns < best.estimate_ns):
            best = tree
    assert best is not None, "the first attempt has no bound"
    return best


Attempt = Callable[[float, str], Tree | None]


def _attempts(space: Space, effort: int) -> Iterator[tuple[str, Attempt]]:
    is_huge = _pairs(space) > MAX_PAIRS
    effort = min(effort, 2) if is_huge else effort
    for run in range(0 if is_huge else 1 + effort):
        noise = 0.0 if run == 0 else 0.15 + 0.85 * run / effort
        for alpha in (1.0, 0.5) if run % 2 == 0 else (1.0, 2.0):
            name = f"greedy {alpha:g}" + (f" with noise, run {run}" if run else "")
            yield name, _greedy_attempt(space, alpha, noise, run)
    for rule in ("fill", "weight"):
        for run in range(1 + effort // 4):
            name = f"min-{rule}" + (f" with noise, run {run}" if run else "")
            yield name, _order_attempt(space, rule, 0.0 if run == 0 else 0.5, run)


def _pairs(space: Space) -> int:
    """Return how many pairs of tables share a variable, counted once for each variable."""
    times = Counter(name for f in space.problem.factors for name in f.hidden)
    return sum(n * (n - 1) // 2 for n in times.values())


def _greedy_attempt(space: Space, alpha: float, noise: float, seed: int) -> Attempt:
    return lambda limit, name: _Joining(space, limit).greedy(alpha, noise, seed).tree(name)


def _order_attempt(space: Space, rule: str, noise: float, seed: int) -> Attempt:
    return lambda limit, name: _Joining(space, limit).by_order(rule, noise, seed).tree(name)


class _Joining:
    """The tables that are left while pairs are joined, and what it has cost so far."""

    def __init__(self, space: Space, limit: float) -> None:
        self.space = space
        self.limit = limit
        self.live: dict[int, Shape] = {}
        self.count: dict[int, int] = {}
        self.pairs: list[tuple[int, int]] = []
        self.cost = 0.0
        for i, factor in enumerate(space.problem.factors):
            hidden = space.hidden_bits(factor.hidden)
            for bit in bits(hidden):
                self.count[bit] = self.count.get(bit, 0) + 1
            self.live[i] = Shape(hidden, space.observed_bits(factor.observed), False)
        self.leaves = len(self.live)
        for i, shape in self.live.items():
            rest = shape.hidden & ~self.only(shape.hidden, 1)
            self.live[i] = space.leaf(rest, shape.observed)
            self.cost += 0.0 if not self.live[i].bound else space.bind_cost(shape)

    def only(self, hidden: int, times: int) -> int:
        """Return the variables of `hidden` that `times` tables have, without the query."""
        found = 0
        for bit in bits(hidden & ~self.space.query_bit):
            if self.count[bit] == times:
                found |= 1 << bit
        return found

    def summed(self, a: Shape, b: Shape) -> int:
        """Return the variables that no other table has."""
        both = a.hidden & b.hidden
        return self.only(both, 2) | self.only((a.hidden | b.hidden) & ~both, 1)

    def join(self, i: int, j: int) -> int:
        """Join two tables; return the number of the new one."""
        a, b = self.live.pop(i), self.live.pop(j)
        summed = self.summed(a, b)
        shape, cost = self.space.join(a, b, summed)
        for bit in bits(a.hidden & b.hidden):
            self.count[bit] -= 1
        for bit in bits(summed):
            self.count[bit] = 0
        self.pairs.append((i, j))
        self.cost += cost
        number = self.leaves + len(self.pairs) - 1
        self.live[number] = shape
        return number

    def greedy(self, alpha: float, noise: float, seed: int) -> "_Joining":
        """Join the pair that makes the least of new entries, again and again."""
        rng = random.Random(seed)
        heap: list[tuple[float, int, int]] = []

        def push(i: int, j: int) -> None:
            score = self.score(self.live[i], self.live[j], alpha)
            if noise:
                score -= noise * abs(score + 1.0) * math.log(rng.random() + 1e-12) * 0.5
            heapq.heappush(heap, (score, i, j))

        for i, j in combinations(self.live, 2):
            if self.live[i].hidden & self.live[j].hidden:
                push(i, j)
        while heap and self.cost < self.limit:
            _, i, j = heapq.heappop(heap)
            if i not in self.live or j not in self.live:
                continue
            number = self.join(i, j)
            mine = self.live[number].hidden
            for other, shape in self.live.items():
                if other != number and shape.hidden & mine:
                    push(other, number)
        return self

    def score(self, a: Shape, b: Shape, alpha: float) -> float:
        """Return how much larger the result is than its parts; constants join first."""
        shape, cost = self.space.join(a, b, self.summed(a, b))
        size = self.space.size
        grown = size(shape.hidden, shape.observed) - alpha * (
            size(a.hidden, a.observed) + size(b.hidden, b.observed)
        )
        return grown + 0.02 * cost

    def by_order(self, rule: str, noise: float, seed: int) -> "_Joining":
        """Eliminate one variable after the other: join all tables that have it."""
        rng = random.Random(seed)
        left = {bit for bit, times in self.count.items() if times}
        left -= set(bits(self.space.query_bit))
        near = self.neighbours()
        while left and self.cost < self.limit:
            bit = min(sorted(left), key=lambda b: self.rank(near, b, rule) * _jitter(rng, noise))
            left.discard(bit)
            self.eliminate(bit)
            for other in bits(near[bit]):
                near[other] = (near[other] | near[bit]) & ~((1 << bit) | (1 << other))
        return self

    def neighbours(self) -> dict[int, int]:
        """Return which variables share a table with each variable."""
        near: dict[int, int] = {}
        for shape in self.live.values():
            for bit in bits(shape.hidden):
                near[bit] = near.get(bit, 0) | (shape.hidden & ~(1 << bit))
        return near

    def rank(self, near: dict[int, int], bit: int, rule: str) -> float:
        """Return how bad it is to eliminate a variable next."""
        around = near.get(bit, 0)
        if rule == "weight":
            return float(self.space.size(around | 1 << bit))
        missing = sum((around & ~near[other]).bit_count() - 1 for other in bits(around))
        return 1.0 + missing / 2

    def eliminate(self, bit: int) -> None:
        """Join the tables that have a variable: constants first, then the smallest."""
        touched = [i for i, shape in self.live.items() if shape.hidden >> bit & 1]
        while len(touched) > 1:
            touched.sort(key=self.eagerness, reverse=True)
            a = touched.pop()
            mine = self.live[a]
            b = min(touched, key=lambda i: self.partner(mine, i))
            touched.remove(b)
            touched.append(self.join(a, b))

    def eagerness(self, i: int) -> tuple[bool, int, int]:
        """Return the sort key by which tables are joined, the first one first."""
        shape = self.live[i]
        return (shape.bound, self.space.size(shape.hidden, shape.observed), i)

    def partner(self, mine: Shape, i: int) -> tuple[float, int]:
        """Return the sort key by which the partner of a table is chosen."""
        other = self.live[i]
        return (self.space.join(mine, other, self.summed(mine, other))[1], i)

    def tree(self, strategy: str) -> Tree | None:
        """Join what is left and return the tree, or None if it is dearer than the limit."""
        while len(self.live) > 1 and self.cost < self.limit:
            i, j = sorted(self.live, key=self.eagerness)[:2]
            self.join(i, j)
        if self.cost >= self.limit:
            return None
        last = next(iter(self.live.values()))
        cost = self.cost + self.space.bind_cost(last)
        return Tree(self.leaves, tuple(self.pairs), cost, strategy)


def _jitter(rng: random.Random, noise: float) -> float:
    return math.exp(noise * rng.gauss(0.0, 1.0)) if noise else 1.0
