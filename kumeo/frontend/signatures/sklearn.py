"""Reads what a skops file says about a scikit-learn model, without loading the model.

A skops file is a zip with one `schema.json`, a tree of objects, and one `.npy` file for each array.
Only that tree and the array of class or feature names are read; nothing of scikit-learn or skops
is imported and no object is made. Pickles are refused: opening one runs its author's code.

The result of a model follows from its class:

    classifier      { label: T, probabilities: {string: float} }   T is the type of its classes
    outlier model   { label: int, score: float }
    cluster model   { label: int }
    regressor       { value: float }
    any other       json in one field `value`
"""

import io
import json
import zipfile
import zlib
from typing import Any, cast

from xdsl.ir import Attribute

from kumeo.diagnostics import Diagnostic, Place
from kumeo.dialects.data.types import (
    BOOL,
    FLOAT,
    INT,
    JSON,
    STR,
    MapType,
    RecordType,
)
from kumeo.frontend.errors.files import CorruptModel, ModelNotCompiled, UnsafeModel
from kumeo.frontend.signatures.report import (
    SAFE,
    FileReport,
    ReadError,
    reject_pickle,
    reject_unfetched,
)
from kumeo.frontend.signatures.specs import ModelSignature, TensorSpec

MAX_SCHEMA = 64 << 20
MAX_ARRAY = 1 << 20

_PICKLES = (".pkl", ".pickle", ".joblib")
_OUTLIERS = {"IsolationForest", "OneClassSVM", "LocalOutlierFactor", "EllipticEnvelope"}
_CLUSTERS = {"KMeans", "MiniBatchKMeans", "BisectingKMeans", "Birch", "MeanShift"}
_REGRESSORS = {
    *("ARDRegression", "BayesianRidge", "ElasticNet", "ElasticNetCV", "KernelRidge", "Lars"),
    *("Lasso", "LassoCV", "LassoLars", "LinearSVR", "NuSVR", "Ridge", "RidgeCV", "SVR"),
}
_NO_PROBABILITIES = {
    *("LinearSVC", "NearestCentroid", "PassiveAggressiveClassifier", "Perceptron"),
    *("RidgeClassifier", "RidgeClassifierCV"),
}
_SPELLINGS: dict[Attribute, str] = {
    **{BOOL: "bool", INT: "int64", FLOAT: "float64", STR: "string"},
    **{MapType(FLOAT): "map(string,float64)", JSON: "undefined"},
}
_TRANSFORMERS = (
    *("sklearn.preprocessing.", "sklearn.impute.", "sklearn.decomposition."),
    *("sklearn.random_projection", "sklearn.kernel_approximation"),
)
_SMOOTH_LOSSES = ("log_loss", "modified_huber")

Json = dict[str, Any]


def read_sklearn(
    data: bytes, name: str, place: Place | None
) -> tuple[ModelSignature | None, list[Diagnostic]]:
    """Return the signature of a `.skops` file. All faults are placed at `place`."""
    report = FileReport(CorruptModel, name, place)
    try:
        _reject_unsafe(data, name, report)
        reject_unfetched(data, report)
        return _read_zip(data, report), []
    except ReadError:
        return None, report.found


def _reject_unsafe(data: bytes, name: str, report: FileReport) -> None:
    fix = f"{SAFE}; or trust its author: `--allow-pickle`"
    reject_pickle(data, report, UnsafeModel, fix)
    if name.lower().endswith(_PICKLES) and not data.startswith(b"PK"):
        raise report.fatal("a pickle runs code when it is opened", fix=fix, kind=UnsafeModel)


def _read_zip(data: bytes, report: FileReport) -> ModelSignature:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            schema = json.loads(_member(archive, "schema.json", MAX_SCHEMA, report))
            return _Reader(archive, report).signature(schema)
    except (ValueError, RecursionError, zlib.error):
        raise report.fatal("it is a damaged skops file") from None
    except (zipfile.BadZipFile, KeyError, RuntimeError, EOFError, OSError):
        # `zipfile` raises all of these for damaged, encrypted or oddly packed archives.
        raise report.fatal("it is not a skops file", fix="save it with `skops.io.dump`") from None


def _member(archive: zipfile.ZipFile, name: str, limit: int, report: FileReport) -> bytes:
    with archive.open(name) as stream:
        content = stream.read(limit + 1)
    if len(content) > limit:
        raise report.fatal(f"its part `{name[:60]}` is too large", kind=UnsafeModel)
    return content


