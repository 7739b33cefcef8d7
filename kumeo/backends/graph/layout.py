"""Places for everything in a picture: boxes in rows, top to bottom, frames around their boxes.

Each frame is laid out by itself and is one big box in the frame around it. A line that crosses
the border of a frame goes through a *port* on it. So boxes, frames and lines cannot overlap:
every line passes a row in a gap that is kept for it.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from kumeo.backends.graph.model import Cluster, Edge, Graph, Node
from kumeo.backends.graph.ranks import Item, Link, rank_items
from kumeo.backends.graph.rows import Cell, Rows, make_rows
from kumeo.backends.graph.sizes import Shape, label_width, shape_of

ROW_GAP = 30.0
MARGIN = 16.0
HEAD = 24.0
"""Room for the title of a frame."""
_ASIDE_MAX = 26.0
_FAN = 16.0
"""Distance between lines that start or end at one box."""


@dataclass(frozen=True)
class Rect:
    """A rectangle by its upper left corner."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Route:
    """The line of one or more edges: points in pairs, one pair per row that it leaves or enters."""

    points: tuple[tuple[float, float], ...]
    edges: tuple[Edge, ...]
    label: str = ""
    label_at: tuple[float, float] | None = None
    has_tip: bool = True


@dataclass
class Picture:
    """Where everything is."""

    width: float = 0.0
    height: float = 0.0
    boxes: dict[str, Rect] = field(default_factory=dict[str, Rect])
    frames: dict[str, Rect] = field(default_factory=dict[str, Rect])
    routes: list[Route] = field(default_factory=list[Route])
    shapes: dict[str, Shape] = field(default_factory=dict[str, Shape])


@dataclass
class _Level:
    """What is inside one frame (or at the top), laid out around its own origin."""

    rows: Rows
    width: float
    height: float
    tops: list[float]
    heights: list[float]
    left: float
    links: dict[str, tuple[Link, list[Edge], str]]


def lay_out(graph: Graph, *, every: bool = False) -> Picture:
    """Return the places of all that is drawn; `every` also draws implied edges."""
    work = _Layout(graph, graph.shown_edges(every=every))
    work.measure(None)
    top = work.levels[None]
    work.picture.width, work.picture.height = top.width + 2 * MARGIN, top.height + 2 * MARGIN
    work.settle(None, MARGIN, MARGIN)
    return work.picture


