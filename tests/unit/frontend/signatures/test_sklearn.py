"""scikit-learn signatures: read from the skops file, never by opening the model."""

import io
import json
import pickle
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.ensemble import IsolationForest, RandomForestRegressor
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC
from skops.io import dumps

from kumeo.frontend.signatures import read_sklearn

ROWS = np.array([[0.0, 1.0, 2.0], [3.0, 1.0, 0.0], [1.0, 5.0, 2.0], [0.5, 0.5, 0.5]])
TEXTS = np.array(["low", "high", "low", "high"])
NUMBERS = np.array([0, 1, 0, 1])
SCORED = "label: !data.str, probabilities: !data.map<f64>"
LOGISTIC = dumps(LogisticRegression().fit(ROWS, TEXTS))


def read(data):
    signature, found = read_sklearn(data, "m.skops", None)
    assert signature is not None, [d.headline for d in found]
    return signature


@pytest.mark.parametrize(
    ("model", "target", "expected"),
    [
        (LogisticRegression(), TEXTS, SCORED),
        (LogisticRegression(), TEXTS.astype(object), SCORED),
        (LogisticRegression(), NUMBERS, "label: i64, probabilities: !data.map<f64>"),
        (LinearSVC(), NUMBERS == 1, "label: i1"),
        (RandomForestRegressor(2), NUMBERS, "value: f64"),
        (IsolationForest(n_estimators=2), NUMBERS, "label: i64, score: f64"),
        (make_pipeline(StandardScaler(), "passthrough", LinearSVC()), TEXTS, "label: !data.str"),
    ],
)
def test_sklearn_model_gives_features_and_result(model, target, expected):
    signature = read(dumps(model.fit(ROWS, target)))
    assert signature.features == 3
    assert str(signature.result) == f"!data.record<{{{expected}}}>"


def test_sklearn_network_of_neurons_has_an_output_for_each_class():
    model = MLPClassifier((2,), max_iter=1).fit(ROWS, np.arange(len(ROWS)) % 3)
    assert read(dumps(model)).classes == (0, 1, 2)


def test_sklearn_classes_are_read_in_order():
    assert read(LOGISTIC).classes == ("high", "low")


def test_sklearn_feature_names_are_read():
    model = LogisticRegression().fit(ROWS, TEXTS)
    model.feature_names_in_ = np.array(["a", "b", "c"], dtype=object)
    assert read(dumps(model)).feature_names == ("a", "b", "c")


class Bomb:
    """Raises when it is unpickled."""

    def __reduce__(self):
        return (pytest.fail, ("the reader opened a pickle",))


def zipped(schema):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("schema.json", schema)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("data", "name", "expected"),
    [
        (
            pickle.dumps(Bomb()),
            "m.skops",
            "unsafe-model 3:9 it is a Python pickle, which runs code",
        ),
        (pickle.dumps(Bomb(), 0), "m.pkl", "unsafe-model 3:9 a pickle runs code when it is opened"),
        (b"", "m.joblib", "unsafe-model 3:9 a pickle runs code when it is opened"),
        (b"", "m.skops", "corrupt-model 3:9 it is empty"),
        (b"text", "m.skops", "corrupt-model 3:9 it is not a skops file"),
        (LOGISTIC[:-30], "m.skops", "corrupt-model 3:9 it is not a skops file"),
        (zipped("{"), "m.skops", "corrupt-model 3:9 it is a damaged skops file"),
        (zipped("[" * 100_000), "m.skops", "corrupt-model 3:9 it is a damaged skops file"),
        (zipped("[]"), "m.skops", "corrupt-model 3:9 it holds no scikit-learn model"),
        (
            dumps(RandomForestRegressor(2)),
            "m.skops",
            "corrupt-model 3:9 its `RandomForestRegressor` is not fitted",
        ),
        (
            dumps(make_pipeline(StandardScaler()).fit(ROWS)),
            "m.skops",
            "corrupt-model 3:9 its `StandardScaler` predicts nothing",
        ),
        (
            dumps(RandomForestRegressor(2).fit(ROWS, ROWS[:, :2])),
            "m.skops",
            "model-not-compiled 3:9 model file `m.skops` cannot be compiled: "
            "its `RandomForestRegressor` predicts 2 values at once",
        ),
    ],
)
def test_sklearn_bad_file_is_reported(data, name, expected, messages, here):
    signature, found = read_sklearn(data, name, here)
    assert signature is None
    assert messages(found) == [expected]


def test_sklearn_array_of_objects_is_not_unpickled(messages, here):
    array = io.BytesIO()
    np.save(array, np.array([Bomb()], dtype=object), allow_pickle=True)
    classes = {"type": "numpy", "file": "c.npy"}
    inner = {"content": {"classes_": classes, "n_features_in_": {"content": "3"}}}
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("schema.json", json.dumps({"__class__": "SVC", "content": inner}))
        archive.writestr("c.npy", array.getvalue())
    _, found = read_sklearn(stream.getvalue(), "m.skops", here)
    assert messages(found) == ["corrupt-model 3:9 it is a damaged skops file"]


def test_sklearn_pickle_fault_says_how_to_convert():
    _, found = read_sklearn(b"", "m.pkl", None)
    assert "skops.io.dump" in (found[0].help() or "")


@given(st.integers(0, len(LOGISTIC) - 1), st.binary(max_size=2))
@settings(max_examples=100, deadline=None)
def test_sklearn_mutated_file_never_raises(at, insert):
    signature, found = read_sklearn(LOGISTIC[:at] + insert + LOGISTIC[at + 1 :], "m.skops", None)
    assert (signature is None) == bool(found)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(["content", "__class__", "type", "file", "steps", "classes_", "shape"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=8,
)


@given(json_values)
@settings(max_examples=150, deadline=None)
def test_sklearn_any_schema_never_raises(schema):
    signature, found = read_sklearn(zipped(json.dumps(schema)), "m.skops", None)
    assert (signature is None) == bool(found)
