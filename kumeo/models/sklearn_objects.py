"""Makes the objects of a skops file, if all of its types are trusted. Decided here only.

skops itself trusts the estimators of scikit-learn and plain NumPy; opening those runs no code of a
file's author. Two lists add to that:

- `PLAIN`: Python objects of scikit-learn that skops does not list, and that only hold attributes.
- `COMPILED`: objects whose contents compiled code reads without looking. They are trusted only in
  models that the compiler lowers itself, because that checks every index in them.

Anything else (search trees of neighbours, own classes, own functions) is never made.
"""

import importlib
import re
from typing import Any

from kumeo.models.faults import BadModelError
from kumeo.models.sklearn_model import recipe_of

PLAIN = frozenset(
    {
        "numpy.dtype",
        "sklearn._loss.loss.HalfTweedieLossIdentity",
        "sklearn.calibration._CalibratedClassifier",
        "sklearn.calibration._SigmoidCalibration",
        "sklearn.neural_network._stochastic_optimizers.AdamOptimizer",
        "sklearn.neural_network._stochastic_optimizers.SGDOptimizer",
    }
)
COMPILED = frozenset(
    {
        "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
        "sklearn.tree._tree.Tree",
    }
)


def open_trusted(data: bytes) -> Any:
    """Return the model object of a skops file, None if a type in it is not trusted.

    Raises: ImportError without skops; whatever skops raises for a damaged file.
    """
    skops: Any = importlib.import_module("skops.io")
    types: set[str] = set(skops.get_untrusted_types(data=data))
    if not types <= PLAIN | COMPILED:
        return None
    if types & COMPILED and not _is_checked(data):
        return None
    return skops.loads(data, trusted=sorted(types))


def distrusted(data: bytes) -> str:
    """Return in words which types kept `open_trusted` from opening a file."""
    skops: Any = importlib.import_module("skops.io")
    types: set[str] = set(skops.get_untrusted_types(data=data))
    named = sorted(types - PLAIN - COMPILED) or sorted(types & COMPILED)
    shown = ", ".join(f"`{each.rpartition('.')[2]}`" for each in named[:3])
    return f"it holds types that are not trusted: {shown}{', …' if len(named) > 3 else ''}"


def conversion_fault(error: Exception) -> str:
    """Return the first sentence of what skl2onnx says about a model that it cannot convert."""
    first = (str(error).strip().splitlines() or [type(error).__name__])[0]
    sentence = re.split(r"\.\s| with name=", first)[0].rstrip(".")
    return f"skl2onnx says: {sentence if len(sentence) <= 120 else sentence[:119] + '…'}"


def _is_checked(data: bytes) -> bool:
    try:
        recipe_of(data)
    except BadModelError:
        return False
    return True
