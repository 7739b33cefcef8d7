"""The plan of a picture: nodes, edges and frames, without sizes or colours."""

from dataclasses import dataclass
from typing import Literal

NodeKind = Literal[
    "source",
    "target",
    "condition",
    "process",
    "model",
    "bayes",
    "decide",
    "llm",
    "retrieve",
    "query",
    "review",
    "aggregate",
    "call",
    "subworkflow",
    "agent",
    "variable",
    "asked",
    "given",
    "unused",
]
EdgeKind = Literal["data", "branch", "failure"]
ClusterKind = Literal["body", "foreach", "try", "catch"]


@dataclass(frozen=True)
class Node:
    """One box. `cluster` is the id of the innermost frame around it, or None."""

    id: str
    kind: NodeKind
    title: str
    subtitle: str = ""
    details: tuple[str, ...] = ()
    """Lines shown when the pointer rests on the box."""
    cluster: str | None = None


@dataclass(frozen=True)
class Edge:
    """One arrow. `branch` leads into a branch of a condition, `failure` is taken on failure."""

    start: str
    end: str
    kind: EdgeKind = "data"
    label: str = ""
    detail: str = ""
    implied: bool = False
    """A longer way leads from `start` to `end`; such an arrow is drawn only on request."""


@dataclass(frozen=True)
class Cluster:
    """A frame around nodes: a loop, a `try`, or a whole workflow when several are drawn."""

    id: str
    kind: ClusterKind
    title: str
    parent: str | None = None


@dataclass(frozen=True)
class Graph:
    """A whole picture. Nodes stand in program order, so every edge but those to targets goes on."""

    title: str
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    clusters: tuple[Cluster, ...]
    note: str = ""
    """What the picture holds, where the counts of a workflow do not tell."""

    def shown_edges(self, *, every: bool = False) -> tuple[Edge, ...]:
        """Return the edges to draw: without the implied ones unless `every` is set."""
        return tuple(edge for edge in self.edges if every or not edge.implied)

    @property
    def summary(self) -> str:
        """One sentence that says what the picture holds, for those who cannot see it."""
        if self.note:
            return f"{self.title}: {self.note}"
        kinds = [node.kind for node in self.nodes]
        ends, conditions = kinds.count("source") + kinds.count("target"), kinds.count("condition")
        counts = (
            (kinds.count("source"), "source"),
            (len(kinds) - ends - conditions, "agent"),
            (conditions, "condition"),
            (kinds.count("target"), "target"),
        )
        words = [f"{count} {word}{'s' * (count != 1)}" for count, word in counts]
        return f"{self.title}: " + ", ".join(words) + "."
