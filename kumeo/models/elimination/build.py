"""From a tree of pairs to steps: constants are computed, everything else becomes a step.

Axes are laid out from the answer downwards: who reads a table says in which order it wants the
axes, so that operands meet without transposing. Summed axes come first, the batch axis is last.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

import numpy as np

from kumeo.models.elimination.constants import Constants
from kumeo.models.elimination.problem import Factor, aligned
from kumeo.models.elimination.search import Tree
from kumeo.models.elimination.space import Shape, Space
from kumeo.models.elimination.steps import (
    Bind,
    MatMul,
    Multiply,
    Operand,
    Reshape,
    Spread,
    Step,
    Sum,
    Transpose,
    step_dims,
)


@dataclass(frozen=True)
class Joined:
    """A table with a batch axis: the product of two, with `summed` summed out."""

    left: "Part"
    right: "Part"
    hidden: tuple[str, ...]
    summed: tuple[str, ...]
    is_matmul: bool


Part = Factor | Joined


def build_steps(space: Space, tree: Tree) -> tuple[list[Step], float]:
    """Return the steps of a tree; the last one has the axes (states of the query, batch).

    The second is the logarithm of the least product that was computed while they were made. In
    log space all tables of the steps hold logarithms.
    """
    printer = _Printer(space)
    constants = Constants(space.is_log)
    answer = _root(space, tree, constants)
    printer.emit(_read_something(space, answer), (space.problem.query,))
    return printer.steps, constants.least_log


def _read_something(space: Space, answer: Part) -> Part:
    """Let an answer that depends on no evidence have the batch axis of some evidence."""
    if isinstance(answer, Joined) or answer.observed or not space.problem.evidence:
        return answer
    name = space.problem.evidence[0]
    return Factor(answer.hidden, (name,), answer.table[..., None])


def _root(space: Space, tree: Tree, constants: Constants) -> Part:
    """Compute constants and decide how each pair is joined."""
    parts: dict[int, Part] = dict(enumerate(_leaves(space, constants)))
    for number, (i, j) in enumerate(tree.pairs, tree.leaves):
        left, right = parts.pop(i), parts.pop(j)
        used = {name for part in parts.values() for name in part.hidden}
        parts[number] = _join(space, constants, (left, right), used | {space.problem.query})
    return next(iter(parts.values()))


def _leaves(space: Space, constants: Constants) -> list[Factor]:
    """Sum out what only one table has."""
    factors = space.problem.factors
    query = space.problem.query
    times = [name for f in factors for name in f.hidden]
    found: list[Factor] = []
    for f in factors:
        rest = tuple(n for n in f.hidden if times.count(n) > 1 or n == query)
        found.append(constants.leaf(f, rest))
    return found


def _join(space: Space, constants: Constants, parts: tuple[Part, Part], used: set[str]) -> Part:
    left, right = parts
    hidden = tuple(dict.fromkeys((*left.hidden, *right.hidden)))
    rest = tuple(name for name in hidden if name in used)
    summed = tuple(name for name in hidden if name not in used)
    a, b = _shape(space, left), _shape(space, right)
    shape, _ = space.join(a, b, space.hidden_bits(summed))
    if not shape.bound and isinstance(left, Factor) and isinstance(right, Factor):
        return constants.product(left, right, rest, summed)
    matmul = space.is_matmul(space.bound(a), space.bound(b), space.hidden_bits(summed))
    return Joined(left, right, rest, summed, matmul)


def _shape(space: Space, part: Part) -> Shape:
    if isinstance(part, Joined):
        return Shape(space.hidden_bits(part.hidden), 0, True)
    hidden, observed = space.hidden_bits(part.hidden), space.observed_bits(part.observed)
    shape = Shape(hidden, observed, False)
    return space.bound(shape) if observed and not space.bind_limit else shape


class _Printer:
    """Collects steps."""

    def __init__(self, space: Space) -> None:
        self.space = space
        self.steps: list[Step] = []
        self.dims: list[tuple[int, ...]] = []

    def add(self, step: Step) -> int:
        self.steps.append(step)
        self.dims.append(step_dims(step, self.dims))
        return len(self.steps) - 1

    def emit(self, part: Part, layout: Sequence[str]) -> int:
        """Return the number of a value with exactly these axes, in this order."""
        if isinstance(part, Joined):
            return self.matmul(part, layout) if part.is_matmul else self.product(part, layout)
        if part.observed:
            return self.bind(part, layout)
        return self.add(Spread(aligned(part, layout, ())))

    def bind(self, factor: Factor, frame: Sequence[str]) -> int:
        """Look the evidence up in a table whose axes are `frame`, of length one where absent."""
        problem = self.space.problem
        place = {name: i for i, name in enumerate(problem.evidence)}
        observed = sorted(factor.observed, key=lambda name: place[name])
        table = aligned(factor, frame, observed)
        index: list[tuple[int, int]] = []
        offset, stride = 0, 1
        for axis, name in zip(range(table.ndim - 1, -1, -1), reversed(observed), strict=False):
            index.insert(0, (place[name], stride))
            if name in problem.optional:
                table = np.roll(table, 1, axis=axis)
                offset += stride
            stride *= table.shape[axis]
        table = table.reshape(*table.shape[: len(frame)], stride)
        return self.add(Bind(table, tuple(index), offset))

    def product(self, part: Joined, layout: Sequence[str]) -> int:
        """Multiply entry by entry, then sum over the first axes."""
        frame = (*part.summed, *layout)
        left, right = self.operand(part.left, frame), self.operand(part.right, frame)
        value = self.add(Multiply(left, right))
        return self.add(Sum(value, len(part.summed))) if part.summed else value

    def operand(self, part: Part, frame: Sequence[str]) -> Operand:
        """Return a part whose axes meet those of `frame`."""
        present = [name in part.hidden for name in frame]
        frame = frame[present.index(True) :] if any(present) else ()
        if isinstance(part, Factor):
            if part.observed:
                return self.bind(part, frame)
            return aligned(part, frame, ())[..., None]
        value = self.emit(part, [name for name in frame if name in part.hidden])
        cards = self.space.problem.cards
        dims = tuple(cards[name] if name in part.hidden else 1 for name in frame)
        return value if len(dims) == len(part.hidden) else self.reshape(value, dims)

    def matmul(self, part: Joined, layout: Sequence[str]) -> int:
        """Multiply by a constant matrix; what the two share beside the sum leads."""
        left, right = part.left, part.right
        constant, value = (left, right) if _is_constant(left) else (right, left)
        assert isinstance(constant, Factor), "one part of a matrix product is a constant"
        lead = [name for name in layout if name in value.hidden]
        own = [name for name in layout if name not in value.hidden]
        cards = self.space.problem.cards
        shared = [name in constant.hidden for name in lead]
        first = shared.index(True) if any(shared) else len(lead)
        table = aligned(constant, (*lead[first:], *own, *part.summed), ())
        rows, columns = prod(cards[n] for n in own), prod(cards[n] for n in part.summed)
        table = table.reshape(*table.shape[: len(lead) - first], rows, columns)
        operand = self.emit(value, (*lead, *part.summed))
        leads = tuple(cards[name] for name in lead)
        operand = self.reshape(operand, (*leads, columns)) if len(part.summed) > 1 else operand
        found = self.add(MatMul(table, operand))
        if len(own) > 1:
            found = self.reshape(found, (*leads, *(cards[name] for name in own)))
        order = tuple([*lead, *own].index(name) for name in layout)
        is_sorted = order == tuple(range(len(order)))
        return found if is_sorted else self.add(Transpose(found, order))

    def reshape(self, value: int, dims: tuple[int, ...]) -> int:
        """Reshape a value; a reshape that is undone at once vanishes."""
        step = self.steps[value]
        if isinstance(step, Reshape) and value == len(self.steps) - 1:
            self.steps.pop()
            self.dims.pop()
            return self.reshape(step.value, dims)
        return value if self.dims[value] == dims else self.add(Reshape(value, dims))


def _is_constant(part: Part) -> bool:
    return isinstance(part, Factor) and not part.observed
