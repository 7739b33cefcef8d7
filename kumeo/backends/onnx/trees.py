"""Tree ensembles as `TreeEnsembleRegressor`.

The operator adds up leaf values in its own order and gives float32, whatever it reads. So float64
ensembles let it find leaves only: there is one target for each tree, and the weight of a leaf is
its number, which float32 holds exactly. The values are gathered from a table and added in float64.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto, numpy_helper

from kumeo.backends.onnx.graph import ML, GraphBuilder, Origin


class Ensemble(NamedTuple):
    """Trees in shared arrays; -1 for a child says that the node is a leaf."""

    roots: NDArray[np.int64]
    feature: NDArray[np.int64]
    threshold: NDArray[Any]
    mode: str
    """`leq` or `lt`: how a feature is compared with the threshold."""
    true_child: NDArray[np.int64]
    false_child: NDArray[np.int64]
    missing_true: NDArray[np.bool_]
    values: NDArray[Any]
    """One row per node."""
    base: NDArray[Any]

    @property
    def leaves(self) -> NDArray[np.int64]:
        """The nodes that are leaves."""
        return np.flatnonzero(self.true_child < 0)


def emit_trees(
    graph: GraphBuilder, trees: Ensemble, features: str, output: str, origin: Origin
) -> None:
    """Add the nodes for an ensemble whose values have the element type of the features."""
    if trees.threshold.dtype == np.float64:
        _exact(graph, trees, features, output, origin)
    else:
        _single(graph, trees, features, output, origin)


def _exact(
    graph: GraphBuilder, trees: Ensemble, features: str, output: str, origin: Origin
) -> None:
    leaves = trees.leaves
    owner = owners(trees)
    found, index = graph.fresh(f"{output}_leaves"), graph.fresh(f"{output}_index")
    graph.node(
        "TreeEnsembleRegressor",
        [features],
        [found],
        origin,
        domain=ML,
        **_nodes(trees, owner),
        n_targets=len(trees.roots),
        target_treeids=owner[leaves].tolist(),
        target_nodeids=leaves.tolist(),
        target_ids=owner[leaves].tolist(),
        target_weights_as_tensor=numpy_helper.from_array(np.arange(len(leaves), dtype=np.float64)),
    )
    graph.node("Cast", [found], [index], origin, to=TensorProto.INT64)
    table = graph.constant(trees.values[leaves], f"{output}_values")
    each, axis = graph.fresh(f"{output}_each"), graph.constant(np.array([1], np.int64), "axes")
    graph.node("Gather", [table, index], [each], origin, axis=0)
    total = graph.fresh(f"{output}_sum") if trees.base.any() else output
    graph.node("ReduceSum", [each, axis], [total], origin, keepdims=0)
    if trees.base.any():
        graph.node("Add", [total, graph.constant(trees.base, f"{output}_base")], [output], origin)


def _single(
    graph: GraphBuilder, trees: Ensemble, features: str, output: str, origin: Origin
) -> None:
    leaves = trees.leaves
    owner, width = owners(trees), int(trees.values.shape[1])
    graph.node(
        "TreeEnsembleRegressor",
        [features],
        [output],
        origin,
        domain=ML,
        **_nodes(trees, owner),
        n_targets=width,
        base_values=trees.base.astype(np.float64).tolist(),
        target_treeids=np.repeat(owner[leaves], width).tolist(),
        target_nodeids=np.repeat(leaves, width).tolist(),
        target_ids=[target for _ in leaves for target in range(width)],
        target_weights=trees.values[leaves].astype(np.float64).ravel().tolist(),
    )


def _nodes(trees: Ensemble, owner: NDArray[np.int64]) -> dict[str, Any]:
    """Return the attributes for the shape of the trees. Node ids are unique in the ensemble."""
    is_leaf = trees.true_child < 0
    branch = {"leq": "BRANCH_LEQ", "lt": "BRANCH_LT"}[trees.mode]
    found: dict[str, Any] = {
        "aggregate_function": "SUM",
        "nodes_treeids": owner.tolist(),
        "nodes_nodeids": list(range(len(is_leaf))),
        "nodes_featureids": np.where(is_leaf, 0, trees.feature).tolist(),
        "nodes_modes": ["LEAF" if leaf else branch for leaf in is_leaf.tolist()],
        "nodes_truenodeids": np.where(is_leaf, 0, trees.true_child).tolist(),
        "nodes_falsenodeids": np.where(is_leaf, 0, trees.false_child).tolist(),
        "nodes_missing_value_tracks_true": trees.missing_true.astype(np.int64).tolist(),
    }
    threshold: NDArray[Any] = trees.threshold.copy()
    threshold[is_leaf] = 0
    if threshold.dtype == np.float64:
        return found | {"nodes_values_as_tensor": numpy_helper.from_array(threshold)}
    return found | {"nodes_values": threshold.astype(np.float64).tolist()}


def owners(trees: Ensemble) -> NDArray[np.int64]:
    """Return the number of the tree of each node, by following children from the roots."""
    owner = np.full(len(trees.true_child), -1, np.int64)
    level = trees.roots.astype(np.int64)
    owner[level] = np.arange(len(level))
    while len(level):
        level = level[trees.true_child[level] >= 0]
        yes, no = trees.true_child[level], trees.false_child[level]
        owner[yes] = owner[no] = owner[level]
        level = np.concatenate([yes, no])
    return owner
