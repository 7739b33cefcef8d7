"""`agent.model` on small scikit-learn models made here."""

from typing import Any

import numpy as np
import pytest
import skops.io
from sklearn.ensemble import GradientBoostingRegressor
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.neighbors import KNeighborsRegressor
from sklearn.svm import OneClassSVM
from sklearn.tree import DecisionTreeRegressor

from kumeo.interp import Run, World
from kumeo.models.recipe import REFUSAL
from kumeo.testing.small_workflows import play

ANSWERS = [0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0]
"""What a model of the first column can say; a stub says something else."""
ROWS = np.array([[0.0, 1.0], [1.0, 0.0], [2.0, 5.0], [3.0, 2.0]])
SOURCE = "!data.record<{b: f64, a: f64}>"
EVENT = {"a": 2.0, "b": 5.0}


def predict(model: Any, result: str, event: dict[str, float] = EVENT) -> Run:
    body = f"""%r = agent.model @m (%e) id "m" site "m" : ({SOURCE}) -> {result}
    workflow.emit %r : {result} to @t site "t" """
    file = model if isinstance(model, bytes) else skops.io.dumps(model)
    declared = 'workflow.model @m sklearn("m.skops")'
    return play(
        body, [event], World(read_file=lambda _: file), source=SOURCE, declarations=declared
    )


def regression() -> LinearRegression:
    return LinearRegression().fit(ROWS, ROWS[:, 0] - ROWS[:, 1])


def test_regressor_takes_fields_in_their_order() -> None:
    (answer,) = predict(regression(), "!data.record<{value: f64}>").payloads("t")
    assert answer["value"] == pytest.approx(3.0)  # b - a: the record has b first


def test_regressor_that_knows_its_features_takes_fields_by_name() -> None:
    model = regression()
    model.feature_names_in_ = np.array(["a", "b"], dtype=object)
    (answer,) = predict(model, "!data.record<{value: f64}>").payloads("t")
    assert answer["value"] == pytest.approx(-3.0)


def test_classifier_gives_label_and_probabilities() -> None:
    model = LogisticRegression().fit(ROWS, ["x", "y", "x", "y"])
    result = "!data.record<{label: !data.str, probabilities: !data.map<f64>}>"
    (answer,) = predict(model, result).payloads("t")
    expected = model.predict_proba([[5.0, 2.0]])[0]
    assert answer["label"] == "y"
    assert answer["probabilities"] == pytest.approx({"x": expected[0], "y": expected[1]})


def test_outlier_model_gives_label_and_score() -> None:
    model = OneClassSVM().fit(ROWS)
    (answer,) = predict(model, "!data.record<{label: i64, score: f64}>").payloads("t")
    assert answer["label"] in (-1, 1)
    assert answer["score"] == pytest.approx(float(model.decision_function([[5.0, 2.0]])[0]))


def test_model_that_does_not_fit_its_inputs_fails() -> None:
    model = LinearRegression().fit(ROWS[:, :1], ROWS[:, 1])
    run = predict(model, "!data.record<{value: f64}>")
    assert run.reports[0].failure.code == "model-failed"


def test_tree_is_checked_and_runs() -> None:
    model = DecisionTreeRegressor().fit(ROWS, ROWS[:, 0])
    run = predict(model, "!data.record<{value: f64}>")
    (answer,) = run.payloads("t")
    assert answer["value"] == float(model.predict([[5.0, 2.0]])[0])


def test_tree_that_points_outside_is_not_opened_and_a_stub_answers() -> None:
    model = DecisionTreeRegressor().fit(ROWS, ROWS[:, 0])
    state = model.tree_.__getstate__()
    state["nodes"]["left_child"][0] = 1_000_000
    model.tree_.__setstate__(state)
    (answer,) = predict(model, "!data.record<{value: f64}>").payloads("t")
    assert answer["value"] not in ANSWERS


def test_file_with_an_untrusted_type_is_not_opened_and_a_stub_answers() -> None:
    model = KNeighborsRegressor(2, algorithm="kd_tree").fit(ROWS, ROWS[:, 0])
    (answer,) = predict(model, "!data.record<{value: f64}>").payloads("t")
    assert answer["value"] not in ANSWERS


def test_model_that_refuses_a_number_says_what_the_compiled_one_says() -> None:
    model = GradientBoostingRegressor(n_estimators=2).fit(ROWS, ROWS[:, 0])
    run = predict(model, "!data.record<{value: f64}>", {"a": 1e300, "b": 1.0})
    failure = run.reports[0].failure
    assert (failure.code, failure.message) == ("model-failed", f"{REFUSAL}")


def test_file_that_is_no_model_fails() -> None:
    run = predict(b"nonsense", "!data.record<{value: f64}>")
    assert run.reports[0].failure.code == "model-failed"
