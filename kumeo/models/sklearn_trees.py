"""From the state of a scikit-learn tree model to a recipe.

    DecisionTree, ExtraTree           leaf values; rows are probabilities for a classifier
    RandomForest, ExtraTrees          the mean of the trees
    GradientBoosting                  start + learning rate * sum of the trees
    HistGradientBoosting              start + sum of the trees, features in float64
    IsolationForest                   leaf = depth + c(n), where c is the mean depth of n points

One ensemble holds all trees, so a forest of a hundred trees is one operation.
"""

from collections.abc import Callable
from typing import Any, cast

import numpy as np

from kumeo.models.faults import BadModelError
from kumeo.models.recipe import Check, Classes, Clip, Link, Recipe, Trees
from kumeo.models.skops_state import Obj
from kumeo.models.trees import (
    Floats,
    Forest,
    joined,
    one_histogram_tree,
    one_tree,
    with_features,
    with_values,
)

_EULER = 0.5772156649015329
_LARGEST = float(np.finfo(np.float64).max)
_EPSILON = float(np.finfo(np.float64).eps)


def classes_of(model: Obj, key: str = "classes_") -> Classes:
    """Return the classes of a classifier as plain values. Raises: BadModelError."""
    found: Any = model.need(key)
    values = cast("list[Any]", np.asarray(found).tolist())
    kinds: set[type[Any]] = {type(v) for v in values}
    if len(kinds) != 1 or not kinds <= {str, int, bool, float}:
        raise BadModelError("its classes are not names or numbers of one type", unknown=True)
    return tuple(values)


def features_of(model: Obj) -> int:
    """Return the number of features that a model reads. Raises: BadModelError."""
    count = model.need("n_features_in_")
    if not isinstance(count, int) or not 0 < count < 1 << 20:
        raise BadModelError("its number of features cannot be read")
    return count


def _items(model: Obj, key: str) -> list[Any]:
    """Return a list attribute; nested lists become one. Raises: BadModelError."""
    value = model.need(key)
    if not isinstance(value, list):
        raise BadModelError(f"its `{key}` is not a list")
    flat: list[Any] = []
    for item in cast("list[Any]", value):
        flat += cast("list[Any]", item) if isinstance(item, list) else [item]
    return flat


def _tree_of(estimator: Any, features: int) -> Forest:
    if not isinstance(estimator, Obj):
        raise BadModelError("it holds an estimator of an unknown form")
    return one_tree(estimator.need("tree_"), features)


# Single trees and their means.


def lower_tree(model: Obj) -> Recipe:
    """Return the recipe of a decision tree. Raises: BadModelError."""
    return _mean_of([_tree_of(model, features_of(model))], model)


def lower_forest(model: Obj) -> Recipe:
    """Return the recipe of a random forest or of extra trees. Raises: BadModelError."""
    features = features_of(model)
    return _mean_of([_tree_of(e, features) for e in _items(model, "estimators_")], model)


def _mean_of(trees: list[Forest], model: Obj) -> Recipe:
    check = Check("nan", is_narrow=True)
    if not model.name.endswith("Classifier"):
        shares = [with_values(tree, tree.values / len(trees)) for tree in trees]
        head = Trees(joined(shares), np.zeros(1), 1.0, is_narrow=True)
        return Recipe(features_of(model), (check,), head, "value")
    classes = classes_of(model)
    shares = [with_values(tree, _shares(tree.values)) for tree in trees]
    if any(tree.values.shape[1] != len(classes) for tree in shares):
        raise BadModelError("its trees do not give one number for each class")
    head = Trees(joined(shares), np.zeros(len(classes)), float(len(trees)), is_narrow=True)
    return Recipe(features_of(model), (check,), head, "mean", classes, True)


def _shares(values: Floats) -> Floats:
    """Return rows that sum to one; files before scikit-learn 1.3 hold counts."""
    sums = values.sum(axis=1, keepdims=True)
    is_share = np.abs(sums - 1.0) < 1e-6
    return np.where(is_share, values, values / np.where(sums > 0.0, sums, 1.0))


# Boosting.


def lower_boosting(model: Obj) -> Recipe:
    """Return the recipe of GradientBoosting. Raises: BadModelError."""
    features, rate = features_of(model), float(model.need("learning_rate"))
    trees = [_tree_of(e, features) for e in _items(model, "estimators_")]
    is_classifier = model.name.endswith("Classifier")
    classes = classes_of(model) if is_classifier else ()
    width = len(classes) if len(classes) > 2 else 1
    scaled = [with_values(tree, tree.values * rate) for tree in trees]
    head = Trees(_columns(scaled, width), _start(model, width), 1.0, is_narrow=True)
    link = _link_of(classes)
    if is_classifier and model.get("loss") == "exponential":
        raise BadModelError("its loss is exponential, which is not compiled", unknown=True)
    steps = (Check("none", is_narrow=True),)
    return Recipe(features, steps, head, link, classes, is_classifier, zero_is_second=is_classifier)


def _link_of(classes: Classes) -> Link:
    if not classes:
        return "value"
    return "logistic" if len(classes) == 2 else "softmax"


