"""Compiled scikit-learn models against scikit-learn itself: random rows and exact boundaries."""

import importlib
import warnings
from typing import Any

import numpy as np
import pytest
import skops.io
from sklearn.compose import ColumnTransformer
from sklearn.datasets import make_classification
from sklearn.ensemble import (
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    IsolationForest,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.impute import SimpleImputer
from sklearn.linear_model import (
    Lasso,
    LinearRegression,
    LogisticRegression,
    Ridge,
    RidgeClassifier,
    SGDClassifier,
    SGDRegressor,
)
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    MaxAbsScaler,
    MinMaxScaler,
    OneHotEncoder,
    OrdinalEncoder,
    PolynomialFeatures,
    RobustScaler,
    StandardScaler,
)
from sklearn.svm import SVC, LinearSVC, LinearSVR
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from kumeo.diagnostics import Diagnostic
from kumeo.models.importing import import_model

programs = importlib.import_module("infer_programs")
RNG = np.random.default_rng(0)
X, TWO = make_classification(160, 6, random_state=0)
THREE = np.digitize(X[:, 0], [-0.5, 0.5])
NAMES = np.array(["maybe", "no", "yes"])[THREE]
REAL = X[:, 0] * 3.0 - X[:, 1] ** 2

CLASSIFIERS: list[tuple[Any, Any]] = [
    (DecisionTreeClassifier(random_state=0), THREE),
    (RandomForestClassifier(7, random_state=0), TWO),
    (RandomForestClassifier(7, random_state=0, max_depth=4), NAMES),
    (ExtraTreesClassifier(7, random_state=0, max_depth=3), THREE + 10),
    (GradientBoostingClassifier(n_estimators=5, random_state=0), TWO),
    (GradientBoostingClassifier(n_estimators=5, random_state=0), THREE),
    (HistGradientBoostingClassifier(max_iter=5), TWO),
    (HistGradientBoostingClassifier(max_iter=5), NAMES),
    (LogisticRegression(), TWO),
    (LogisticRegression(), NAMES),
    (make_pipeline(StandardScaler(), LogisticRegression()), TWO.astype(bool)),
    (make_pipeline(MinMaxScaler(clip=True), SGDClassifier(loss="log_loss")), THREE),
    (make_pipeline(RobustScaler(), SGDClassifier(loss="modified_huber")), TWO),
    (make_pipeline(MaxAbsScaler(), RidgeClassifier()), THREE),
    (LinearSVC(), TWO),
    (SGDClassifier(), THREE),
]
REGRESSORS: list[Any] = [
    DecisionTreeRegressor(random_state=0),
    RandomForestRegressor(7, random_state=0),
    ExtraTreesRegressor(7, random_state=0),
    GradientBoostingRegressor(n_estimators=7, random_state=0),
    GradientBoostingRegressor(n_estimators=7, loss="absolute_error", random_state=0),
    GradientBoostingRegressor(n_estimators=7, init="zero", random_state=0),
    HistGradientBoostingRegressor(max_iter=7),
    HistGradientBoostingRegressor(max_iter=7, loss="poisson"),
    LinearRegression(),
    Ridge(),
    Lasso(0.1),
    make_pipeline(StandardScaler(), SGDRegressor(random_state=0)),
    LinearSVR(),
]


def name_of(value: Any) -> str:
    return type(value).__name__ if hasattr(value, "fit") else ""


def fit(model: Any, target: Any, rows: Any = X) -> bytes:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return skops.io.dumps(model.fit(rows, target))


def fresh(count: int = 200) -> Any:
    return np.vstack([X, RNG.normal(size=(count, X.shape[1])) * 2.0])


@pytest.mark.parametrize(("model", "target"), CLASSIFIERS, ids=name_of)
def test_classifier_answers_as_sklearn(model: Any, target: Any) -> None:
    data, rows = fit(model, target), fresh()
    fields = ["label", *(["probabilities"] if hasattr(model, "predict_proba") else [])]
    _, built = programs.program(data, "sklearn", list("abcdef"), fields)
    found = programs.answers(data, "sklearn", rows, fields)
    label = found["label"]
    if target.dtype.kind == "U":
        label = np.array(model.classes_)[label]
    assert list(built.fields) == fields
    assert np.array_equal(label, model.predict(rows))
    if "probabilities" in found:
        keys = built.fields["probabilities"].keys
        assert keys == tuple(map(str, model.classes_.tolist()))
        assert np.abs(found["probabilities"] - model.predict_proba(rows)).max() < 1e-6