class _Layout:
    """One run: first sizes from the inside out, then places from the outside in."""

    def __init__(self, graph: Graph, edges: Sequence[Edge]) -> None:
        self.picture = Picture(shapes={node.id: shape_of(node) for node in graph.nodes})
        self.levels: dict[str | None, _Level] = {}
        self.nodes: dict[str | None, list[Node]] = defaultdict(list)
        self.inner: dict[str | None, list[Cluster]] = defaultdict(list)
        self.parents = {cluster.id: cluster.parent for cluster in graph.clusters}
        self.titles = {cluster.id: cluster.title for cluster in graph.clusters}
        self.homes = {node.id: node.cluster for node in graph.nodes}
        self.order = {node.id: i for i, node in enumerate(graph.nodes)}
        self.pieces: dict[str | None, dict[tuple[str, str, str], list[Edge]]] = defaultdict(dict)
        for node in graph.nodes:
            self.nodes[node.cluster].append(node)
        for cluster in graph.clusters:
            self.inner[cluster.parent].append(cluster)
        for edge in edges:
            self._cut(edge)

    def _around(self, node: str) -> list[str | None]:
        """Return the frames around a node, innermost first; the last one is None."""
        found: list[str | None] = [self.homes[node]]
        while found[-1] is not None:
            found.append(self.parents[found[-1]])
        return found

    def _cut(self, edge: Edge) -> None:
        """Cut an edge into pieces at the frames that it crosses."""
        up, down = self._around(edge.start), self._around(edge.end)
        common = next(frame for frame in up if frame in down)
        start, label = edge.start, edge.label
        for frame in up[: up.index(common)]:
            port = f"out:{frame}:{edge.end}:{edge.kind}"
            self._piece(frame, start, port, label, edge)
            start, label = port, ""
        end = edge.end
        for frame in down[: down.index(common)]:
            port = f"in:{frame}:{edge.start}:{edge.kind}:{edge.label}"
            self._piece(frame, port, end, "", edge)
            end = port
        self._piece(common, start, end, label, edge)

    def _piece(self, frame: str | None, start: str, end: str, label: str, edge: Edge) -> None:
        self.pieces[frame].setdefault((start, end, label), []).append(edge)

    def measure(self, frame: str | None) -> None:
        """Lay out a frame after those inside it."""
        for cluster in self.inner[frame]:
            self.measure(cluster.id)
        items = self._items(frame)
        links: dict[str, tuple[Link, list[Edge], str]] = {}
        for (start, end, label), edges in self.pieces[frame].items():
            key = f"{start}>{end}>{label}"
            a, b = self._attach(start, frame), self._attach(end, frame)
            link = Link(a[0], b[0], key, a[1], b[1], label_width(label))
            links[key] = (link, edges, label)
        every = [link for link, _, _ in links.values()]
        rows = make_rows(items, every, rank_items(items, every))
        self.levels[frame] = self._size(frame, rows, links)

    def _attach(self, end: str, frame: str | None) -> tuple[str, float | None]:
        """Return the item that a piece ends at here, and the offset of a port of an inner frame."""
        if ":" not in end:
            return end, None
        owner = end.split(":")[1]
        if owner == frame:
            return end, 0.0
        level = self.levels[owner]
        middle = level.left + level.width / 2
        return owner, level.rows.cells[end].x - middle

    def _items(self, frame: str | None) -> list[Item]:
        """Return what is inside a frame in program order; ports come from the lines across it."""
        placed: list[tuple[int, Item]] = []
        for node in self.nodes[frame]:
            pin = "top" if node.kind == "source" else "bottom" if node.kind == "target" else ""
            shape = self.picture.shapes[node.id]
            placed.append((self.order[node.id], Item(node.id, shape.width, shape.height, pin)))
        for cluster in self.inner[frame]:
            level = self.levels[cluster.id]
            item = Item(cluster.id, level.width, level.height)
            placed.append((self._first(cluster.id), item))
        items = [item for _, item in sorted(placed, key=lambda pair: pair[0])]
        return [*items, *self._ports(frame)]

    def _first(self, cluster: str) -> int:
        own = [self.order[node.id] for node in self.nodes[cluster]]
        return min([*own, *(self._first(inner.id) for inner in self.inner[cluster])], default=0)

    def _ports(self, frame: str | None) -> list[Item]:
        ends = dict.fromkeys(end for start, stop, _ in self.pieces[frame] for end in (start, stop))
        ports = [end for end in ends if ":" in end and end.split(":")[1] == frame]
        return [Item(p, 2.0, 0.0, "port-in" if p[:3] == "in:" else "port-out") for p in ports]

    def _size(
        self, frame: str | None, rows: Rows, links: dict[str, tuple[Link, list[Edge], str]]
    ) -> _Level:
        cells = [cell for row in rows.rows for cell in row]
        left = min((cell.x - cell.width / 2 for cell in cells), default=0.0)
        right = max((cell.x + cell.width / 2 for cell in cells), default=0.0)
        heights = [max((cell.height for cell in row), default=0.0) for row in rows.rows]
        gaps = _gaps(rows)
        tops = [0.0]
        for height, gap in zip(heights, gaps, strict=False):
            tops.append(tops[-1] + height + gap)
        height = tops[-1] + (heights[-1] if heights else 0.0)
        if frame is None:
            return _Level(rows, right - left, height, tops, heights, left, links)
        return self._framed(frame, _Level(rows, right - left, height, tops, heights, left, links))

    def _framed(self, frame: str, level: _Level) -> _Level:
        """Add the border and the title of a frame; ports go onto the border."""
        title = label_width(self.titles[frame]) + 2 * MARGIN
        width = max(level.width + 2 * MARGIN, title)
        left = level.left - (width - level.width) / 2
        first, last = (all(":" in cell.id for cell in level.rows.rows[i]) for i in (0, -1))
        above = 0.0 if first else HEAD + MARGIN / 2
        tops = [top + above for top in level.tops]
        if first:
            tops = [0.0, *(top + HEAD / 2 for top in tops[1:])]
        bottom = tops[-1] + level.heights[-1] + (0.0 if last else MARGIN)
        return _Level(level.rows, width, bottom, tops, level.heights, left, level.links)

    def settle(self, frame: str | None, x: float, y: float) -> None:
        """Write the places of a frame, whose upper left corner is given, and of all inside it."""
        level = self.levels[frame]
        for cell in level.rows.cells.values():
            if cell.is_bend or ":" in cell.id:
                continue
            rect = self._rect(level, cell, x, y)
            if cell.id in self.levels:
                self.picture.frames[cell.id] = rect
                self.settle(cell.id, rect.x, rect.y)
            else:
                self.picture.boxes[cell.id] = rect
        for key, (_, edges, label) in level.links.items():
            self.picture.routes.append(self._route(level, key, edges, label, x, y))

    def _rect(self, level: _Level, cell: Cell, x: float, y: float) -> Rect:
        top = y + level.tops[cell.row] + (level.heights[cell.row] - cell.height) / 2
        return Rect(x + cell.x - level.left - cell.width / 2, top, cell.width, cell.height)

    def _route(
        self, level: _Level, key: str, edges: list[Edge], label: str, x: float, y: float
    ) -> Route:
        link = level.links[key][0]
        chain = level.rows.chains[key]
        points: list[tuple[float, float]] = []
        last = len(chain) - 1
        for i, cell in enumerate(chain):
            across = x + cell.x - level.left
            rect = self._rect(level, cell, x, y)
            top, height = y + level.tops[cell.row], level.heights[cell.row]
            if i == 0:
                across += _fan(level, key, cell, link.start_dx, is_start=True)
                points += [(across, rect.y + rect.height), (across, top + height)]
            elif i == last:
                across += _fan(level, key, cell, link.end_dx, is_start=False)
                points += [(across, top), (across, rect.y)]
            else:
                points += [(across, top), (across, top + height)]
        middle = None
        if label:
            rect = self._rect(level, chain[1], x, y)
            middle = (rect.x + rect.width / 2, rect.y + rect.height / 2)
        ends_here = chain[-1].id in self.homes
        return Route(tuple(points), tuple(edges), label, middle, ends_here)


