"""Tree ensembles as plain arrays, checked so that a walk over them always ends at a leaf.

A walk goes to `yes` when `x[feature] <= threshold`, else to `no`; NaN goes to `yes` where
`nan_yes` holds. At a leaf (`yes` is -1) it takes the row of `values`; the sum over the trees is the
result.

scikit-learn compares a float32 feature with a float64 threshold. The thresholds here are float32
values again, without any change of meaning: see `float32_below`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from kumeo.models.faults import BadModelError
from kumeo.models.skops_state import Obj, numbers

MAX_NODES = 1 << 24
_LARGEST = (float(np.finfo(np.float64).max), float(np.finfo(np.float32).max))

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Forest:
    """Several trees, one after another in the same arrays. `yes` and `no` are -1 at a leaf."""

    roots: Ints
    feature: Ints
    threshold: Floats
    yes: Ints
    no: Ints
    nan_yes: NDArray[np.bool_]
    values: Floats
    """One row for each node; the rows of inner nodes are zero."""

    @property
    def is_bounded(self) -> bool:
        """Whether an endless threshold became the largest float64."""
        return bool(np.any(self.threshold == _LARGEST[0]))

    @property
    def features_read(self) -> tuple[int, ...]:
        """The features that some node compares, in order."""
        return tuple(int(f) for f in np.unique(self.feature[self.yes >= 0]))


def float32_below(values: Floats) -> Floats:
    """Return the largest float32 that is not above each value.

    For every float32 x, `x <= t` holds exactly where `x <= float32_below(t)` does: no float32
    lies between the two. Rounding to the nearest would let x pass that is just above t.
    """
    with np.errstate(over="ignore"):
        near = values.astype(np.float32)
    lower = np.nextafter(near, np.float32(-np.inf))
    return np.where(near.astype(np.float64) > values, lower, near).astype(np.float64)


def one_tree(tree: Any, features: int) -> Forest:
    """Return a `sklearn.tree._tree.Tree` with its raw leaf values, checked.

    `values` has one column for each output (or class). Raises: BadModelError.
    """
    if not isinstance(tree, Obj) or tree.name != "Tree":
        raise BadModelError("it holds a tree of an unknown form")
    nodes = _records(tree.need("nodes"), ("left_child", "right_child", "feature", "threshold"))
    values = numbers(tree.need("values"), "`Tree.values`")
    if values.ndim != 3 or values.shape[1] != 1 or len(values) != len(nodes):
        raise BadModelError("a tree has more than one output", unknown=True)
    names = nodes.dtype.names or ()
    nan_yes = nodes["missing_go_to_left"] != 0 if "missing_go_to_left" in names else None
    is_leaf = nodes["left_child"] < 0
    return _checked(
        nodes["feature"],
        float32_below(nodes["threshold"].astype(np.float64)),
        nodes["left_child"],
        nodes["right_child"],
        np.zeros(len(nodes), dtype=np.bool_) if nan_yes is None else nan_yes,
        values[:, 0, :],
        is_leaf,
        features,
        is_narrow=True,
    )


def one_histogram_tree(predictor: Any, features: int) -> Forest:
    """Return a `TreePredictor` of a histogram gradient booster. Raises: BadModelError.

    Its features and thresholds are float64. Splits by category are not known here.
    """
    if not isinstance(predictor, Obj) or predictor.name != "TreePredictor":
        raise BadModelError("it holds a tree of an unknown form")
    fields = ("value", "feature_idx", "num_threshold", "missing_go_to_left", "left", "right")
    nodes = _records(predictor.need("nodes"), (*fields, "is_leaf", "is_categorical"))
    is_leaf = nodes["is_leaf"] != 0
    if bool(np.any((nodes["is_categorical"] != 0) & ~is_leaf)):
        raise BadModelError("it splits by category, which is not compiled", unknown=True)
    return _checked(
        nodes["feature_idx"],
        nodes["num_threshold"].astype(np.float64),
        nodes["left"],
        nodes["right"],
        nodes["missing_go_to_left"] != 0,
        nodes["value"].astype(np.float64)[:, None],
        is_leaf,
        features,
        is_narrow=False,
    )


def _records(nodes: Any, names: Sequence[str]) -> NDArray[Any]:
    array: Any = np.asarray(nodes)
    known = set(cast("tuple[str, ...]", array.dtype.names or ()))
    if not set(names) <= known or array.ndim != 1 or not len(array):
        raise BadModelError("the nodes of a tree have an unknown form")
    if len(array) > MAX_NODES:
        raise BadModelError("a tree has too many nodes", is_unsafe=True)
    return array


def _checked(
    feature: NDArray[Any],
    threshold: Floats,
    yes: NDArray[Any],
    no: NDArray[Any],
    nan_yes: NDArray[np.bool_],
    values: Floats,
    is_leaf: NDArray[np.bool_],
    features: int,
    *,
    is_narrow: bool,
) -> Forest:
    """Refuse children that are not behind their parent, which also rules out endless walks.

    An endless threshold (all but NaN goes to `yes`) becomes the largest number of its type.
    """
    index = np.arange(len(feature))
    yes, no = yes.astype(np.int64), no.astype(np.int64)
    feature = feature.astype(np.int64)
    inner = ~is_leaf
    ordered = (yes > index) & (no > index) & (yes < len(index)) & (no < len(index))
    known = (feature >= 0) & (feature < features)
    if bool(np.any(inner & ~(ordered & known))):
        raise BadModelError("the nodes of a tree point to nowhere", is_unsafe=True)
    bounded = np.minimum(threshold, _LARGEST[is_narrow])
    if not bool(np.all(np.isfinite(values)) and np.all(np.isfinite(bounded[inner]))):
        raise BadModelError("a tree holds a number that is not finite")
    return Forest(
        np.zeros(1, dtype=np.int64),
        np.where(inner, feature, 0),
        np.where(inner, bounded, 0.0),
        np.where(inner, yes, -1),
        np.where(inner, no, -1),
        inner & nan_yes,
        np.where(is_leaf[:, None], values, 0.0),
    )


def with_values(tree: Forest, values: Floats) -> Forest:
    """Return the tree with other leaf values; the rows of inner nodes become zero."""
    kept = np.where((tree.yes < 0)[:, None], values, 0.0)
    return Forest(tree.roots, tree.feature, tree.threshold, tree.yes, tree.no, tree.nan_yes, kept)


def with_features(tree: Forest, columns: Ints) -> Forest:
    """Return the tree reading column `columns[f]` wherever it read `f`."""
    return Forest(
        tree.roots,
        np.where(tree.yes >= 0, columns[tree.feature], 0),
        tree.threshold,
        tree.yes,
        tree.no,
        tree.nan_yes,
        tree.values,
    )


def joined(trees: Sequence[Forest]) -> Forest:
    """Return all trees as one forest. Raises: BadModelError for none."""
    if not trees:
        raise BadModelError("it holds no trees")
    starts = np.cumsum([0, *(len(tree.feature) for tree in trees[:-1])])
    if sum(len(tree.feature) for tree in trees) > MAX_NODES:
        raise BadModelError("it has too many nodes", is_unsafe=True)
    pairs = list(zip(trees, starts.tolist(), strict=True))
    return Forest(
        np.concatenate([t.roots + s for t, s in pairs]),
        np.concatenate([t.feature for t in trees]),
        np.concatenate([t.threshold for t in trees]),
        np.concatenate([np.where(t.yes < 0, -1, t.yes + s) for t, s in pairs]),
        np.concatenate([np.where(t.no < 0, -1, t.no + s) for t, s in pairs]),
        np.concatenate([t.nan_yes for t in trees]),
        np.concatenate([t.values for t in trees]),
    )