@pytest.mark.parametrize("model", REGRESSORS, ids=name_of)
def test_regressor_answers_as_sklearn(model: Any) -> None:
    target = np.exp(REAL / 9.0) if getattr(model, "loss", "") == "poisson" else REAL
    data, rows = fit(model, target), fresh()
    found = programs.answers(data, "sklearn", rows, ["value"])
    assert np.allclose(found["value"], model.predict(rows), rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("share", [1.0, 0.5])
def test_isolation_forest_scores_as_sklearn(share: float) -> None:
    model = make_pipeline(
        StandardScaler(),
        IsolationForest(n_estimators=25, max_features=share, random_state=0, contamination=0.1),
    )
    data, rows = fit(model, None), fresh()
    found = programs.answers(data, "sklearn", rows, ["label", "score"])
    assert np.abs(found["score"] - model.decision_function(rows)).max() < 1e-6
    assert np.array_equal(found["label"], model.predict(rows))


def near_thresholds(model: Any) -> Any:
    """Return rows with one feature exactly at, just below and just above each threshold."""
    tree = model.tree_
    inner = np.flatnonzero(tree.children_left >= 0)
    rows = []
    for node in inner:
        edge = tree.threshold[node]
        narrow = np.float32(edge)
        for value in (
            *(edge, np.nextafter(edge, np.inf), np.nextafter(edge, -np.inf), narrow),
            *(np.nextafter(narrow, np.float32(9e9)), np.nextafter(narrow, np.float32(-9e9))),
        ):
            row = X[node % len(X)].copy()
            row[tree.feature[node]] = value
            rows.append(row)
    return np.array(rows, dtype=np.float64)


def test_tree_near_every_threshold_answers_as_sklearn() -> None:
    model = DecisionTreeRegressor(random_state=0)
    data = fit(model, np.arange(len(X), dtype=float))
    rows = near_thresholds(model)
    assert len(rows) > 500
    found = programs.answers(data, "sklearn", rows, ["value"])
    assert np.array_equal(found["value"], model.predict(rows))


def test_histogram_boosting_near_every_threshold_answers_as_sklearn() -> None:
    model = HistGradientBoostingRegressor(max_iter=3)
    data = fit(model, REAL)
    rows = []
    for (predictor,) in model._predictors:
        for node in predictor.nodes[predictor.nodes["is_leaf"] == 0]:
            edge = float(node["num_threshold"])
            for value in (edge, np.nextafter(edge, np.inf), np.nextafter(edge, -np.inf)):
                row = X[len(rows) % len(X)].copy()
                row[node["feature_idx"]] = value
                rows.append(row)
    found = programs.answers(data, "sklearn", rows, ["value"])
    assert np.allclose(found["value"], model.predict(np.array(rows)), rtol=0, atol=1e-12)


def with_gaps() -> Any:
    rows = fresh(80)
    rows[RNG.random(rows.shape) < 0.2] = np.nan
    return rows


@pytest.mark.parametrize(
    "model",
    [
        RandomForestRegressor(5, random_state=0),
        HistGradientBoostingRegressor(max_iter=5),
        make_pipeline(SimpleImputer(strategy="median"), LinearRegression()),
        make_pipeline(StandardScaler(), DecisionTreeRegressor(random_state=0)),
    ],
    ids=name_of,
)
def test_missing_values_are_taken_as_in_sklearn(model: Any) -> None:
    rows = with_gaps()
    data = fit(model, rows[:, 0] > 0, rows)
    found = programs.answers(data, "sklearn", rows, ["value"])
    assert np.allclose(found["value"], model.predict(rows), rtol=1e-6, atol=1e-6)
    assert bool(np.all(found.get("accepted", True)))


HISTOGRAM = HistGradientBoostingRegressor(max_iter=3)
REFUSALS: list[Any] = [
    DecisionTreeRegressor(random_state=0),
    GradientBoostingRegressor(n_estimators=2),
    LinearRegression(),
    HISTOGRAM,
    IsolationForest(n_estimators=3, random_state=0),
    make_pipeline(StandardScaler(), LinearRegression()),
    make_pipeline(StandardScaler(), HISTOGRAM),
    make_pipeline(MinMaxScaler(clip=True), LinearRegression()),
    make_pipeline(SimpleImputer(), LinearRegression()),
    make_pipeline(SimpleImputer(missing_values=-1.0), LinearRegression()),
    make_pipeline(MinMaxScaler(clip=True), RandomForestRegressor(3)),
]


@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf, 1e39, -1e300])
@pytest.mark.parametrize("model", REFUSALS, ids=name_of)
def test_strange_number_is_refused_where_sklearn_raises(model: Any, number: float) -> None:
    data, row = fit(model, REAL), X[:1].copy()
    row[0, 2] = number
    fields = ["label", "score"] if isinstance(model, IsolationForest) else ["value"]
    found = programs.answers(data, "sklearn", row, fields)
    try:
        wanted = model.predict(row)
    except ValueError:
        assert not found["accepted"][0]
        return
    assert bool(found.get("accepted", [True])[0])
    assert np.allclose(found[fields[0]], wanted, rtol=1e-6, atol=1e-6)


