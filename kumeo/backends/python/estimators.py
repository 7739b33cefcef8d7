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
from kumeo.models.sklearn_objects import open_trusted

_ROWS, _TOLERANCE = 32, 1e-4
_OPSETS = {"": 18, "ai.onnx.ml": 3}
_FIX = "build with `-O2`, or save the model as ONNX"


def estimator_as_onnx(path: str, data: bytes) -> bytes:
    """Return the model of a skops file as ONNX, with the outputs of its signature.

    Raises: Unprintable.
    """
    try:
        model = open_trusted(data)
        skl2onnx: Any = importlib.import_module("skl2onnx")
        types: Any = importlib.import_module("skl2onnx.common.data_types")
    except ImportError as missing:
        raise _refused(path, f"`{missing.name}` is not installed to convert it") from None
    if model is None:
        raise _refused(path, "it holds types that are not trusted")
    fed = [("features", types.FloatTensorType([None, model.n_features_in_]))]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            made: Any = skl2onnx.to_onnx(model, initial_types=fed, target_opset=_OPSETS)
            content: bytes = made.SerializeToString(deterministic=True)
            is_same = _agrees(model, content)
    except Exception as error:  # The errors of skl2onnx have no common base.
        lines = str(error).strip().splitlines() or [type(error).__name__]
        raise _refused(path, f"skl2onnx says: {lines[0][:120]}") from None
    if not is_same:
        raise _refused(path, "as ONNX it answers otherwise than scikit-learn")
    return content


def _refused(path: str, reason: str) -> Unprintable:
    return Unprintable(ModelNotCompiled(None, path, reason, _FIX))


def _agrees(model: Any, content: bytes) -> bool:
    """Say whether the conversion gives the labels or values of scikit-learn."""
    runtime: Any = importlib.import_module("onnxruntime")
    options = runtime.SessionOptions()
    options.intra_op_num_threads, options.log_severity_level = 1, 4
    rows = np.random.default_rng(0).normal(size=(_ROWS, model.n_features_in_)).astype(np.float32)
    session = runtime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    found = np.asarray(session.run(None, {"features": rows})[0]).reshape(-1)
    wanted = np.asarray(model.predict(rows)).reshape(-1)
    if wanted.dtype.kind == "f":
        return bool(np.allclose(found, wanted, rtol=_TOLERANCE, atol=_TOLERANCE))
    return bool((found == wanted).all())
