"""What a compiled question does: a list of steps on numbered values, the batch axis last.

A step names the values it reads by their numbers; its own number is its position. A table given as
an array is a constant whose last axis has length one (the batch axis) unless a step says otherwise.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

from kumeo.models.network import Table

Operand = int | Table


@dataclass(frozen=True)
class Bind:
    """Looks evidence up: `table[..., offset + sum of stride * evidence]`.

    `index` holds pairs (position of the evidence, stride). Evidence that may be missing has its
    column for "missing", index -1, in front of its states, and `offset` makes up for it.
    """

    table: Table
    index: tuple[tuple[int, int], ...]
    offset: int = 0


@dataclass(frozen=True)
class Spread:
    """A constant, repeated for each row of the batch; the array has no batch axis."""

    table: Table


@dataclass(frozen=True)
class Multiply:
    """The product, with the broadcasting of NumPy; one operand at least is a value."""

    left: Operand
    right: Operand


@dataclass(frozen=True)
class MatMul:
    """The product of a constant matrix (..., rows, columns) and a value (..., columns, batch)."""

    table: Table
    value: int


@dataclass(frozen=True)
class Sum:
    """The sum over the first `axes` axes, which vanish."""

    value: int
    axes: int


@dataclass(frozen=True)
class Reshape:
    """The same numbers with other axes before the batch axis."""

    value: int
    dims: tuple[int, ...]


@dataclass(frozen=True)
class Transpose:
    """The same numbers with the axes before the batch axis in another order."""

    value: int
    order: tuple[int, ...]


@dataclass(frozen=True)
class Rescale:
    """The value divided by its largest entry in each row; a row of zeros stays."""

    value: int


Step = Bind | Spread | Multiply | MatMul | Sum | Reshape | Transpose | Rescale


def dims_of(steps: Sequence[Step]) -> list[tuple[int, ...]]:
    """Return the lengths of the axes before the batch axis, for each step."""
    dims: list[tuple[int, ...]] = []
    for step in steps:
        dims.append(step_dims(step, dims))
    return dims


def cost_of(steps: Sequence[Step]) -> tuple[int, int]:
    """Return the multiply-adds per row and the entries of the largest table of the steps."""
    dims = dims_of(steps)
    cost, largest = 0, 1
    for step, shape in zip(steps, dims, strict=True):
        if isinstance(step, Multiply):
            cost += prod(shape)
        elif isinstance(step, MatMul):
            cost += prod(shape) * step.table.shape[-1]
        largest = max(largest, prod(shape))
    return cost, largest


def step_dims(step: Step, dims: Sequence[tuple[int, ...]]) -> tuple[int, ...]:
    """Return the axes of one step, given those of the steps before it."""
    match step:
        case Bind(table):
            return table.shape[:-1]
        case Spread(table):
            return table.shape
        case Multiply(left, right):
            return _broadcast(_operand_dims(left, dims), _operand_dims(right, dims))
        case MatMul(table, value):
            return (*_broadcast(table.shape[:-2], dims[value][:-1]), table.shape[-2])
        case Sum(value, axes):
            return dims[value][axes:]
        case Reshape(_, shape):
            return shape
        case Transpose(value, order):
            return tuple(dims[value][i] for i in order)
        case Rescale(value):
            return dims[value]


def _operand_dims(operand: Operand, dims: Sequence[tuple[int, ...]]) -> tuple[int, ...]:
    return dims[operand] if isinstance(operand, int) else operand.shape[:-1]


def _broadcast(left: tuple[int, ...], right: tuple[int, ...]) -> tuple[int, ...]:
    rank = max(len(left), len(right))
    padded = ((1,) * (rank - len(left)) + left, (1,) * (rank - len(right)) + right)
    return tuple(max(a, b) for a, b in zip(*padded, strict=True))
