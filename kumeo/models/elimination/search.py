"""Chooses the order in which tables are multiplied and summed: a tree of pairs.

Several ways are tried, greedy ones in the manner of tensor networks and some that eliminate one
variable after the other, each also with noise from a fixed seed, and the cheapest is taken. For a
large network noisy runs stop early. At batch size 1 the number of nodes counts, in a batch the
number of multiplications.
"""

import heapq
import math
import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from kumeo.models.elimination.space import Shape, Space, bits

MAX_PAIRS = 30_000
"""More pairs are not ranked: where hundreds of tables share a variable, all orders are alike."""

MAX_LOOKS = 100_000
"""Looks at pairs and variables before noisy runs stop: a second. No time: plans must not vary."""


@dataclass(frozen=True)
class Tree:
    """Which tables are joined: `pairs[k]` makes table `leaves + k`. The last one is the answer."""

    leaves: int
    pairs: tuple[tuple[int, int], ...]
    estimate_ns: float
    strategy: str


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


def find_tree(space: Space, effort: int = 24) -> Tree:
    """Return the cheapest tree found; `effort` is how many noisy runs there are of each way."""
    best: Tree | None = None
    for strategy, is_noisy, attempt in _attempts(space, effort):
        if is_noisy and space.looks > MAX_LOOKS:
            continue
        tree = attempt(best.estimate_ns if best else math.inf, strategy)
        if tree is not None and (best is None or tree.estimate_ns < best.estimate_ns):
            best = tree
    assert best is not None, "the first attempt has no bound"
    return best


Attempt = Callable[[float, str], Tree | None]


def _attempts(space: Space, effort: int) -> Iterator[tuple[str, bool, Attempt]]:
    is_huge = _pairs(space) > MAX_PAIRS
    effort = min(effort, 2) if is_huge else effort
    for run in range(0 if is_huge else 1 + effort):
        noise = 0.0 if run == 0 else 0.15 + 0.85 * run / effort
        for alpha in (1.0, 0.5) if run % 2 == 0 else (1.0, 2.0):
            name = f"greedy {alpha:g}" + (f" with noise, run {run}" if run else "")
            yield name, run > 0, _greedy_attempt(space, alpha, noise, run)
    for rule in ("fill", "weight"):
        for run in range(1 + effort // 2):
            name = f"min-{rule}" + (f" with noise, run {run}" if run else "")
            noise = (0.0, 0.5, 0.02)[run and 1 + run % 2]
            yield name, run > 0, _order_attempt(space, rule, noise, run)


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
        """How many tables have a variable."""
        self.once = self.twice = 0
        """The variables that one table has, and those that two have, without the query."""
        self.holders: dict[int, set[int]] = {}
        """The tables that have a variable."""
        self.pairs: list[tuple[int, int]] = []
        self.cost = 0.0
        for i, factor in enumerate(space.problem.factors):
            hidden = space.hidden_bits(factor.hidden)
            for bit in bits(hidden):
                self.count[bit] = self.count.get(bit, 0) + 1
            self.live[i] = Shape(hidden, space.observed_bits(factor.observed), False)
        self.leaves = len(self.live)
        for bit in self.count:
            self.sort_in(bit)
        for i, shape in self.live.items():
            rest = shape.hidden & ~self.once
            self.live[i] = space.leaf(rest, shape.observed)
            self.cost += 0.0 if not self.live[i].bound else space.bind_cost(shape)
            for bit in bits(rest):
                self.holders.setdefault(bit, set()).add(i)

    def sort_in(self, bit: int) -> None:
        """Note how many tables have a variable."""
        own = (1 << bit) & ~self.space.query_bit
        self.once, self.twice = self.once & ~own, self.twice & ~own
        if self.count[bit] == 1:
            self.once |= own
        elif self.count[bit] == 2:
            self.twice |= own

    def summed(self, a: Shape, b: Shape) -> int:
        """Return the variables that no other table has."""
        both = a.hidden & b.hidden
        return (both & self.twice) | ((a.hidden | b.hidden) & ~both & self.once)

    def join(self, i: int, j: int) -> int:
        """Join two tables; return the number of the new one."""
        a, b = self.live.pop(i), self.live.pop(j)
        summed = self.summed(a, b)
        shape, cost = self.space.join(a, b, summed)
        for bit in bits(a.hidden & b.hidden):
            self.count[bit] -= 1
        for bit in bits(summed):
            self.count[bit] = 0
        for bit in bits((a.hidden & b.hidden) | summed):
            self.sort_in(bit)
        self.pairs.append((i, j))
        self.cost += cost
        number = self.leaves + len(self.pairs) - 1
        self.live[number] = shape
        for bit in bits(a.hidden | b.hidden):
            self.holders[bit] -= {i, j}
        for bit in bits(shape.hidden):
            self.holders[bit].add(number)
        return number

    def sharing(self, i: int) -> list[int]:
        """Return the tables that share a variable with a table, in order."""
        found: set[int] = set()
        for bit in bits(self.live[i].hidden):
            found |= self.holders[bit]
        return sorted(found - {i})

    def greedy(self, alpha: float, noise: float, seed: int) -> "_Joining":
        """Join the pair that makes the least of new entries, again and again."""
        rng = random.Random(seed)
        heap: list[tuple[float, int, int]] = []

        def push(i: int, j: int) -> None:
            score = self.score(self.live[i], self.live[j], alpha)
            if noise:
                score -= noise * abs(score + 1.0) * math.log(rng.random() + 1e-12) * 0.5
            heapq.heappush(heap, (score, i, j))

        for i in self.live:
            for j in self.sharing(i):
                if i < j:
                    push(i, j)
        while heap and self.cost < self.limit:
            _, i, j = heapq.heappop(heap)
            if i not in self.live or j not in self.live:
                continue
            number = self.join(i, j)
            for other in self.sharing(number):
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
        query = set(bits(self.space.query_bit))
        left = sorted(bit for bit, times in self.count.items() if times and bit not in query)
        near = self.neighbours()
        ranks: dict[int, float] = {}
        while left and self.cost < self.limit:
            ranks |= {bit: self.rank(near, bit, rule) for bit in left if bit not in ranks}
            self.space.looks += len(left)
            bit = min(left, key=lambda b: ranks[b] * _jitter(rng, noise))
            left.remove(bit)
            self.eliminate(bit)
            for changed in _bring_together(near, bit):
                ranks.pop(changed, None)
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
        weight = float(self.space.size(around | 1 << bit))
        if rule == "weight":
            return weight
        missing = sum((around & ~near[other]).bit_count() - 1 for other in bits(around))
        return 1.0 + missing / 2 + 1e-3 * math.log(weight)

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


def _bring_together(near: dict[int, int], bit: int) -> set[int]:
    """Make all that are near a variable near each other; return those whose rank may change."""
    changed = near[bit]
    for other in bits(near[bit]):
        near[other] = (near[other] | near[bit]) & ~((1 << bit) | (1 << other))
        changed |= near[other]
    return set(bits(changed))


def _jitter(rng: random.Random, noise: float) -> float:
    return math.exp(noise * rng.gauss(0.0, 1.0)) if noise else 1.0
