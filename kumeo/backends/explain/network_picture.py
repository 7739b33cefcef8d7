"""A network as a picture and as a tree of text; the part of each variable in a question is marked.

The tree is a spanning tree: a variable with several parents stands below one of them, and its line
names the others.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from kumeo.backends.graph import Edge, Graph, Node
from kumeo.backends.graph.model import NodeKind
from kumeo.frontend.signatures import NetworkSignature

TREE_MAX = 400
"""Lines of a tree; a larger network is shown by the variables that a question needs."""
_MARKS: Mapping[NodeKind, str] = {"asked": "?", "given": "=", "variable": "o", "unused": "."}
LEGEND = "? asked for   = evidence   o summed out   . not needed"
_STATES_MAX = 6


@dataclass(frozen=True)
class Roles:
    """What each variable is in a question: asked for, evidence, needed besides, or left out."""

    query: str | None
    evidence: frozenset[str]
    needed: frozenset[str]

    def of(self, name: str) -> NodeKind:
        """Return the role of a variable."""
        if name == self.query:
            return "asked"
        if name in self.evidence:
            return "given" if name in self.needed else "unused"
        return "variable" if self.query is None or name in self.needed else "unused"


def draw_network(network: NetworkSignature, roles: Roles, title: str) -> Graph:
    """Return the picture of a network."""
    order = parents_first(network)
    ids = {name: f"v{i}" for i, name in enumerate(order)}
    nodes = tuple(_node(network, name, ids[name], roles.of(name)) for name in order)
    edges = tuple(
        Edge(ids[parent], ids[name]) for name in order for parent in network.parents[name]
    )
    kinds = [node.kind for node in nodes]
    words = f"{len(nodes)} variables, {kinds.count('given')} given, {kinds.count('unused')} unused."
    return Graph(title, nodes, edges, (), words)


def _node(network: NetworkSignature, name: str, node_id: str, kind: NodeKind) -> Node:
    states = network.variables[name]
    shown = ", ".join(states[:_STATES_MAX]) + (", …" if len(states) > _STATES_MAX else "")
    given = ", ".join(network.parents[name])
    details = (f"states: {', '.join(states)}", *((f"given: {given}",) if given else ()))
    return Node(node_id, kind, name, shown, details)


def parents_first(network: NetworkSignature) -> list[str]:
    """Return the variables so that every one stands after its parents, else in file order."""
    done: dict[str, None] = {}
    for name in network.variables:
        stack = [name]
        while stack:
            waiting = [p for p in network.parents[stack[-1]] if p not in done]
            if waiting:
                stack.append(waiting[0])
            else:
                done.setdefault(stack.pop())
    return list(done)


def tree_lines(network: NetworkSignature, roles: Roles) -> tuple[str, ...]:
    """Return the network as a tree; one that is too large is cut down to what is needed."""
    names = parents_first(network)
    if len(names) > TREE_MAX and roles.query is not None:
        names = [name for name in names if name in roles.needed]
    if len(names) > TREE_MAX:
        return (f"{len(names):,} variables: too many for a tree; `--query` shows a part",)
    kept = frozenset(names)
    below: dict[str | None, list[str]] = {}
    for name in names:
        parents = [p for p in network.parents[name] if p in kept]
        below.setdefault(parents[-1] if parents else None, []).append(name)
    return (*_branches(network, roles, below), LEGEND)


def _branches(
    network: NetworkSignature, roles: Roles, below: Mapping[str | None, Sequence[str]]
) -> Iterator[str]:
    """Yield the lines depth first; a chain may be longer than a stack of calls allows."""
    stack: list[tuple[str, str | None, str, str]]
    stack = [(name, None, "", "") for name in reversed(below.get(None, ()))]
    while stack:
        name, parent, head, margin = stack.pop()
        others = [p for p in network.parents[name] if p != parent]
        also = f"  (also {', '.join(others)})" if others else ""
        states = "|".join(network.variables[name][:_STATES_MAX])
        more = "|…" if len(network.variables[name]) > _STATES_MAX else ""
        yield f"{head}{_MARKS[roles.of(name)]} {name}: {states}{more}{also}"
        children = below.get(name, ())
        for child in reversed(children):
            is_last = child == children[-1]
            corner, line = ("└─ ", "   ") if is_last else ("├─ ", "│  ")
            stack.append((child, name, margin + corner, margin + line))
