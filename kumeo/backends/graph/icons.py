"""One small drawing per kind of node, 16 by 16, so that kinds differ without colour."""

from kumeo.backends.graph.model import NodeKind

ICONS: dict[NodeKind, str] = {
    "source": "M1 8h8M6 4l4 4-4 4M13 2v12",
    "target": "M3 2v12M6 8h9M11 4l4 4-4 4",
    "condition": "M8 1l7 7-7 7-7-7z",
    "process": "M6 2C3 2 5 8 2 8c3 0 1 6 4 6M10 2c3 0 1 6 4 6-3 0-1 6-4 6",
    "model": "M2 14V2M2 14h12M4 12c4 0 4-8 10-8",
    "bayes": "M8 5a2 2 0 1 0 0-4 2 2 0 0 0 0 4zM3 15a2 2 0 1 0 0-4 2 2 0 0 0 0 4zM13 15a2 2 0 1 0 "
    "0-4 2 2 0 0 0 0 4zM7 5l-3 6M9 5l3 6",
    "decide": "M2 2h12v12H2zM2 6h12M2 10h12M7 2v12",
    "llm": "M2 2h12v9H8l-4 3v-3H2zM5 5h6M5 8h4",
    "retrieve": "M8 3C6 2 4 2 1 2v11c3 0 5 0 7 1 2-1 4-1 7-1V2c-3 0-5 0-7 1zM8 3v11",
    "query": "M2 4c0-3 12-3 12 0v8c0 3-12 3-12 0zM2 4c0 3 12 3 12 0M2 8c0 3 12 3 12 0",
    "review": "M8 8a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM2 15c0-7 12-7 12 0z",
    "aggregate": "M13 4V2H3l5 6-5 6h10v-2",
    "call": "M11 2c-4-1-3 3-4 6s0 7-4 6M4 7h7",
    "subworkflow": "M1 3h10v8H1zM5 11v3h10V6h-4",
    "agent": "M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1z",
    "variable": "M8 3a5 5 0 1 0 0 10A5 5 0 0 0 8 3z",
    "asked": "M5 6c0-5 7-4 6-1-1 2-3 2-3 5M8 13v1",
    "given": "M2 8l4 5 8-10",
    "unused": "M3 3l10 10M13 3L3 13",
}
"""Path data of each kind."""
