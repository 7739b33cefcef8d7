"""Order inside the rows of a layered picture, and positions: few crossings, straight lines.

Long links get a bend in each row that they pass, so that lines and boxes never share a place.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from kumeo.backends.graph.ranks import Item, Link

SWEEPS = 12
GAP = 28.0
BEND_GAP = 14.0
_LABEL_HEIGHT = 16.0


@dataclass
class Cell:
    """An item or a bend in its row. `x` is its centre."""

    id: str
    row: int
    width: float
    height: float
    is_bend: bool
    x: float = 0.0


@dataclass
class Strand:
    """A piece of a link between neighbouring rows."""

    upper: Cell
    lower: Cell
    upper_dx: float = 0.0
    lower_dx: float = 0.0


@dataclass
class Rows:
    """All cells in their rows, left to right, with the strands between them."""

    rows: list[list[Cell]]
    cells: dict[str, Cell]
    """Items and bends by id."""
    chains: dict[str, list[Cell]] = field(default_factory=dict[str, list[Cell]])
    """The cells that each link goes through, from start to end."""
    strands: list[Strand] = field(default_factory=list[Strand])


def make_rows(items: Sequence[Item], links: Sequence[Link], ranks: Mapping[str, int]) -> Rows:
    """Return the rows with bends for long links, ordered and placed."""
    count = max(ranks.values(), default=-1) + 1
    cells = {i.id: Cell(i.id, ranks[i.id], i.width, i.height, False) for i in items}
    made = Rows([[] for _ in range(count)], cells)
    for cell in cells.values():
        made.rows[cell.row].append(cell)
    for link in links:
        _add_chain(made, link)
    _order(made)
    _place(made)
    return made


def _add_chain(made: Rows, link: Link) -> None:
    start, end = made.cells[link.start], made.cells[link.end]
    chain = [start]
    for row in range(start.row + 1, end.row):
        is_label = link.label_width > 0 and len(chain) == 1
        width, height = (link.label_width, _LABEL_HEIGHT) if is_label else (2.0, 0.0)
        bend = Cell(f"{link.key}@{row}", row, width, height, True)
        made.rows[row].append(bend)
        made.cells[bend.id] = bend
        chain.append(bend)
    chain.append(end)
    made.chains[link.key] = chain
    strands = [Strand(a, b) for a, b in pairwise(chain)]
    strands[0].upper_dx = link.start_dx or 0.0
    strands[-1].lower_dx = link.end_dx or 0.0
    made.strands += strands


Neighbours = Mapping[str, list[tuple[str, float]]]


def _neighbours(made: Rows) -> tuple[Neighbours, Neighbours]:
    """Return the cells above and below each cell, with the offset of the line's end there."""
    above: dict[str, list[tuple[str, float]]] = defaultdict(list)
    below: dict[str, list[tuple[str, float]]] = defaultdict(list)
    for strand in made.strands:
        above[strand.lower.id].append((strand.upper.id, strand.upper_dx))
        below[strand.upper.id].append((strand.lower.id, strand.lower_dx))
    return above, below


def _order(made: Rows) -> None:
    """Sweep down and up; keep the order with the fewest crossings."""
    above, below = _neighbours(made)
    best, fewest = [list(row) for row in made.rows], count_crossings(made)
    for sweep in range(SWEEPS):
        down = sweep % 2 == 0
        rows = made.rows[1:] if down else list(reversed(made.rows[:-1]))
        for row in rows:
            _sort(made, row, above if down else below)
        _swap_neighbours(made)
        crossings = count_crossings(made)
        if crossings < fewest:
            best, fewest = [list(row) for row in made.rows], crossings
    made.rows = best


def _positions(made: Rows) -> dict[str, float]:
    return {cell.id: i / max(len(row), 1) for row in made.rows for i, cell in enumerate(row)}


def _sort(made: Rows, row: list[Cell], neighbours: Neighbours) -> None:
    places = _positions(made)

    def middle(cell: Cell) -> float:
        found = [places[name] for name, _ in neighbours.get(cell.id, ())]
        return sum(found) / len(found) if found else places[cell.id]

    row.sort(key=middle)


def _swap_neighbours(made: Rows) -> None:
    """Exchange cells next to each other where that saves crossings."""
    above, below = _neighbours(made)
    index = {cell.id: i for row in made.rows for i, cell in enumerate(row)}
    for row in made.rows:
        for i in range(len(row) - 1):
            left, right = row[i], row[i + 1]
            now = _pair(left, right, above, index) + _pair(left, right, below, index)
            then = _pair(right, left, above, index) + _pair(right, left, below, index)
            if then < now:
                row[i], row[i + 1] = right, left
                index[left.id], index[right.id] = i + 1, i


