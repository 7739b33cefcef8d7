"""The picture as Mermaid text, which Markdown viewers such as GitHub's draw."""

from collections.abc import Iterator

from kumeo.backends.graph.model import Edge, Graph, Node, NodeKind

_SHAPES: dict[NodeKind, tuple[str, str]] = {
    "source": ("([", "])"),
    "target": ("([", "])"),
    "condition": ("{", "}"),
    "query": ("[(", ")]"),
    "retrieve": ("[(", ")]"),
    "review": ("[/", "/]"),
    "subworkflow": ("[[", "]]"),
}
_PLAIN = ("[", "]")


def render_mermaid(graph: Graph, *, every: bool = False) -> str:
    """Return the picture as a Mermaid flowchart."""
    lines = [
        "flowchart TD",
        f"  accTitle: {_one_line(graph.title)}",
        f"  accDescr: {_one_line(graph.summary)}",
        *_inside(graph, None, "  "),
        *(f"  {_edge(edge)}" for edge in graph.shown_edges(every=every)),
    ]
    return "\n".join(lines) + "\n"


def _inside(graph: Graph, cluster: str | None, margin: str) -> Iterator[str]:
    for node in graph.nodes:
        if node.cluster == cluster:
            yield f"{margin}{_node(node)}"
    for inner in graph.clusters:
        if inner.parent == cluster:
            yield f"{margin}subgraph {inner.id} [{_quote(inner.title)}]"
            yield from _inside(graph, inner.id, margin + "  ")
            yield f"{margin}end"


def _node(node: Node) -> str:
    opening, closing = _SHAPES.get(node.kind, _PLAIN)
    small = f"<br/><small>{_escape(node.subtitle)}</small>" if node.subtitle else ""
    return f'{node.id}{opening}"{_escape(node.title)}{small}"{closing}'


def _edge(edge: Edge) -> str:
    arrow = "-.->" if edge.kind == "failure" else "-->"
    label = f"|{_quote(edge.label)}|" if edge.label else ""
    return f"{edge.start} {arrow}{label} {edge.end}"


def _quote(text: str) -> str:
    return f'"{_escape(text)}"'


def _escape(text: str) -> str:
    """Return text without anything that Mermaid reads as markup, by its numeric entities."""
    special = '#&"<>`|;'
    return "".join(f"#{ord(c)};" if c in special else c for c in _one_line(text))


def _one_line(text: str) -> str:
    return " ".join(text.split())
