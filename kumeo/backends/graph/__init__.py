"""`kumeo graph`: a workflow as a picture for people, in SVG, Mermaid or DOT.

`plan_graph` decides what is shown, `render_*` write it down; `layout.py` places boxes for SVG.
"""

from kumeo.backends.graph.dot import render_dot
from kumeo.backends.graph.mermaid import render_mermaid
from kumeo.backends.graph.model import Cluster, Edge, Graph, Node
from kumeo.backends.graph.plan import LEVELS, bodies_of, plan_graph
from kumeo.backends.graph.svg import render_svg

__all__ = [
    "LEVELS",
    "Cluster",
    "Edge",
    "Graph",
    "Node",
    "bodies_of",
    "plan_graph",
    "render_dot",
    "render_mermaid",
    "render_svg",
]
