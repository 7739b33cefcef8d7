"""A scikit-learn model by itself becomes ONNX when a package is built."""

import asyncio
import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
import skops.io
from kumeo_runtime.agents import OnnxModel, Resources
from kumeo_runtime.values import Fault, Int, Record
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import SGDClassifier
from sklearn.neighbors import KNeighborsClassifier

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
    assert "save the model as ONNX, or take" in str(refused.value.diagnostic.help())


def test_estimator_of_untrusted_types_is_refused_with_their_names() -> None:
    data = skops.io.dumps(KNeighborsClassifier(1, algorithm="kd_tree").fit([[0.0], [1.0]], [0, 1]))
    with pytest.raises(Unprintable) as refused:
        estimator_as_onnx("own.skops", data)
    assert "not trusted: `EuclideanDistance64`, `KDTree`" in refused.value.diagnostic.headline


def test_estimator_with_rules_that_is_not_converted_names_the_level_that_has_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(estimators, "_agrees", lambda model, content: False)
    with pytest.raises(Unprintable) as refused:
        estimator_as_onnx(CELLS.name, CELLS.read_bytes())
    assert "build with `-O2`" in str(refused.value.diagnostic.help())


class Label(Record):
    label: Int


def started(folder: Path, data: bytes) -> OnnxModel[Any]:
    (folder / "artifacts").mkdir()
    (folder / "artifacts" / "m.onnx").write_bytes(data)
    agent: OnnxModel[Any] = OnnxModel(site="m", artifact="m.onnx", result=Label)
    artifacts = {"m.onnx": hashlib.sha256(data).hexdigest()}
    asyncio.run(agent.start(Resources(package=folder, artifacts=artifacts)))
    return agent


SVM = SGDClassifier(random_state=0).fit([[0.0], [1.0]], [3, 7])


def test_estimator_that_gives_a_label_alone_runs(tmp_path: Path) -> None:
    agent = started(tmp_path, estimator_as_onnx("svm.skops", skops.io.dumps(SVM)))
    assert agent.compute({"x": 1.0}) == Label(label=Int(7))


def test_estimator_number_that_float32_cannot_hold_is_refused(tmp_path: Path) -> None:
    agent = started(tmp_path, estimator_as_onnx("svm.skops", skops.io.dumps(SVM)))
    with pytest.raises(Fault, match="does not take these numbers"):
        agent.compute({"x": 1e300})


def test_estimator_that_answers_otherwise_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(estimators, "_agrees", lambda model, content: False)
    with pytest.raises(Unprintable) as refused:
        estimator_as_onnx(CELLS.name, CELLS.read_bytes())
    assert "answers otherwise than scikit-learn" in refused.value.diagnostic.headline
