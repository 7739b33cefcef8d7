"""Converts scikit-learn models without rules of their own to ONNX, by `skl2onnx`.

The result is compared with scikit-learn itself on random rows; where they differ, it is refused.
"""

import importlib
import warnings
from typing import Any, cast

import numpy as np

from kumeo.models.faults import BadModelError
from kumeo.models.onnx_model import GraphModel, keep_outputs, open_model, open_session
from kumeo.models.recipe import Classes
from kumeo.models.sklearn_objects import conversion_fault, distrusted, open_trusted

_ROWS, _TOLERANCE = 64, 1e-4
_FIX = "convert it to ONNX, or use a kind that has rules: see `kumeo explain model-not-compiled`"


def convert(data: bytes, fault: BadModelError, name: str) -> GraphModel:
    """Return the model as ONNX. Raises: BadModelError, with the reason of `fault` if it cannot."""
    model, skl2onnx = _libraries(data, fault)
    features = getattr(model, "n_features_in_", None)
    if not isinstance(features, int):
        raise BadModelError(fault.reason, fix=_FIX, unknown=True)
    types: Any = importlib.import_module("skl2onnx.common.data_types")
    fed = [("features", types.FloatTensorType([None, features]))]
    options = {"zipmap": False} if hasattr(model, "predict_proba") else None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            made = skl2onnx.to_onnx(
                model,
                initial_types=fed,
                options=None if options is None else {id(model): options},
                target_opset={"": 18, "ai.onnx.ml": 3},
            )
    except Exception as error:  # The errors of skl2onnx have no common base.
        reason = f"{fault.reason}, and {conversion_fault(error)}"
        raise BadModelError(reason, fix=_FIX, unknown=True) from None
    roles = _roles(model, len(made.graph.output))
    classes = _names(model) if roles[0] == "label" and _is_text(model) else ()
    outputs = [output.name for output in made.graph.output]
    if classes:
        roles = roles[1:]
        outputs = outputs[1:]
    keep_outputs(made, outputs[: len(roles)])
    graph = open_model(made.SerializeToString(), name)
    result = GraphModel(
        graph.graph, graph.inputs, graph.outputs, _keys(model, graph, roles), roles, classes
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # The rows carry no names; their order is settled.
        _compare(model, result, features)
    return result


def _libraries(data: bytes, fault: BadModelError) -> tuple[Any, Any]:
    """Return the model's object and the module `skl2onnx`. Raises: BadModelError."""
    try:
        skl2onnx: Any = importlib.import_module("skl2onnx")
        model = open_trusted(data)
    except ImportError as missing:
        reason = f"{fault.reason}, and `{missing.name}` is not installed to convert it"
        raise BadModelError(reason, fix=f"pip install {missing.name}", unknown=True) from None
    except Exception as error:  # skops raises many kinds of errors for damaged files.
        raise BadModelError(f"skops cannot open it: {type(error).__name__}") from None
    if model is None:
        reason = f"{fault.reason}, and {distrusted(data)}"
        raise BadModelError(reason, fix=_FIX, unknown=True)
    return model, skl2onnx


def _roles(model: Any, count: int) -> tuple[str, ...]:
    """Return the fields that the outputs of a converted model are."""
    if hasattr(model, "classes_"):
        has_shares = count == 2 and hasattr(model, "predict_proba")
        return ("label", "probabilities") if has_shares else ("label",)
    if hasattr(model, "decision_function"):
        return ("label", "score")[:count]
    return ("value",) if count == 1 else ("label",)


def _is_text(model: Any) -> bool:
    return hasattr(model, "classes_") and np.asarray(model.classes_).dtype.kind in "UO"


def _names(model: Any) -> Classes:
    return tuple(str(name) for name in model.classes_)


def _keys(model: Any, graph: GraphModel, roles: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    if "probabilities" not in roles:
        return {}
    keys = tuple(str(each) for each in cast("list[Any]", np.asarray(model.classes_).tolist()))
    return {graph.outputs[roles.index("probabilities")].name: keys}


def _compare(model: Any, graph: GraphModel, features: int) -> None:
    """Refuse a conversion that answers otherwise than scikit-learn. Raises: BadModelError."""
    rows = np.random.default_rng(0).normal(size=(_ROWS, features)).astype(np.float32)
    wide = rows.astype(np.float64)  # Some models that learnt from float64 take nothing else.
    readers = {
        "label": lambda: model.predict(wide),
        "value": lambda: model.predict(wide),
        "score": lambda: model.decision_function(wide),
        "probabilities": lambda: model.predict_proba(wide),
    }
    found = open_session(graph.graph).run(None, {"features": rows})
    likely = np.asarray(found[0]).reshape(_ROWS, -1).argmax(axis=1)
    if graph.classes and not np.array_equal(np.array(graph.classes)[likely], model.predict(wide)):
        raise BadModelError("its label is not its likeliest class", fix=_FIX, unknown=True)
    for role, output in zip(graph.roles, found, strict=True):
        wanted = np.asarray(readers[role]())
        given = np.asarray(output).reshape(wanted.shape)
        if not np.allclose(given, wanted, rtol=_TOLERANCE, atol=_TOLERANCE):
            raise BadModelError(
                f"its conversion to ONNX differs in `{role}`", fix=_FIX, unknown=True
            )
