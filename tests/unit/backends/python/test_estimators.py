"""A scikit-learn model by itself becomes ONNX when a package is built."""

from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
import skops.io
from sklearn.dummy import DummyClassifier

from kumeo.backends.python import estimators
from kumeo.backends.python.errors import Unprintable
from kumeo.backends.python.estimators import estimator_as_onnx
from kumeo.models.sklearn_objects import open_trusted

EXAMPLES = Path(__file__).parents[4] / "examples"
CELLS = EXAMPLES / "breast_cancer" / "breast_cancer.skops"
FOREST = EXAMPLES / "wine" / "wine.skops"


def outputs_of(path: Path, rows: Any) -> list[Any]:
    content = estimator_as_onnx(path.name, path.read_bytes())
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    return session.run(None, {"features": rows.astype(np.float32)})


def test_estimator_classifier_gives_labels_and_probabilities_by_class() -> None:
    model = open_trusted(CELLS.read_bytes())
    rows = np.vstack([model[0].mean_, model[0].mean_ + 2 * model[0].scale_])
    labels, shares = outputs_of(CELLS, rows)
    assert labels.tolist() == ["benign", "malignant"]
    assert shares[1]["malignant"] == pytest.approx(model.predict_proba(rows)[1, 1], abs=1e-6)


def test_estimator_forest_gives_the_decision_function() -> None:
    model = open_trusted(FOREST.read_bytes())
    rows = np.vstack([model[0].mean_, model[0].mean_ + 3 * model[0].scale_]).astype(np.float32)
    scores = outputs_of(FOREST, rows)[1].reshape(-1)
    assert scores == pytest.approx(model.decision_function(rows), abs=1e-6)


def test_estimator_without_a_conversion_is_refused() -> None:
    data = skops.io.dumps(DummyClassifier().fit([[0.0], [1.0]], [0, 1]))
    with pytest.raises(Unprintable) as refused:
        estimator_as_onnx("dummy.skops", data)
    assert refused.value.diagnostic.code == "model-not-compiled"
    assert "skl2onnx says: " in refused.value.diagnostic.headline


def test_estimator_of_untrusted_types_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(estimators, "open_trusted", lambda data: None)
    with pytest.raises(Unprintable) as refused:
        estimator_as_onnx("own.skops", b"")
    assert "types that are not trusted" in refused.value.diagnostic.headline


def test_estimator_that_answers_otherwise_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(estimators, "_agrees", lambda model, content: False)
    with pytest.raises(Unprintable) as refused:
        estimator_as_onnx(CELLS.name, CELLS.read_bytes())
    assert "answers otherwise than scikit-learn" in refused.value.diagnostic.headline