class _Reader:
    """Finds the few facts of a signature in the object tree of an open archive."""

    def __init__(self, archive: zipfile.ZipFile, report: FileReport) -> None:
        self.archive = archive
        self.report = report

    def signature(self, schema: object) -> ModelSignature:
        steps = self.steps(schema)
        names = self.first_list(steps, "feature_names_in_")
        features = self.first_int(steps, "n_features_in_") or len(names) or None
        last = steps[-1]
        self.check_predicts(last)
        classes = tuple(self.items(_state(last).get("classes_")))
        outputs, result = _result(str(last["__class__"]), _state(last), classes)
        fed = TensorSpec("features", "float64", (None, features))
        known = tuple(str(n) for n in names)
        return ModelSignature("sklearn", (fed,), outputs, features, result, known, classes)

    def check_predicts(self, last: Json) -> None:
        """Refuse what has learnt nothing, what predicts nothing, and several values at once."""
        name, state = str(last["__class__"]), _state(last)
        if not any(key.endswith("_") and not key.startswith("_") for key in state):
            fix = "call `fit` before `skops.io.dump`"
            raise self.report.fatal(f"its `{name}` is not fitted", fix=fix)
        if str(last.get("__module__")).startswith(_TRANSFORMERS):
            fix = "save a pipeline that ends with a model"
            raise self.report.fatal(f"its `{name}` predicts nothing", fix=fix)
        count = _literal(state.get("n_outputs_"))
        if isinstance(count, int) and count > 1 and name != "MLPClassifier":  # One per class.
            fix = "train one model for each value"
            reason = f"its `{name}` predicts {count} values at once"
            raise self.report.fatal(reason, fix=fix, kind=ModelNotCompiled)

    def steps(self, node: object) -> list[Json]:
        """Return the model, or the models of a pipeline in order."""
        model = _as_object(node)
        if "__class__" not in model or not _state(model):
            raise self.report.fatal("it holds no scikit-learn model")
        if model["__class__"] != "Pipeline":
            return [model]
        pairs = [_children(pair) for pair in _children(_state(model).get("steps"))]
        found = [self.steps(pair[1]) for pair in pairs if len(pair) == 2 and _is_model(pair[1])]
        if not found:
            raise self.report.fatal("its pipeline has no steps")
        return [model for part in found for model in part]

    def first_int(self, steps: list[Json], key: str) -> int | None:
        for step in steps:
            value = _literal(_state(step).get(key))
            if isinstance(value, int) and not isinstance(value, bool) and value > 0:
                return value
        return None

    def first_list(self, steps: list[Json], key: str) -> list[str | int | float | bool]:
        lists = [self.items(_state(step).get(key)) for step in steps]
        return next(filter(None, lists), lists[0])

    def items(self, node: object) -> list[str | int | float | bool]:
        """Return the scalars of a one-dimensional array, or nothing for any other node."""
        array = _as_object(node)
        if array.get("type") == "json":
            values = [_literal(child) for child in _children(array)]
        elif array.get("type") == "numpy":
            values = self.numpy_items(str(array.get("file")))
        else:
            return []
        scalars = [v for v in values if isinstance(v, str | int | float | bool)]
        return scalars if len(scalars) == len(values) else []

    def numpy_items(self, name: str) -> list[object]:
        import numpy as np

        content = _member(self.archive, name, MAX_ARRAY, self.report)
        array = np.load(io.BytesIO(content), allow_pickle=False)
        return array.tolist() if array.ndim == 1 else []


def _result(
    name: str, state: Json, classes: tuple[object, ...]
) -> tuple[tuple[TensorSpec, ...], RecordType]:
    fields = _fields(name, state, classes)
    outputs = tuple(TensorSpec(n, _SPELLINGS[t], (None,)) for n, t in fields.items())
    return outputs, RecordType.of(fields)


def _fields(name: str, state: Json, classes: tuple[object, ...]) -> dict[str, Attribute]:
    if classes:
        label: dict[str, Attribute] = {"label": _class_type(classes)}
        has = _has_probabilities(name, state)
        return label | {"probabilities": MapType(FLOAT)} if has else label
    if name in _OUTLIERS:
        return {"label": INT, "score": FLOAT}
    if name in _CLUSTERS:
        return {"label": INT}
    is_regressor = "Regress" in name or name in _REGRESSORS
    return {"value": FLOAT if is_regressor else JSON}


def _class_type(classes: tuple[object, ...]) -> Attribute:
    types = {type(c) for c in classes}
    by_type: dict[type, Attribute] = {str: STR, int: INT, bool: BOOL, float: FLOAT}
    return by_type[types.pop()] if len(types) == 1 else JSON


def _has_probabilities(name: str, state: Json) -> bool:
    if name in _NO_PROBABILITIES:
        return False
    if name in ("SVC", "NuSVC"):
        return _literal(state.get("probability")) is True
    return name != "SGDClassifier" or _literal(state.get("loss")) in _SMOOTH_LOSSES


def _is_model(node: object) -> bool:
    """Tell a step from the text `passthrough` and from None."""
    return bool(_state(node))


def _state(node: object) -> Json:
    """Return the attributes of an object: the entries of the dictionary that it contains."""
    return _as_object(_as_object(_as_object(node).get("content")).get("content"))


def _children(node: object) -> list[object]:
    content = _as_object(node).get("content")
    return cast("list[object]", content) if isinstance(content, list) else []


def _literal(node: object) -> object:
    """Return the value of a node that holds JSON text, None for any other node."""
    content = _as_object(node).get("content")
    return json.loads(content) if isinstance(content, str) else None


def _as_object(node: object) -> Json:
    return cast("Json", node) if isinstance(node, dict) else {}
