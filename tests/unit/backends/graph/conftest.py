"""Fixtures: a graph from the text of a workflow."""

from collections.abc import Callable

import pytest

from kumeo.backends.graph import Graph, bodies_of, plan_graph
from kumeo.diagnostics import Source, render_text
from kumeo.frontend.compile import compile_source


class NoFiles:
    def read(self, path: str) -> bytes | None:
        return None


@pytest.fixture
def graph_of() -> Callable[..., Graph]:
    """Draw all workflows and subworkflows of a text, or those named."""

    def draw(text: str, *names: str) -> Graph:
        result = compile_source(Source("flow.kumeo", text), NoFiles())
        assert result.module is not None, render_text(result.diagnostics)
        return plan_graph(result.module, names or list(bodies_of(result.module)))

    return draw


@pytest.fixture
def body_graph(graph_of: Callable[..., Graph]) -> Callable[[str], Graph]:
    """Draw a workflow with these statements; it has the targets `a`, `b` and `c`."""

    def draw(statements: str) -> Graph:
        return graph_of(
            "schema Item { n: float }\n"
            "schema In { x: float y: string? items: [Item] }\n"
            'workflow W { source: NATS("in", schema: In)\n'
            '  target: { a: NATS("a"), b: NATS("b"), c: NATS("c") }\n'
            "  config: { limit: 1.5 }\n"
            f"  agents: [\n{statements}\n] }}\n"
        )

    return draw
