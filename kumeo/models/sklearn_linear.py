"""From the state of a linear scikit-learn model to a recipe: one matrix, one bias, one link."""

from collections.abc import Callable

import numpy as np

from kumeo.models.faults import BadModelError
from kumeo.models.recipe import Check, Classes, Linear, Link, Recipe
from kumeo.models.sklearn_trees import classes_of, features_of
from kumeo.models.skops_state import Obj

_REGRESSORS = (
    *("LinearRegression", "Ridge", "RidgeCV", "Lasso", "LassoCV", "ElasticNet", "ElasticNetCV"),
    *("SGDRegressor", "LinearSVR", "BayesianRidge", "ARDRegression", "HuberRegressor", "Lars"),
    *("LassoLars", "OrthogonalMatchingPursuit", "TheilSenRegressor"),
)
_LABELLERS = (
    *("LinearSVC", "RidgeClassifier", "RidgeClassifierCV", "Perceptron"),
    "PassiveAggressiveClassifier",
)
_CHECK = (Check("none"),)


def lower_regressor(model: Obj) -> Recipe:
    """Return the recipe of a linear regressor with one target. Raises: BadModelError."""
    head = _linear(model)
    if head.weights.shape[1] != 1:
        raise BadModelError("it predicts more than one number", unknown=True)
    return Recipe(features_of(model), _CHECK, head, "value")


def lower_labeller(model: Obj) -> Recipe:
    """Return the recipe of a linear classifier without probabilities. Raises: BadModelError."""
    head = _linear(model)
    link: Link = "sign" if head.weights.shape[1] == 1 else "argmax"
    return Recipe(features_of(model), _CHECK, head, link, _classes(model, head))


def lower_logistic(model: Obj) -> Recipe:
    """Return the recipe of LogisticRegression. Raises: BadModelError."""
    head = _linear(model)
    is_ovr = model.get("multi_class") == "ovr" or model.get("solver") == "liblinear"
    link: Link = "logistic" if head.weights.shape[1] == 1 else "ovr" if is_ovr else "softmax"
    return Recipe(features_of(model), _CHECK, head, link, _classes(model, head), True)


def lower_descent(model: Obj) -> Recipe:
    """Return the recipe of SGDClassifier. Raises: BadModelError."""
    loss, head = model.get("loss"), _linear(model)
    is_binary = head.weights.shape[1] == 1
    if loss == "log_loss":
        link: Link = "logistic" if is_binary else "ovr"
        return Recipe(features_of(model), _CHECK, head, link, _classes(model, head), True)
    if loss != "modified_huber":
        return lower_labeller(model)
    if not is_binary:
        raise BadModelError("its loss `modified_huber` is compiled for two classes", unknown=True)
    return Recipe(features_of(model), _CHECK, head, "huber", _classes(model, head), True)


def _classes(model: Obj, head: Linear) -> Classes:
    classes, width = classes_of(model), head.weights.shape[1]
    if len(classes) != (2 if width == 1 else width):
        raise BadModelError("its classes and its weights differ in number")
    return classes


def _linear(model: Obj) -> Linear:
    """Return the weights with one row for each feature. Raises: BadModelError."""
    weights = np.atleast_2d(model.array("coef_"))
    bias = np.broadcast_to(model.array("intercept_").reshape(-1), (weights.shape[0],))
    if weights.ndim != 2 or weights.shape[1] != features_of(model):
        raise BadModelError("its weights and its features differ in number")
    if not (np.all(np.isfinite(weights)) and np.all(np.isfinite(bias))):
        raise BadModelError("a weight is not a finite number")
    return Linear(weights.T, bias)


LOWERINGS: dict[str, Callable[[Obj], Recipe]] = {
    **dict.fromkeys(_REGRESSORS, lower_regressor),
    **dict.fromkeys(_LABELLERS, lower_labeller),
    "LogisticRegression": lower_logistic,
    "LogisticRegressionCV": lower_logistic,
    "SGDClassifier": lower_descent,
}
