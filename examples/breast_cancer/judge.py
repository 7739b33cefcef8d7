"""Says how good the advice of a run of the example was.

    python examples/breast_cancer/judge.py OUTPUT.jsonl TRUTH.csv

Reads what `kumeo run --output` wrote. Fails when a case has no advice or two.
"""

import argparse
import csv
import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

DECISIONS = ("treat", "biopsy", "follow_up", "routine")
DIAGNOSES = ("malignant", "benign")


def read_labels(path: Path) -> dict[str, str]:
    """Return the diagnosis of each case."""
    with path.open(newline="", encoding="utf-8") as file:
        return {row["case_id"]: row["diagnosis"] for row in csv.DictReader(file)}


def ranking(advice: dict[str, Any], labels: dict[str, str]) -> float:
    """Return how often a malignant case is ranked above a benign one (the area under the curve)."""
    scores: dict[str, list[float]] = {name: [] for name in DIAGNOSES}
    for case, label in labels.items():
        scores[label].append(advice[case]["malignant"])
    pairs = [(m, b) for m in scores["malignant"] for b in scores["benign"]]
    return sum((m > b) + 0.5 * (m == b) for m, b in pairs) / len(pairs)


def main() -> int:
    """Print the verdict; return 1 when cases are missing or doubled."""
    parser = argparse.ArgumentParser(description="Judge a run of the example.")
    parser.add_argument("output", type=Path, help="what `kumeo run --output` wrote")
    parser.add_argument("labels", type=Path, help="truth.csv of build.py")
    chosen = parser.parse_args()
    messages = [json.loads(line) for line in chosen.output.read_text("utf-8").splitlines()]
    advice = {m["value"]["case_id"]: m["value"] for m in messages}
    labels = read_labels(chosen.labels)
    missing = len(labels.keys() - advice.keys())
    print(f"{len(labels)} cases, {missing} lost, {len(messages) - len(advice)} doubled")
    if missing:
        return 1
    right = sum((advice[c]["malignant"] >= 0.5) == (d == "malignant") for c, d in labels.items())
    print(f"accuracy {right / len(labels):.1%} at one half, area under the curve ", end="")
    print(f"{ranking(advice, labels):.3f}")
    counts = Counter((advice[case]["decision"], label) for case, label in labels.items())
    print(f"  {'advice':10} {'malignant':>9} {'benign':>7}")
    for decision in DECISIONS:
        shown = [counts[decision, label] for label in DIAGNOSES]
        print(f"  {decision:10} {shown[0]:>9} {shown[1]:>7}")
    print(f"missed: {counts['routine', 'malignant']} malignant cases are sent home")
    print(f"without a reason: {counts['treat', 'benign']} benign cases are treated")
    return 1 if len(messages) != len(advice) else 0


if __name__ == "__main__":
    sys.exit(main())