def _gaps(rows: Rows) -> list[float]:
    """Return the room below each row: more where lines go far to the side."""
    gaps = [
        ROW_GAP if any(not cell.is_bend for cell in row) else ROW_GAP * 0.6 for row in rows.rows
    ]
    for strand in rows.strands:
        aside = abs(strand.upper.x + strand.upper_dx - strand.lower.x - strand.lower_dx)
        wanted = min(ROW_GAP + _ASIDE_MAX, aside * 0.18)
        gaps[strand.upper.row] = max(gaps[strand.upper.row], wanted)
    return gaps[:-1]


def _fan(level: _Level, key: str, cell: Cell, dx: float | None, *, is_start: bool) -> float:
    """Return how far from the middle of a box a line starts or ends."""
    if dx is not None:
        return dx
    chains = level.rows.chains
    end, other = (0, 1) if is_start else (-1, -2)
    mine = [k for k, chain in chains.items() if chain[end] is cell]
    mine = [k for k in mine if _offset(level.links[k][0], is_start) is None]
    mine.sort(key=lambda k: chains[k][other].x)
    step = min(_FAN, cell.width * 0.6 / len(mine))
    return (mine.index(key) - (len(mine) - 1) / 2) * step


def _offset(link: Link, is_start: bool) -> float | None:
    return link.start_dx if is_start else link.end_dx