def _columns(trees: list[Forest], width: int) -> Forest:
    """Return one forest; tree number i adds to column `i % width` only."""
    if width == 1:
        return joined(trees)
    placed: list[Forest] = []
    for i, tree in enumerate(trees):
        values = np.zeros((len(tree.values), width))
        values[:, i % width] = tree.values[:, 0]
        placed.append(with_values(tree, values))
    return joined(placed)


def _start(model: Obj, width: int) -> Floats:
    """Return what boosting starts from: zero, or the answer of its first dummy model."""
    first = model.need("init_")
    if first == "zero":
        return np.zeros(width)
    if not isinstance(first, Obj) or first.name not in ("DummyClassifier", "DummyRegressor"):
        raise BadModelError(
            "it starts from a model of its own, which is not compiled", unknown=True
        )
    if first.name == "DummyRegressor":
        return first.array("constant_").reshape(-1)
    prior = np.clip(first.array("class_prior_"), _EPSILON, 1.0 - _EPSILON)
    if width == 1:
        return np.array([np.log(prior[1] / (1.0 - prior[1]))])
    return np.log(prior) - np.log(prior).mean()


def lower_histogram(model: Obj) -> Recipe:
    """Return the recipe of HistGradientBoosting. Raises: BadModelError."""
    features = features_of(model)
    if model.get("_preprocessor") is not None:
        raise BadModelError("it has features of categories, which are not compiled", unknown=True)
    trees = [one_histogram_tree(p, features) for p in _items(model, "_predictors")]
    base = model.array("_baseline_prediction").reshape(-1)
    head = Trees(_columns(trees, len(base)), base, 1.0, is_narrow=False)
    steps = (Clip(-_LARGEST, _LARGEST),) if head.forest.is_bounded else ()
    if model.name.endswith("Classifier"):
        classes = classes_of(model)
        return Recipe(features, steps, head, _link_of(classes), classes, True)
    link: Link = "exp" if model.get("loss") in ("poisson", "gamma") else "value"
    return Recipe(features, steps, head, link)


# Isolation.


def lower_isolation(model: Obj) -> Recipe:
    """Return the recipe of IsolationForest; raw is minus the mean depth over c.

    Raises: BadModelError.
    """
    features = features_of(model)
    estimators, columns = _items(model, "estimators_"), model.need("estimators_features_")
    if len(estimators) != len(columns):
        raise BadModelError("its trees and their features differ in number")
    pairs = zip(estimators, columns, strict=True)
    trees = [_depths(e, np.asarray(c, dtype=np.int64), features) for e, c in pairs]
    usual = float(average_path(np.array([float(model.need("_max_samples"))]))[0])
    divisor = len(trees) * usual
    if divisor == 0.0:
        raise BadModelError("it was trained on a single point", unknown=True)
    shares = [with_values(tree, tree.values / -divisor) for tree in trees]
    head = Trees(joined(shares), np.zeros(1), 1.0, is_narrow=True)
    offset = float(model.need("offset_"))
    return Recipe(features, (), head, "isolation", offset=offset)


def _depths(estimator: Any, columns: Any, features: int) -> Forest:
    tree = _tree_of(estimator, features)
    bound = len(columns) > 0 and columns.min() >= 0 and columns.max() < features
    if not bound or (tree.feature[tree.yes >= 0] >= len(columns)).any():
        raise BadModelError("a tree reads a feature that does not exist", is_unsafe=True)
    nodes = cast("Obj", estimator.need("tree_")).need("nodes")
    if "n_node_samples" not in (nodes.dtype.names or ()):
        raise BadModelError("the nodes of a tree have an unknown form")
    depth = np.zeros(len(tree.feature))
    for at in np.flatnonzero(tree.yes >= 0):  # Children are behind their parent.
        depth[tree.yes[at]] = depth[tree.no[at]] = depth[at] + 1.0
    points = nodes["n_node_samples"].astype(np.float64)
    return with_features(with_values(tree, (depth + average_path(points))[:, None]), columns)


def average_path(points: Floats) -> Floats:
    """Return the mean depth at which one of n random points is isolated."""
    safe = np.where(points > 2.0, points, 3.0)
    long = 2.0 * (np.log(safe - 1.0) + _EULER) - 2.0 * (safe - 1.0) / safe
    return np.where(points <= 1.0, 0.0, np.where(points == 2.0, 1.0, long))


LOWERINGS: dict[str, Callable[[Obj], Recipe]] = {
    **dict.fromkeys(("DecisionTreeClassifier", "DecisionTreeRegressor"), lower_tree),
    **dict.fromkeys(("ExtraTreeClassifier", "ExtraTreeRegressor"), lower_tree),
    **dict.fromkeys(("RandomForestClassifier", "RandomForestRegressor"), lower_forest),
    **dict.fromkeys(("ExtraTreesClassifier", "ExtraTreesRegressor"), lower_forest),
    **dict.fromkeys(("GradientBoostingClassifier", "GradientBoostingRegressor"), lower_boosting),
    "HistGradientBoostingClassifier": lower_histogram,
    "HistGradientBoostingRegressor": lower_histogram,
    "IsolationForest": lower_isolation,
}