def _pair(left: Cell, right: Cell, neighbours: Neighbours, index: Mapping[str, int]) -> int:
    ends = [index[name] for name, _ in neighbours.get(left.id, ())]
    others = [index[name] for name, _ in neighbours.get(right.id, ())]
    return sum(a > b for a in ends for b in others)


def count_crossings(made: Rows) -> int:
    """Return how many pairs of strands cross."""
    index = {cell.id: i for row in made.rows for i, cell in enumerate(row)}
    between: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for strand in made.strands:
        between[strand.upper.row].append((index[strand.upper.id], index[strand.lower.id]))
    return sum(_inversions(sorted(pairs)) for pairs in between.values())


def _inversions(pairs: Sequence[tuple[int, int]]) -> int:
    return sum(a[0] < b[0] and a[1] > b[1] for i, a in enumerate(pairs) for b in pairs[i + 1 :])


def _place(made: Rows) -> None:
    """Give each cell the place nearest to its neighbours that its row leaves it."""
    above, below = _neighbours(made)
    for row in made.rows:
        _spread(row, lambda cell: cell.x, lambda _: 1.0)
    for sweep in range(2 * SWEEPS):
        down = sweep % 2 == 0
        sides = (above, below) if sweep > SWEEPS else (above if down else below,)
        for row in made.rows if down else reversed(made.rows):
            _align(made, row, sides)
    for chain in made.chains.values():
        _straighten(made, chain[1:-1])


def _straighten(made: Rows, bends: Sequence[Cell]) -> None:
    """Put the bends of a link on one vertical line where the cells beside them leave room."""
    bounds = [_room(made.rows[bend.row], bend) for bend in bends]
    if len(bends) < 2:
        return
    low, high = max(a for a, _ in bounds), min(b for _, b in bounds)
    middle = sum(bend.x for bend in bends) / len(bends)
    for bend in bends if low <= high else ():
        bend.x = min(max(middle, low), high)


def _room(row: Sequence[Cell], cell: Cell) -> tuple[float, float]:
    """Return how far left and right a bend may move."""
    i = row.index(cell)
    left, right = row[i - 1] if i else None, row[i + 1] if i + 1 < len(row) else None
    half = cell.width / 2 + BEND_GAP
    low = left.x + left.width / 2 + half if left is not None else float("-inf")
    high = right.x - right.width / 2 - half if right is not None else float("inf")
    return low, high


def _align(made: Rows, row: list[Cell], sides: Sequence[Neighbours]) -> None:
    def wanted(cell: Cell) -> float:
        pulls: list[tuple[float, float]] = []
        for name, dx in [end for side in sides for end in side.get(cell.id, ())]:
            other = made.cells[name]
            pulls.append((other.x + dx, 4.0 if other.is_bend and cell.is_bend else 1.0))
        weight = sum(pull for _, pull in pulls)
        return sum(x * pull for x, pull in pulls) / weight if pulls else cell.x

    _spread(row, wanted, lambda cell: 6.0 if cell.is_bend else 1.0)


@dataclass
class _Run:
    """Cells that touch each other and move together."""

    offset: float
    weight: float
    count: int

    @property
    def x(self) -> float:
        return self.offset / self.weight

    def joined(self, other: "_Run") -> "_Run":
        weight, count = self.weight + other.weight, self.count + other.count
        return _Run(self.offset + other.offset, weight, count)


def _spread(
    row: list[Cell], wanted: Callable[[Cell], float], weight: Callable[[Cell], float]
) -> None:
    """Put cells where they want to be as far as their order and widths allow.

    The exact least-squares answer: runs of cells that push each other are merged until none do.
    """
    offsets = _offsets(row)
    runs: list[_Run] = []
    for cell, offset in zip(row, offsets, strict=True):
        pull = weight(cell)
        runs.append(_Run((wanted(cell) - offset) * pull, pull, 1))
        while len(runs) > 1 and runs[-2].x > runs[-1].x:
            last = runs.pop()
            runs.append(runs.pop().joined(last))
    places = [run.x for run in runs for _ in range(run.count)]
    for cell, offset, x in zip(row, offsets, places, strict=True):
        cell.x = x + offset


def _offsets(row: list[Cell]) -> list[float]:
    """Return the least distance of each cell from the first one."""
    offsets: list[float] = []
    for i, cell in enumerate(row):
        if i == 0:
            offsets.append(0.0)
            continue
        left = row[i - 1]
        gap = BEND_GAP if left.is_bend or cell.is_bend else GAP
        offsets.append(offsets[-1] + (left.width + cell.width) / 2 + gap)
    return offsets
