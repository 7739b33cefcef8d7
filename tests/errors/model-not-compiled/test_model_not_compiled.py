"""The message about a model that no rule and no conversion compiles."""

import numpy as np
import skops.io
from sklearn.neighbors import KNeighborsRegressor

from kumeo.diagnostics import Diagnostic, render_one
from kumeo.models.importing import import_model

EXPECTED = """\
error[model-not-compiled]: model file `near.skops` cannot be compiled: `KNeighborsRegressor` has \
no rule of its own, and it holds types that are not trusted: `EuclideanDistance64`, `KDTree`
  = help: convert it to ONNX, or use a kind that has rules: see `kumeo explain model-not-compiled`
  = note: `kumeo explain model-not-compiled`
"""


def test_message_is_the_expected_one() -> None:
    rows = np.arange(8.0).reshape(-1, 2)
    model = KNeighborsRegressor(2, algorithm="kd_tree").fit(rows, rows[:, 0])
    fault = import_model(skops.io.dumps(model), "sklearn", "near.skops")
    assert isinstance(fault, Diagnostic)
    assert render_one(fault).strip() == EXPECTED.strip()
