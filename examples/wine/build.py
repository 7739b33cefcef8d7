"""Trains the models of the example and writes the samples that they are judged on.

    python examples/wine/build.py OUT [--seed N] [--check]

The data are the 178 chemical analyses of Italian wines from three cultivars that scikit-learn ships
(M. Forina et al., 1991). Two thirds train two models, each file with the same bytes on every run:

`wine.skops`  a scaler and an isolation forest over all 13 numbers: is this a wine as the others?
`wine.bif`    a network from the cultivar to bands of four numbers, counted and not smoothed: a
              combination that no cultivar has shown is impossible

The other 60 wines go into `OUT/events.jsonl` three times each: as measured, with four sensors that
fail (numbers are three times too high or low), and as half of a wine of another cultivar.
`OUT/truth.csv` says which is which. `--check` compares the models with those beside this script.
"""

import argparse
import csv
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.datasets import load_wine
from sklearn.ensemble import IsolationForest
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

sys.path.insert(0, str(Path(__file__).parent.parent))
from stable_skops import to_bytes

BANDS = {
    "Flavanoids": ("flavanoids", (1.0, 1.6, 2.2)),
    "Color": ("color_intensity", (3.5, 6.0)),
    "Proline": ("proline", (550.0, 800.0)),
    "Hue": ("hue", (0.8, 0.95)),
}
"""For each variable of the network the number it is made of, and where its bands begin."""
STATES = ("low", "medium", "high", "top")
FILES = ("wine.skops", "wine.bif")


def wines() -> tuple[pd.DataFrame, Any]:
    """Return the 13 numbers of each wine and its cultivar."""
    data: Any = load_wine()
    names = [name.replace("od280/od315_of_diluted_wines", "od280") for name in data.feature_names]
    return pd.DataFrame(data.data, columns=names), data.target_names[data.target]


def forest(rows: pd.DataFrame) -> Any:
    """Return a scaler and a small isolation forest."""
    scaler = StandardScaler().fit(rows)
    scaler.mean_, scaler.scale_ = np.round(scaler.mean_, 4), np.round(scaler.scale_, 4)
    scaler.var_ = np.round(scaler.scale_**2, 4)
    model = IsolationForest(n_estimators=15, max_samples=64, contamination=0.05, random_state=3)
    return make_pipeline(scaler, model.fit(scaler.transform(rows)))


def band_of(name: str, rows: pd.DataFrame) -> Any:
    """Return the band of each wine: how many limits its number has reached."""
    column, limits = BANDS[name]
    return np.searchsorted(limits, rows[column], side="right")


def network(rows: pd.DataFrame, cultivar: Any) -> str:
    """Return the network as BIF, from counts."""
    classes = sorted(set(cultivar))
    lines = ["// Counted from wines by build.py; a zero means: never seen.", "network wine {", "}"]
    lines += variable("Cultivar", classes)
    for name, (_, limits) in BANDS.items():
        lines += variable(name, STATES[: len(limits) + 1])
    lines += ["probability ( Cultivar ) {", f"  table {shares(cultivar, classes)};", "}"]
    for name, (_, limits) in BANDS.items():
        bands = band_of(name, rows)
        lines.append(f"probability ( {name} | Cultivar ) {{")
        for each in classes:
            lines.append(f"  ({each}) {shares(bands[cultivar == each], range(len(limits) + 1))};")
        lines.append("}")
    return "\n".join(lines) + "\n"


def variable(name: str, states: Any) -> list[str]:
    """Return the lines that declare a variable."""
    inner = f"  type discrete [ {len(states)} ] {{ {', '.join(states)} }};"
    return [f"variable {name} {{", inner, "}"]


def shares(values: Any, of: Any) -> str:
    """Return how often each value occurs, as numbers that sum to one."""
    counts = [int(np.sum(values == each)) for each in of]
    return ", ".join(repr(round(count / sum(counts), 12)) for count in counts)


def samples(
    rows: pd.DataFrame, cultivar: Any, seed: int
) -> list[tuple[str, str, dict[str, float]]]:
    """Return kind, cultivar and numbers of each sample."""
    rng = np.random.default_rng(seed)
    found: list[tuple[str, str, dict[str, float]]] = []
    records = rows.to_dict("records")
    for i, row in enumerate(records):
        found.append(("wine", cultivar[i], row))
        broken = dict(row)
        for column in rng.choice(rows.columns, 4, replace=False):
            broken[column] = round(row[column] * rng.choice([3.0, 1 / 3]), 4)
        found.append(("sensor", cultivar[i], broken))
        other = records[rng.choice(np.flatnonzero(cultivar != cultivar[i]))]
        taken = set(rng.choice(rows.columns, 6, replace=False))
        mixed = {name: (other if name in taken else row)[name] for name in row}
        found.append(("mixed", cultivar[i], mixed))
    return found


def write(folder: Path, found: list[tuple[str, str, dict[str, float]]]) -> None:
    """Write the samples without what they are, and what they are."""
    with (folder / "events.jsonl").open("w", encoding="utf-8") as file:
        for number, (_, _, row) in enumerate(found):
            file.write(json.dumps({"sample": f"s{number}", **row}) + "\n")
    with (folder / "truth.csv").open("w", newline="", encoding="utf-8") as file:
        lines = csv.writer(file)
        lines.writerow(["sample", "kind", "cultivar"])
        lines.writerows([f"s{n}", kind, name] for n, (kind, name, _) in enumerate(found))


def main() -> int:
    """Write the models and the samples, or compare the models."""
    parser = argparse.ArgumentParser(description="Train the models of the example.")
    parser.add_argument("out", type=Path, help="folder for the models and the samples")
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--check", action="store_true", help="compare the models, write nothing")
    chosen = parser.parse_args()
    rows, cultivar = wines()
    split = train_test_split(rows, cultivar, test_size=1 / 3, random_state=2, stratify=cultivar)
    made = (to_bytes(forest(split[0])), network(split[0], split[2]).encode())
    if chosen.check:
        here = Path(__file__).parent
        wrong = [n for n, data in zip(FILES, made, strict=True) if (here / n).read_bytes() != data]
        print(f"these models differ: {', '.join(wrong)}" if wrong else "the models are equal")
        return 1 if wrong else 0
    chosen.out.mkdir(parents=True, exist_ok=True)
    for name, data in zip(FILES, made, strict=True):
        (chosen.out / name).write_bytes(data)
        print(f"{name}: {len(data):,} bytes")
    found = samples(split[1], split[3], chosen.seed)
    write(chosen.out, found)
    print(f"trained on {len(split[0])} wines; {len(found)} samples to judge")
    return 0


if __name__ == "__main__":
    sys.exit(main())
