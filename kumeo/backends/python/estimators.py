"""A scikit-learn model in the form of the runtime: ONNX, which needs no scikit-learn to run.

It is made for a model that runs by itself; `-O2` computes most models in a graph of the compiler.
The conversion is that of `skl2onnx`. Its answers are compared with those of scikit-learn, and a
model for which they differ is refused.
"""

import importlib
import warnings
from typing import Any

import numpy as np

from kumeo.backends.python.errors import Unprintable
from kumeo.frontend.errors.files import ModelNotCompiled
from kumeo.frontend.signatures.sklearn import read_sklearn
from kumeo.models.faults import BadModelError
from kumeo.models.onnx_model import keep_outputs
from kumeo.models.sklearn_model import recipe_of
from kumeo.models.sklearn_objects import conversion_fault, distrusted, open_trusted

_ROWS, _TOLERANCE = 32, 1e-4
_OPSETS = {"": 18, "ai.onnx.ml": 3}
_NARROWED = "kumeo.narrowed"  # `OnnxModel` of the runtime looks for it.


def estimator_as_onnx(path: str, data: bytes) -> bytes:
    """Return the model of a skops file as ONNX, with the outputs of its signature.

    Raises: Unprintable.
    """
    try:
        model = open_trusted(data)
        skl2onnx: Any = importlib.import_module("skl2onnx")
        types: Any = importlib.import_module("skl2onnx.common.data_types")
    except ImportError as missing:
        raise _refused(
            path,
            f"`{missing.name}` is not installed to convert it",
            f"pip install {missing.name}",
        ) from None
    if model is None:
        raise _refused(path, distrusted(data), _fix(data))
    fed = [("features", types.FloatTensorType([None, model.n_features_in_]))]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            made: Any = skl2onnx.to_onnx(model, initial_types=fed, target_opset=_OPSETS)
            _fit_runtime(made, path, data)
            content: bytes = made.SerializeToString(deterministic=True)
            is_same = _agrees(model, content)
    except Exception as error:  # The errors of skl2onnx have no common base.
        raise _refused(path, conversion_fault(error), _fix(data)) from None
    if not is_same:
        raise _refused(path, "as ONNX it answers otherwise than scikit-learn", _fix(data))
    return content


def _refused(path: str, reason: str, fix: str) -> Unprintable:
    return Unprintable(ModelNotCompiled(None, path, reason, fix))


def _fix(data: bytes) -> str:
    """Return what helps: the compiler's own rules, if it has any for the model."""
    try:
        recipe_of(data)
    except BadModelError:
        return "save the model as ONNX, or take a kind of model that `-O2` has rules for"
    return "build with `-O2`, which has rules for it, or save the model as ONNX"


def _fit_runtime(made: Any, path: str, data: bytes) -> None:
    """Keep the outputs of the signature, and mark that the numbers of users become float32."""
    signature, _ = read_sklearn(data, path, None)
    assert signature is not None, "the compiler has read it"
    keep_outputs(made, [each.name for each in made.graph.output][: len(signature.outputs)])
    made.metadata_props.add(key=_NARROWED, value="true")


def _agrees(model: Any, content: bytes) -> bool:
    """Say whether the conversion gives the labels or values of scikit-learn."""
    runtime: Any = importlib.import_module("onnxruntime")
    options = runtime.SessionOptions()
    options.intra_op_num_threads, options.log_severity_level = 1, 4
    rows = np.random.default_rng(0).normal(size=(_ROWS, model.n_features_in_)).astype(np.float32)
    session = runtime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    found = np.asarray(session.run(None, {"features": rows})[0]).reshape(-1)
    wide = rows.astype(np.float64)  # Some models that learnt from float64 take nothing else.
    wanted = np.asarray(model.predict(wide)).reshape(-1)
    if wanted.dtype.kind == "f":
        return bool(np.allclose(found, wanted, rtol=_TOLERANCE, atol=_TOLERANCE))
    return bool((found == wanted).all())
