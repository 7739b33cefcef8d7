"""The picture as SVG: one file without scripts, for light and dark and for black and white."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from kumeo.backends.graph.icons import ICONS
from kumeo.backends.graph.layout import Picture, Rect, Route, lay_out
from kumeo.backends.graph.model import Cluster, Edge, Graph, Node
from kumeo.backends.graph.sizes import ICON, LINE, TIP, Shape
from kumeo.backends.graph.wording import KIND_WORDS

_TIP_LENGTH = 7.0


def render_svg(graph: Graph, *, every: bool = False) -> str:
    """Return the picture as an SVG document; `every` also draws implied edges."""
    picture = lay_out(graph, every=every)
    size = f'width="{_n(picture.width)}" height="{_n(picture.height)}"'
    box = f'viewBox="0 0 {_n(picture.width)} {_n(picture.height)}"'
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} {box} role="img"'
        ' aria-labelledby="graph-title graph-summary">',
        f'<title id="graph-title">{_text(graph.title)}</title>',
        f'<desc id="graph-summary">{_text(graph.summary)}</desc>',
        f"<style>\n{_style()}</style>",
        f'<rect class="page" width="{_n(picture.width)}" height="{_n(picture.height)}"/>',
        *_frames(graph, picture),
        *_routes(graph, picture),
        *_nodes(graph, picture),
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


@cache
def _style() -> str:
    return Path(__file__).with_name("picture.css").read_text("utf-8")


def _frames(graph: Graph, picture: Picture) -> Iterator[str]:
    for cluster in graph.clusters:
        yield from _frame(cluster, picture.frames[cluster.id])


def _frame(cluster: Cluster, rect: Rect) -> Iterator[str]:
    yield f'<g class="{cluster.kind}">'
    yield f'<rect class="frame" {_rect(rect)} rx="8"/>'
    yield f'<text class="heading" x="{_n(rect.x + 10)}" y="{_n(rect.y + 16)}">'
    yield f"{_text(cluster.title)}</text></g>"


def _routes(graph: Graph, picture: Picture) -> Iterator[str]:
    titles = {node.id: node.title for node in graph.nodes}
    for route in picture.routes:
        kinds = " ".join(dict.fromkeys(edge.kind for edge in route.edges))
        path = _path(route)
        hover = "\n".join(_edge_text(edge, titles) for edge in route.edges)
        yield f'<g><path class="route {kinds}" d="{path}"/>'
        yield f'<path class="hit" d="{path}"><title>{_text(hover)}</title></path>'
        if route.has_tip:
            yield _tip(*route.points[-1])
        yield "</g>"
    for route in picture.routes:
        if route.label_at is not None:
            x, y = route.label_at
            yield f'<text class="label" x="{_n(x)}" y="{_n(y + 4)}">{_text(route.label)}</text>'


def _edge_text(edge: Edge, titles: dict[str, str]) -> str:
    head = f"{titles[edge.start]} → {titles[edge.end]}"
    more = [part for part in (edge.label, edge.detail) if part]
    return f"{head}: {', '.join(more)}" if more else head


def _path(route: Route) -> str:
    """Return path data: straight inside a row, a soft bend between two rows."""
    points = list(route.points)
    if route.has_tip:
        points[-1] = (points[-1][0], points[-1][1] - _TIP_LENGTH + 1)
    x, y = points[0]
    parts = [f"M{_n(x)} {_n(y)}"]
    for i, (to_x, to_y) in enumerate(points[1:], 1):
        is_between_rows = i % 2 == 0
        if is_between_rows and abs(to_x - x) > 0.5:
            half = (to_y - y) / 2
            bend = f"C{_n(x)} {_n(y + half)} {_n(to_x)} {_n(to_y - half)} {_n(to_x)} {_n(to_y)}"
            parts.append(bend)
        elif (to_x, to_y) != (x, y):
            parts.append(f"L{_n(to_x)} {_n(to_y)}")
        x, y = to_x, to_y
    return "".join(parts)


def _tip(x: float, y: float) -> str:
    corners = ((x, y), (x - 4, y - _TIP_LENGTH), (x + 4, y - _TIP_LENGTH))
    return f'<path class="tip" d="M{" L".join(f"{_n(a)} {_n(b)}" for a, b in corners)}z"/>'


def _nodes(graph: Graph, picture: Picture) -> Iterator[str]:
    for node in graph.nodes:
        yield from _node(node, picture.boxes[node.id], picture.shapes[node.id])


def _node(node: Node, rect: Rect, shape: Shape) -> Iterator[str]:
    hover = "\n".join([f"{node.title} ({KIND_WORDS.get(node.kind, node.kind)})", *node.details])
    yield f'<g class="{node.kind}"><title>{_text(hover)}</title>'
    if node.kind == "condition":
        yield f'<path class="shape" d="{_diamond(rect)}"/>'
        yield from _centred(rect, shape)
    else:
        yield f'<rect class="shape" {_rect(rect)} rx="{_n(_corner(node, rect))}"/>'
        icon = f"translate({_n(rect.x + 11)} {_n(rect.y + rect.height / 2 - 8)})"
        yield f'<path class="icon" transform="{icon}" d="{ICONS[node.kind]}"/>'
        yield from _lines(rect, shape)
    yield "</g>"


def _corner(node: Node, rect: Rect) -> float:
    return rect.height / 2 if node.kind in ("source", "target") else 6.0


def _diamond(rect: Rect) -> str:
    x, y, width, height = rect.x, rect.y, rect.width, rect.height
    middle, tip = y + height / 2, min(TIP, width / 2)
    upper = f"M{_n(x)} {_n(middle)} L{_n(x + tip)} {_n(y)} L{_n(x + width - tip)} {_n(y)}"
    lower = f"L{_n(x + width - tip)} {_n(y + height)} L{_n(x + tip)} {_n(y + height)}z"
    return f"{upper} L{_n(x + width)} {_n(middle)} {lower}"


def _lines(rect: Rect, shape: Shape) -> Iterator[str]:
    for i, line in enumerate(shape.lines):
        style = "small" if i else "title"
        y = rect.y + 5 + LINE * (i + 1) - 2
        yield f'<text class="{style}" x="{_n(rect.x + ICON + 6)}" y="{_n(y)}">{_text(line)}</text>'


def _centred(rect: Rect, shape: Shape) -> Iterator[str]:
    for i, line in enumerate(shape.lines):
        x, y = rect.x + rect.width / 2, rect.y + 8 + LINE * (i + 1) - 5
        yield f'<text x="{_n(x)}" y="{_n(y)}">{_text(line)}</text>'


def _rect(rect: Rect) -> str:
    values = {"x": rect.x, "y": rect.y, "width": rect.width, "height": rect.height}
    return " ".join(f"{name}={quoteattr(_n(value))}" for name, value in values.items())


def _text(text: str) -> str:
    """Return escaped text without the control characters that XML cannot hold."""
    return escape("".join(char for char in text if char >= " " or char in "\n\t"))


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
