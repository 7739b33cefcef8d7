"""Trains the small model of the example on payments of other customers than it is judged on.

    python examples/card_fraud/train.py OUT.onnx [--customers N] [--days N] [--seed N]

The model reads the features of `card_fraud.kumeo`, in that order: see `FEATURES`. It is a gradient
boosted ensemble of shallow trees, written as ONNX with the same bytes on every run.
"""

import argparse
from collections import deque
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from simulate import Payments, simulate
from skl2onnx import convert_sklearn
from skl2onnx.common.data_types import FloatTensorType
from sklearn.ensemble import GradientBoostingClassifier

FEATURES = ("amount", "ratio", "count", "reports")
WINDOW_DAYS = 30
DAY_S = 86_400


def features_of(payments: Payments) -> NDArray[np.float32]:
    """Return what the workflow computes for each payment, shape (n, len(FEATURES))."""
    recent: dict[int, deque[tuple[int, float]]] = {}
    rows: list[tuple[float, ...]] = []
    columns = zip(
        payments.second.tolist(),
        payments.customer.tolist(),
        payments.amount.tolist(),
        payments.reports.tolist(),
        strict=True,
    )
    for second, customer, amount, reports in columns:
        spent = recent.setdefault(customer, deque())
        spent.append((second, amount))
        while spent[0][0] <= second - WINDOW_DAYS * DAY_S:
            spent.popleft()
        mean = sum(value for _, value in spent) / len(spent)
        rows.append((amount, amount / (mean + 1.0), len(spent), reports))
    return np.array(rows, dtype=np.float32)


def train(payments: Payments) -> GradientBoostingClassifier:
    """Return a model that tells fraud from honest payments."""
    model = GradientBoostingClassifier(n_estimators=60, max_depth=4, subsample=0.5, random_state=0)
    return model.fit(features_of(payments), payments.scenario > 0)


def to_onnx(model: GradientBoostingClassifier) -> bytes:
    """Return the model as ONNX: features [N, 4] -> label [N], probabilities [N, 2]."""
    shape = FloatTensorType([None, len(FEATURES)])
    options = {id(model): {"zipmap": False}}
    onnx: Any = convert_sklearn(
        model, "card_fraud", [("features", shape)], target_opset=18, options=options
    )
    return onnx.SerializeToString(deterministic=True)


def main() -> None:
    """Train and write the model."""
    parser = argparse.ArgumentParser(description="Train the model of the example.")
    parser.add_argument("out", type=Path, help="where the model goes")
    parser.add_argument("--customers", type=int, default=1_000)
    parser.add_argument("--days", type=int, default=60)
    parser.add_argument("--seed", type=int, default=2)
    chosen = parser.parse_args()
    payments = simulate(chosen.customers, chosen.days, chosen.seed)
    data = to_onnx(train(payments))
    chosen.out.parent.mkdir(parents=True, exist_ok=True)
    chosen.out.write_bytes(data)
    print(f"{chosen.out.name}: trained on {len(payments):,} payments, {len(data):,} bytes")


if __name__ == "__main__":
    main()
