"""Says how many wines and how many faults a run of the example recognised.

    python examples/wine/judge.py OUTPUT.jsonl TRUTH.csv

Reads what `kumeo run --output` wrote. Fails when a sample has no verdict or two.
"""

import argparse
import csv
import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

KINDS = {"wine": "as measured", "sensor": "sensors fail", "mixed": "half of another"}
VERDICTS = ("accept", "taste", "laboratory")


def ranking(verdicts: dict[str, Any], truth: dict[str, dict[str, str]], kind: str) -> float:
    """Return how often a sample of a kind is more unusual than a wine as measured."""
    scores: dict[str, list[float]] = {name: [] for name in KINDS}
    for sample, row in truth.items():
        scores[row["kind"]].append(verdicts[sample]["score"])
    pairs = [(a, b) for a in scores[kind] for b in scores["wine"]]
    return sum((a < b) + 0.5 * (a == b) for a, b in pairs) / len(pairs)


def main() -> int:
    """Print the verdict; return 1 when samples are missing or doubled."""
    parser = argparse.ArgumentParser(description="Judge a run of the example.")
    parser.add_argument("output", type=Path, help="what `kumeo run --output` wrote")
    parser.add_argument("truth", type=Path, help="truth.csv of build.py")
    chosen = parser.parse_args()
    messages = [json.loads(line) for line in chosen.output.read_text("utf-8").splitlines()]
    verdicts = {m["value"]["sample"]: m["value"] for m in messages}
    with chosen.truth.open(newline="", encoding="utf-8") as file:
        truth = {row["sample"]: row for row in csv.DictReader(file)}
    missing = len(truth.keys() - verdicts.keys())
    print(f"{len(truth)} samples, {missing} lost, {len(messages) - len(verdicts)} doubled")
    if missing:
        return 1
    real = [s for s, row in truth.items() if row["kind"] == "wine"]
    named = [s for s in real if verdicts[s]["cultivar"] != "none"]
    right = sum(verdicts[s]["cultivar"] == truth[s]["cultivar"] for s in named)
    print(f"cultivar right: {right / len(named):.1%} of {len(named)} real wines that get one")
    counts = Counter((row["kind"], verdicts[s]["verdict"]) for s, row in truth.items())
    print(f"  {'sample':15} " + " ".join(f"{verdict:>10}" for verdict in VERDICTS))
    for kind, words in KINDS.items():
        print(f"  {words:15} " + " ".join(f"{counts[kind, verdict]:>10}" for verdict in VERDICTS))
    impossible = sum(verdict["why"] == "impossible" for verdict in verdicts.values())
    print(f"impossible evidence, caught by the fallback: {impossible} samples")
    for kind in ("sensor", "mixed"):
        print(
            f"more unusual than a real wine: {ranking(verdicts, truth, kind):.1%} ({KINDS[kind]})"
        )
    return 1 if len(messages) != len(verdicts) else 0


if __name__ == "__main__":
    sys.exit(main())
