"""Says how well a run of the example found what is wrong with the patients.

    python examples/alarm/judge.py OUTPUT.jsonl TRUTH.csv

Reads what `kumeo run --output` wrote. Fails when a patient has no finding or two. The truth was
drawn from the network, so a probability of 0.7 must come true in seven of ten cases: the table of
calibration shows whether it does.
"""

import argparse
import csv
import json
import sys
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

FIELDS = {
    "hypovolemia": ("HYPOVOLEMIA", "TRUE"),
    "heart_failure": ("LVFAILURE", "TRUE"),
    "disconnected": ("DISCONNECT", "TRUE"),
    "kinked": ("KINKEDTUBE", "TRUE"),
    "misplaced": ("INTUBATION", ""),
}
"""For each probability of a finding its variable, and the state it speaks of; blank: not NORMAL."""
BINS = (0.0, 0.05, 0.2, 0.4, 0.6, 0.8, 0.95, 1.01)
ACTIONS = {
    "reconnect": {"disconnected"},
    "check_tube": {"kinked", "misplaced"},
    "support_heart": {"heart_failure"},
    "give_fluids": {"hypovolemia"},
}


def read_truth(path: Path) -> dict[str, set[str]]:
    """Return for each patient what is wrong."""
    with path.open(newline="", encoding="utf-8") as file:
        return {
            row["patient"]: {f for f in FIELDS if is_true(row, f)} for row in csv.DictReader(file)
        }


def is_true(row: dict[str, str], field: str) -> bool:
    """Say whether a patient has what a field speaks of."""
    variable, state = FIELDS[field]
    return row[variable] == state if state else row[variable] != "NORMAL"


def top_accuracy(findings: dict[str, Any], truth: dict[str, set[str]]) -> tuple[int, int]:
    """Return how often the likeliest diagnosis is right, and of how many patients with just one."""
    alone = [patient for patient, wrong in truth.items() if len(wrong) == 1]
    right = sum(max(FIELDS, key=lambda f: findings[p][f]) in truth[p] for p in alone)
    return right, len(alone)


def calibration(findings: dict[str, Any], truth: dict[str, set[str]]) -> list[str]:
    """Return for each band of probability how often it came true, and the Brier score."""
    pairs = [(findings[p][f], f in wrong) for p, wrong in truth.items() for f in FIELDS]
    lines = ["  probability     cases   mean  came true"]
    for low, high in pairwise(BINS):
        inside = [(p, came) for p, came in pairs if low <= p < high]
        if inside:
            mean, came = (sum(x) / len(inside) for x in zip(*inside, strict=True))
            lines.append(
                f"  {low:.2f} to {min(high, 1):.2f}  {len(inside):>7,}  {mean:>5.2f}  {came:>9.2f}"
            )
    brier = sum((p - came) ** 2 for p, came in pairs) / len(pairs)
    rate = {f: sum(f in wrong for wrong in truth.values()) / len(truth) for f in FIELDS}
    naive = sum(rate[f] * (1 - rate[f]) for f in FIELDS) / len(FIELDS)
    lines.append(f"  Brier score {brier:.4f}; always the base rate would give {naive:.4f}")
    return lines


def main() -> int:
    """Print the verdict; return 1 when patients are missing or doubled."""
    parser = argparse.ArgumentParser(description="Judge a run of the example.")
    parser.add_argument("output", type=Path, help="what `kumeo run --output` wrote")
    parser.add_argument("truth", type=Path, help="truth.csv of build.py")
    chosen = parser.parse_args()
    messages = [json.loads(line) for line in chosen.output.read_text("utf-8").splitlines()]
    findings = {m["value"]["patient"]: m["value"] for m in messages}
    truth = read_truth(chosen.truth)
    missing = len(truth.keys() - findings.keys())
    print(f"{len(truth):,} patients, {missing} lost, {len(messages) - len(findings)} doubled")
    if missing:
        return 1
    right, alone = top_accuracy(findings, truth)
    print(f"top diagnosis right: {right / alone:.1%} of {alone:,} patients with just one fault")
    acted = Counter(f["action"] for f in findings.values())
    for action, faults in ACTIONS.items():
        due = [p for p, f in findings.items() if f["action"] == action and truth[p] & faults]
        print(
            f"  {action:14} {acted[action]:>5,} times, right {len(due) / max(acted[action], 1):.1%}"
        )
    print("calibration of all diagnoses")
    print("\n".join(calibration(findings, truth)))
    return 1 if len(messages) != len(findings) else 0


if __name__ == "__main__":
    sys.exit(main())
