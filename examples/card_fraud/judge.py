"""Says how well a run of the example found the fraud.

    python examples/card_fraud/judge.py OUTPUT.jsonl LABELS.csv

Reads what `kumeo run --output` wrote. Fails when a payment has no verdict or two.
"""

import argparse
import csv
import json
import sys
from collections import Counter
from pathlib import Path

SCENARIOS = {1: "above 220", 2: "terminal taken over", 3: "card data stolen"}


def read_verdicts(path: Path) -> tuple[dict[str, bool], int]:
    """Return for each payment whether it raised an alert, and how many came twice."""
    verdicts: dict[str, bool] = {}
    repeated = 0
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            message = json.loads(line)
            payment = message["value"]["tx_id"]
            repeated += payment in verdicts
            verdicts[payment] = message["target"] == "alerts"
    return verdicts, repeated


def read_labels(path: Path) -> dict[str, int]:
    """Return the fraud scenario of each payment; 0 is honest."""
    with path.open(newline="", encoding="utf-8") as file:
        return {row["tx_id"]: int(row["scenario"]) for row in csv.DictReader(file)}


def judge(verdicts: dict[str, bool], labels: dict[str, int]) -> list[str]:
    """Return what was found, line by line."""
    hits = Counter(scenario for tx, scenario in labels.items() if verdicts.get(tx))
    all_of = Counter(labels.values())
    alerts, frauds = sum(hits.values()), len(labels) - all_of[0]
    found = alerts - hits[0]
    lines = [
        f"{len(labels):,} payments, {frauds:,} of them fraud, {alerts:,} alerts",
        f"precision {found / max(alerts, 1):.1%}: so many of the alerts are fraud",
        f"recall    {found / max(frauds, 1):.1%}: so many of the frauds raised an alert",
    ]
    for scenario, name in SCENARIOS.items():
        lines.append(f"  {name:20} {hits[scenario]:>6,} of {all_of[scenario]:,}")
    return lines


def main() -> int:
    """Print the verdict; return 1 when payments are missing or doubled."""
    parser = argparse.ArgumentParser(description="Judge a run of the example.")
    parser.add_argument("output", type=Path, help="what `kumeo run --output` wrote")
    parser.add_argument("labels", type=Path, help="labels.csv of the simulation")
    chosen = parser.parse_args()
    verdicts, repeated = read_verdicts(chosen.output)
    labels = read_labels(chosen.labels)
    missing = len(labels.keys() - verdicts.keys())
    print("\n".join(judge(verdicts, labels)))
    print(f"{missing:,} payments lost, {repeated:,} doubled")
    return 1 if missing or repeated else 0


if __name__ == "__main__":
    sys.exit(main())