def columns() -> tuple[Any, Any]:
    rows = np.column_stack([X[:, 0], RNG.integers(0, 3, len(X)), RNG.integers(5, 8, len(X))])
    return rows, rows[:, 1] * 2.0 + X[:, 0]


@pytest.mark.parametrize("ordinal", [True, False])
@pytest.mark.parametrize("strict", [True, False])
def test_encoders_in_columns_answer_as_sklearn(ordinal: bool, strict: bool) -> None:
    if ordinal:
        way = {} if strict else {"handle_unknown": "use_encoded_value", "unknown_value": -1}
        encoder: Any = OrdinalEncoder(**way)
    else:
        encoder = OneHotEncoder(handle_unknown="error" if strict else "ignore")
    parts = [("scale", StandardScaler(), [0]), ("code", encoder, slice(1, 3))]
    rows, target = columns()
    model = make_pipeline(ColumnTransformer(parts), LinearRegression())
    data = fit(model, target, rows)
    found = programs.answers(data, "sklearn", rows, ["value"])
    assert np.allclose(found["value"], model.predict(rows), atol=1e-9)
    unknown = np.array([[0.5, 7.0, 6.0]])
    found = programs.answers(data, "sklearn", unknown, ["value"])
    if strict:
        assert not found["accepted"][0]
    else:
        assert np.allclose(found["value"], model.predict(unknown), atol=1e-9)


def test_columns_dropped_and_passed_through_answer_as_sklearn() -> None:
    parts = [("a", "passthrough", [3, 1]), ("b", MinMaxScaler(), [0])]
    model = make_pipeline(ColumnTransformer(parts, remainder="drop"), Ridge())
    data = fit(model, REAL)
    imported = import_model(data, "sklearn", "m.skops")
    assert not isinstance(imported, Diagnostic)
    assert not imported.is_opaque
    found = programs.answers(data, "sklearn", X, ["value"])
    assert np.allclose(found["value"], model.predict(X), atol=1e-9)


def test_named_features_are_put_into_the_order_of_the_model() -> None:
    model = LinearRegression()
    data = fit(model, REAL)
    model.feature_names_in_ = np.array(list("abcdef"), dtype=object)
    data = skops.io.dumps(model)
    found = programs.answers(data, "sklearn", X[:, ::-1], ["value"], list("fedcba"))
    assert np.allclose(found["value"], model.predict(X), atol=1e-9)


CONVERTED: list[tuple[Any, Any]] = [
    (GaussianNB(), NAMES),
    (MLPClassifier((4,), max_iter=40, random_state=0), TWO),
    (MLPRegressor(hidden_layer_sizes=(4,), max_iter=40, random_state=0), REAL),
    (SVC(random_state=0), THREE),
    (make_pipeline(PolynomialFeatures(2), LogisticRegression(max_iter=999)), TWO),
]


@pytest.mark.parametrize(("model", "target"), CONVERTED, ids=name_of)
def test_other_model_goes_through_onnx_and_answers_as_sklearn(model: Any, target: Any) -> None:
    data = fit(model, target)
    imported = import_model(data, "sklearn", "m.skops")
    assert not isinstance(imported, Diagnostic), imported.headline
    assert imported.is_opaque
    rows = np.float32(X[:50])
    field = "value" if target is REAL else "label"
    found = programs.answers(data, "sklearn", rows, [field])
    if target is REAL:
        assert np.allclose(found["value"], model.predict(rows), rtol=1e-4, atol=1e-4)
        return
    label = np.array(model.classes_)[found["label"]] if target is NAMES else found["label"]
    assert np.array_equal(label, model.predict(rows))


@pytest.mark.parametrize(
    ("model", "text"),
    [
        (KNeighborsClassifier(3, algorithm="kd_tree"), "types that are not trusted"),
        (RandomForestRegressor(2), "more than one output"),
        (HistGradientBoostingClassifier(max_iter=2, categorical_features=[1]), "categories"),
    ],
    ids=name_of,
)
def test_model_without_a_way_is_a_diagnostic(model: Any, text: str) -> None:
    rows, target = (columns()[0], TWO) if "categories" in text else (X, TWO)
    data = fit(model, np.column_stack([REAL, REAL]) if "output" in text else target, rows)
    fault = import_model(data, "sklearn", "m.skops")
    assert isinstance(fault, Diagnostic)
    assert fault.code == "model-not-compiled"
    assert text in fault.headline


def test_damaged_file_is_a_diagnostic() -> None:
    data = fit(LinearRegression(), REAL)
    fault = import_model(data[: len(data) // 2], "sklearn", "m.skops")
    assert isinstance(fault, Diagnostic)
    assert fault.code == "corrupt-model"


def test_wrong_number_of_features_says_how_many() -> None:
    with pytest.raises(Exception, match="it takes 6 features, not 2"):
        programs.answers(fit(LinearRegression(), REAL), "sklearn", X[:, :2], ["value"])
