"""Graphs to load a service with: forests trained on random numbers, and one without work.

Each takes twelve numbers of an event, one input each, as a compiled workflow does.
"""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kumeo.backends.onnx.graph import GraphBuilder, Origin, Spec
from kumeo.backends.onnx.trees import Ensemble, emit_trees

FEATURES = tuple(f"f{i}" for i in range(12))
SAMPLES = 4000
NUMBER = Spec("float64", (None,))


def rows() -> NDArray[np.float64]:
    """Return the events: no two are equal."""
    return np.random.default_rng(7).normal(size=(SAMPLES, len(FEATURES)))


def forest(trees: int) -> bytes:
    """Return a random forest of deep trees."""
    library: Any = import_module("sklearn.ensemble")
    given = rows()
    noise = np.random.default_rng(8).normal(size=SAMPLES)
    wanted = (given[:, 0] * given[:, 1] + given[:, 2] + noise > 0).astype(float)
    model = library.RandomForestRegressor(trees, random_state=0, n_jobs=1).fit(given, wanted)
    return _graph([tree.tree_ for tree in model.estimators_])


def isolation(trees: int) -> bytes:
    """Return the trees of an isolation forest: shallow ones."""
    library: Any = import_module("sklearn.ensemble")
    model = library.IsolationForest(n_estimators=trees, random_state=0).fit(rows())
    return _graph([tree.tree_ for tree in model.estimators_])


def nothing() -> bytes:
    """Return a graph that adds two numbers: all that is measured is the way there and back."""
    graph = _begun()
    graph.node("Add", FEATURES[:2], ["y"], Origin("sum"))
    return _ended(graph)


GRAPHS: Mapping[str, Callable[[], bytes]] = {
    "random forest, 100 trees": lambda: forest(100),
    "random forest, 500 trees": lambda: forest(500),
    "isolation forest, 100 trees": lambda: isolation(100),
    "a sum (nothing to compute)": nothing,
}


def _begun() -> GraphBuilder:
    graph = GraphBuilder("load")
    for name in (*FEATURES, "y"):
        graph.reserve(name)
    for name in FEATURES:
        graph.input(name, NUMBER)
    return graph


def _ended(graph: GraphBuilder) -> bytes:
    graph.output("y", NUMBER)
    return graph.model({}).SerializeToString(deterministic=True)


def _graph(trees: list[Any]) -> bytes:
    graph, origin = _begun(), Origin("forest")
    axis = graph.constant(np.array([1], np.int64), "axis")
    columns = [graph.fresh(f"{name}_column") for name in FEATURES]
    for name, column in zip(FEATURES, columns, strict=True):
        graph.node("Unsqueeze", [name, axis], [column], origin)
    graph.node("Concat", columns, ["x"], origin, axis=1)
    graph.node("Cast", ["x"], ["x32"], origin, to=1)
    emit_trees(graph, _ensemble(trees), "x32", "y32", origin)
    graph.node("Cast", ["y32"], ["y64"], origin, to=11)
    graph.node("Squeeze", ["y64", axis], ["y"], origin)
    return _ended(graph)


def _ensemble(trees: list[Any]) -> Ensemble:
    starts = np.cumsum([0, *(tree.node_count for tree in trees[:-1])])
    leaf = np.concatenate([tree.children_left < 0 for tree in trees])
    pairs = list(zip(trees, starts.tolist(), strict=True))
    return Ensemble(
        starts,
        np.where(leaf, 0, np.concatenate([tree.feature for tree in trees])),
        np.where(leaf, 0, np.concatenate([t.threshold for t in trees])).astype(np.float32),
        "leq",
        np.where(leaf, -1, np.concatenate([t.children_left + s for t, s in pairs])),
        np.where(leaf, -1, np.concatenate([t.children_right + s for t, s in pairs])),
        np.zeros(len(leaf), np.bool_),
        (np.concatenate([t.value[:, 0, :1] for t in trees]) / len(trees)).astype(np.float32),
        np.zeros(1, np.float32),
    )
