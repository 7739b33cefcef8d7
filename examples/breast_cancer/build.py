"""Trains the model of the example and writes the cases that it is judged on.

    python examples/breast_cancer/build.py OUT [--check]

The data are the 569 biopsies of *Breast Cancer Wisconsin (Diagnostic)*, which scikit-learn ships
(W. H. Wolberg, W. N. Street, O. L. Mangasarian, 1995). For each nucleus feature the "worst" value
is used: the mean of the three largest nuclei. Two thirds of the cases train the model, the others
go into `OUT/events.jsonl` (what the workflow gets) and `OUT/truth.csv` (what only the judge knows).
Every tenth of them lacks its smoothness, as records of a clinic lack something.

`OUT/breast_cancer.skops` is a scaler and a logistic regression, with the same bytes on every run;
`--check` compares it with the one beside this script.
"""

import argparse
import csv
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

sys.path.insert(0, str(Path(__file__).parent.parent))
from stable_skops import to_bytes

MODEL = "breast_cancer.skops"
DECIMALS = 6
"""Decimals of the fitted numbers, so that they do not depend on the machine."""


def cases() -> tuple[pd.DataFrame, Any]:
    """Return the ten features of each case, and whether it is benign or malignant."""
    data: Any = load_breast_cancer()
    chosen = [i for i, name in enumerate(data.feature_names) if name.startswith("worst ")]
    names = [data.feature_names[i].removeprefix("worst ").replace(" ", "_") for i in chosen]
    return pd.DataFrame(data.data[:, chosen], columns=names), data.target_names[data.target]


def train(rows: pd.DataFrame, diagnosis: Any) -> Any:
    """Return a scaler and a logistic regression that tell malignant from benign."""
    model = make_pipeline(StandardScaler(), LogisticRegression(C=1.0, max_iter=1000))
    model.fit(rows, diagnosis)
    scaler, linear = model[0], model[1]
    scaler.mean_, scaler.scale_, scaler.var_ = (
        np.round(values, DECIMALS) for values in (scaler.mean_, scaler.scale_, scaler.var_)
    )
    linear.coef_, linear.intercept_ = (
        np.round(values, DECIMALS) for values in (linear.coef_, linear.intercept_)
    )
    return model


def write_cases(folder: Path, rows: pd.DataFrame, diagnosis: Any) -> None:
    """Write the cases without their labels, and the labels."""
    with (folder / "events.jsonl").open("w", encoding="utf-8") as file:
        for number, row in enumerate(rows.to_dict("records")):
            missing = {"smoothness": None} if number % 10 == 0 else {}
            file.write(json.dumps({"case_id": f"c{number}", **row, **missing}) + "\n")
    with (folder / "truth.csv").open("w", newline="", encoding="utf-8") as file:
        lines = csv.writer(file)
        lines.writerow(["case_id", "diagnosis"])
        lines.writerows([f"c{number}", label] for number, label in enumerate(diagnosis))


def main() -> int:
    """Write the model and the cases, or compare the model."""
    parser = argparse.ArgumentParser(description="Train the model of the example.")
    parser.add_argument("out", type=Path, help="folder for the model and the cases")
    parser.add_argument("--check", action="store_true", help="compare the model, write nothing")
    chosen = parser.parse_args()
    rows, diagnosis = cases()
    split = train_test_split(rows, diagnosis, test_size=1 / 3, random_state=1, stratify=diagnosis)
    model = train(split[0], split[2])
    data = to_bytes(model)
    if chosen.check:
        same = (Path(__file__).parent / MODEL).read_bytes() == data
        print("the model is equal" if same else "the model differs")
        return 0 if same else 1
    chosen.out.mkdir(parents=True, exist_ok=True)
    (chosen.out / MODEL).write_bytes(data)
    write_cases(chosen.out, split[1], split[3])
    print(f"{MODEL}: trained on {len(split[0])} cases, {len(data):,} bytes")
    print(f"median smoothness {split[0]['smoothness'].median():.4f}")
    print(f"{len(split[1])} cases to judge, {model.score(split[1], split[3]):.1%} right at 0.5")
    return 0


if __name__ == "__main__":
    sys.exit(main())
