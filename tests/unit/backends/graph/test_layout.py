"""Places: nothing overlaps, lines pass no box, every run gives the same picture."""

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kumeo.backends.graph import Cluster, Edge, Graph, Node
from kumeo.backends.graph.layout import Picture, Rect, lay_out
from kumeo.backends.graph.sizes import SMALL_SIZE, shape_of
from kumeo.backends.graph.text import shorten, text_width, wrap


def overlap(a: Rect, b: Rect, room: float = 0.0) -> bool:
    return (
        a.x < b.x + b.width + room
        and b.x < a.x + a.width + room
        and a.y < b.y + b.height + room
        and b.y < a.y + a.height + room
    )


def inside(inner: Rect, outer: Rect) -> bool:
    return (
        outer.x <= inner.x
        and outer.y <= inner.y
        and inner.x + inner.width <= outer.x + outer.width
        and inner.y + inner.height <= outer.y + outer.height
    )


def boxes_in_the_way(picture: Picture) -> list[str]:
    """Boxes that a vertical piece of a line of somebody else goes through."""
    found: list[str] = []
    for route in picture.routes:
        ends = {edge.start for edge in route.edges} | {edge.end for edge in route.edges}
        pairs = zip(route.points[::2], route.points[1::2], strict=True)
        for (x, top), (_, bottom) in pairs:
            line = Rect(x, top, 0.0, bottom - top)
            found += [n for n, r in picture.boxes.items() if n not in ends and overlap(line, r)]
    return found


def label_boxes(picture: Picture) -> list[Rect]:
    labels = [(route.label, route.label_at) for route in picture.routes]
    return [
        Rect(at[0] - text_width(text, SMALL_SIZE) / 2, at[1] - 6, text_width(text, SMALL_SIZE), 12)
        for text, at in labels
        if at is not None
    ]


def node(number: int, cluster: str | None = None, title: str = "") -> Node:
    kind = "condition" if number % 5 == 4 else "llm"
    return Node(f"n{number}", kind, title or f"agent {number}", "LLM", (), cluster)


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    """Graphs in program order, with frames that hold consecutive nodes."""
    count = draw(st.integers(1, 14))
    start = draw(st.integers(0, count - 1))
    stop = draw(st.integers(start, count))
    frames = (Cluster("c1", "foreach", "for each of things"),) if stop > start else ()
    nodes = [node(i, "c1" if start <= i < stop else None) for i in range(count)]
    pairs = draw(st.lists(st.tuples(st.integers(0, count - 1), st.integers(0, count - 1))))
    edges = [
        Edge(f"n{min(pair)}", f"n{max(pair)}", "branch", draw(st.sampled_from(["", "yes", "no"])))
        for pair in pairs
        if pair[0] != pair[1]
    ]
    return Graph("g", tuple(nodes), tuple(dict.fromkeys(edges)), frames)


@given(graphs())
@settings(max_examples=60, deadline=None)
def test_layout_of_any_graph_keeps_things_apart(graph: Graph) -> None:
    picture = lay_out(graph)
    boxes = picture.boxes
    assert set(boxes) == {each.id for each in graph.nodes}
    assert [
        pair for pair in combinations(boxes, 2) if overlap(boxes[pair[0]], boxes[pair[1]])
    ] == []
    assert boxes_in_the_way(picture) == []
    labels = label_boxes(picture)
    assert [a for a in labels for b in boxes.values() if overlap(a, b)] == []
    assert [a for a, b in combinations(labels, 2) if overlap(a, b)] == []
    page = Rect(0, 0, picture.width, picture.height)
    assert all(inside(rect, page) for rect in [*boxes.values(), *picture.frames.values()])
    for each in graph.nodes:
        for name, frame in picture.frames.items():
            assert inside(boxes[each.id], frame) == (each.cluster == name)


@given(graphs())
@settings(max_examples=10, deadline=None)
def test_layout_of_the_same_graph_is_the_same(graph: Graph) -> None:
    assert lay_out(graph) == lay_out(graph)


def test_layout_of_nothing_is_an_empty_page() -> None:
    assert lay_out(Graph("g", (), (), ())).boxes == {}


def test_layout_goes_downwards() -> None:
    graph = Graph("g", (node(0), node(1), node(2)), (Edge("n0", "n1"), Edge("n1", "n2")), ())
    boxes = lay_out(graph).boxes
    assert boxes["n0"].y < boxes["n1"].y < boxes["n2"].y


def test_layout_of_many_equals_breaks_the_row() -> None:
    boxes = lay_out(Graph("g", tuple(node(i) for i in range(20)), (), ())).boxes
    rows = [rect.y + rect.height / 2 for rect in boxes.values()]
    assert max(rows.count(row) for row in rows) <= 6


@pytest.mark.parametrize("kind", ["llm", "condition"])
def test_shape_of_a_long_title_has_room_for_its_text(kind: str) -> None:
    shape = shape_of(Node("n", kind, "W" * 300, "m" * 300))  # pyright: ignore
    assert shape.width < 320
    assert all(text_width(line, 11) < shape.width for line in shape.lines)
    assert shape.lines[0].endswith("…")


def test_wrap_breaks_between_words_and_cuts_the_last_line() -> None:
    assert wrap("one two three", 10, 45, 2) == ("one two", "three")
    assert wrap("one two three four five six", 10, 45, 2)[1].endswith("…")


def test_shorten_leaves_a_short_text_alone() -> None:
    assert shorten("short", 10, 100) == "short"
