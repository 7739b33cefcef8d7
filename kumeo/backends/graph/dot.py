"""The picture as DOT text for Graphviz: `kumeo graph flow.kumeo --format dot | dot -Tpdf`."""

from collections.abc import Iterator

from kumeo.backends.graph.model import Edge, Graph, Node, NodeKind

_SHAPES: dict[NodeKind, str] = {
    "source": "oval",
    "target": "oval",
    "condition": "diamond",
    "query": "cylinder",
    "retrieve": "note",
    "review": "trapezium",
    "subworkflow": "box3d",
    "asked": "doubleoctagon",
    "given": "oval",
}


def render_dot(graph: Graph, *, every: bool = False) -> str:
    """Return the picture as one directed graph."""
    lines = [
        f"digraph {_quote(graph.title)} {{",
        f"  tooltip={_quote(graph.summary)};",
        '  node [shape=box, style=rounded, fontname="Helvetica", fontsize=11];',
        '  edge [fontname="Helvetica", fontsize=9];',
        *_inside(graph, None, "  "),
        *(f"  {_edge(edge)}" for edge in graph.shown_edges(every=every)),
        "}",
    ]
    return "\n".join(lines) + "\n"


def _inside(graph: Graph, cluster: str | None, margin: str) -> Iterator[str]:
    for node in graph.nodes:
        if node.cluster == cluster:
            yield f"{margin}{_node(node)}"
    for inner in graph.clusters:
        if inner.parent == cluster:
            yield f"{margin}subgraph cluster_{inner.id} {{"
            yield f"{margin}  label={_quote(inner.title)}; style=dashed;"
            yield from _inside(graph, inner.id, margin + "  ")
            yield f"{margin}}}"


def _node(node: Node) -> str:
    label = f"{node.title}\n{node.subtitle}" if node.subtitle else node.title
    shape = _SHAPES.get(node.kind)
    settings = {"label": label, "tooltip": "\n".join(node.details) or node.title}
    if shape is not None:
        settings |= {"shape": shape, "style": "solid"}
    return f"{node.id}{_settings(settings)};"


def _edge(edge: Edge) -> str:
    settings = {"label": edge.label, "tooltip": edge.detail}
    if edge.kind == "failure":
        settings["style"] = "dashed"
    return f"{edge.start} -> {edge.end}{_settings(settings)};"


def _settings(settings: dict[str, str]) -> str:
    words = [f"{name}={_quote(value)}" for name, value in settings.items() if value]
    return f" [{', '.join(words)}]" if words else ""


def _quote(text: str) -> str:
    """Return a quoted DOT string; a backslash stands for itself."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
