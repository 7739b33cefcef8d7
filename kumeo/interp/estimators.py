"""Runs scikit-learn models of `.skops` files.

Only objects of trusted types are made, so opening a file runs no code of its author
(`kumeo.models.sklearn_objects`). A file with any other type is not opened, and a stub stands in.
What a field of the result means:

    label, value     predict
    score            decision_function
    probabilities    predict_proba, by class
"""

import importlib
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from xdsl.ir import Attribute

from kumeo.dialects.data import RecordType
from kumeo.dialects.data.failures import DataFailure
from kumeo.interp.features import Named, library_call, row_of
from kumeo.interp.models import Runner
from kumeo.models.faults import BadModelError
from kumeo.models.recipe import REFUSAL
from kumeo.models.sklearn_model import recipe_of
from kumeo.models.sklearn_objects import open_trusted


def open_estimator(data: bytes) -> Runner | None:
    """Return the runner of a `.skops` file, None when it holds types that are not trusted.

    Raises: DataFailure, and ImportError without skops.
    """
    importlib.import_module("skops.io")  # Its absence is no fault of the file.
    with library_call():
        model = open_trusted(data)
    if model is None:
        return None
    refusal = REFUSAL if _has_recipe(data) else None

    def run(named: Named, kind: Attribute) -> dict[str, Any]:
        assert isinstance(kind, RecordType), "the verifier checks the result"
        row = np.asarray([row_of(_in_order(model, named))])
        return {name: _field(model, name, row, refusal) for name in kind.names}

    return run


def _has_recipe(data: bytes) -> bool:
    """Return whether the compiler lowers the model: then both tell the same about bad numbers."""
    try:
        recipe_of(data)
    except BadModelError:
        return False
    return True


def _in_order(model: Any, named: Named) -> Named:
    """Return the inputs in the model's order if it names just these features, else as they are."""
    names = [str(name) for name in getattr(model, "feature_names_in_", [])]
    values = dict(named)
    if sorted(names) != sorted(values):
        return named
    return [(name, values[name]) for name in names]


def _field(model: Any, name: str, row: Any, refusal: str | None) -> Any:
    reader = FIELDS.get(name)
    if reader is None:
        raise DataFailure("model-failed", f"a scikit-learn model gives no field `{name}`")
    try:
        with library_call(), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # The row carries no names; their order is settled.
            return reader(model, row)
    except DataFailure as failure:
        raise DataFailure(failure.code, refusal or failure.message) from None


def _predicted(model: Any, row: Any) -> Any:
    return model.predict(row)


def _score(model: Any, row: Any) -> Any:
    return model.decision_function(row)


def _probabilities(model: Any, row: Any) -> dict[Any, float]:
    pairs = zip(model.classes_.tolist(), model.predict_proba(row)[0].tolist(), strict=True)
    return dict(pairs)


FIELDS: dict[str, Callable[[Any, Any], Any]] = {
    "label": _predicted,
    "value": _predicted,
    "score": _score,
    "probabilities": _probabilities,
}
