"""How big each box is and which text fits into it."""

from dataclasses import dataclass

from kumeo.backends.graph.model import Node
from kumeo.backends.graph.text import shorten, text_width, wrap

TITLE_SIZE = 13.0
SMALL_SIZE = 11.0
LINE = 17.0
_BOLD = 1.12
ICON = 30.0
"""Room for the icon at the left of a box."""
TIP = 22.0
"""Room for the pointed ends of a condition."""
_TEXT_MAX = 210.0
_CONDITION_MAX = 230.0


@dataclass(frozen=True)
class Shape:
    """The size of a node and its lines of text; the first line is the title."""

    width: float
    height: float
    lines: tuple[str, ...]


def shape_of(node: Node) -> Shape:
    """Return the size and the text of a node."""
    if node.kind == "condition":
        return _condition(node)
    title = shorten(node.title, TITLE_SIZE, _TEXT_MAX)
    small = shorten(node.subtitle, SMALL_SIZE, _TEXT_MAX) if node.subtitle else ""
    lines = (title, small) if small else (title,)
    width = max(text_width(title, TITLE_SIZE * _BOLD), text_width(small, SMALL_SIZE))
    return Shape(max(100.0, width + ICON + 18), 10 + LINE * len(lines) + 4, lines)


def label_width(label: str) -> float:
    """Return the room that a label beside an arrow needs."""
    return text_width(label, SMALL_SIZE) + 12 if label else 0.0


def _condition(node: Node) -> Shape:
    lines = wrap(node.title, TITLE_SIZE - 1, _CONDITION_MAX, 3)
    width = max(text_width(line, TITLE_SIZE - 1) for line in lines)
    return Shape(max(90.0, width + 2 * TIP + 8), 16 + LINE * len(lines), lines)
