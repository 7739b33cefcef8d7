"""Writes the network of the example and readings of patients, drawn from the network itself.

    python examples/alarm/build.py OUT [--patients N] [--seed N] [--check]

ALARM (I. A. Beinlich, H. J. Suermondt, R. M. Chavez, G. F. Cooper, 1989) is the classic network of
patient monitoring: 37 variables from diagnoses to readings. It comes from the package pgmpy, in the
form of the bnlearn repository (CC BY-SA 3.0), and is rewritten without changing a number.

No real patient is in it: each state is drawn from the network, and each reading from the band of
its state. So `judge.py` tells how well the workflow computes what the network knows, and not how
well the network knows patients. A third of the patients has no catheter, and some readings fail.

Writes `OUT/alarm.bif`, `OUT/events.jsonl` (what the workflow gets), and `OUT/truth.csv` (what
only the judge knows).
"""

import argparse
import csv
import gzip
import importlib.resources
import json
import sys
from pathlib import Path

import numpy as np

from kumeo.models.network import Network, load_network

NETWORK = "alarm.bif"
DIAGNOSES = ("HYPOVOLEMIA", "LVFAILURE", "DISCONNECT", "KINKEDTUBE", "INTUBATION")
BANDS: dict[str, tuple[str, dict[str, tuple[float, float]]]] = {
    "heart_rate": ("HREKG", {"LOW": (35, 60), "NORMAL": (60, 100), "HIGH": (101, 170)}),
    "blood_pressure": ("BP", {"LOW": (40, 70), "NORMAL": (70, 105), "HIGH": (106, 150)}),
    "saturation": ("SAO2", {"LOW": (70, 92), "NORMAL": (92, 98), "HIGH": (98.1, 100)}),
    "co2": ("EXPCO2", {"ZERO": (0, 2), "LOW": (2, 30), "NORMAL": (30, 45), "HIGH": (46, 80)}),
    "pressure": ("PRESS", {"ZERO": (0, 1), "LOW": (1, 10), "NORMAL": (10, 25), "HIGH": (26, 60)}),
    "volume": ("MINVOL", {"ZERO": (0, 1), "LOW": (1, 4), "NORMAL": (4, 10), "HIGH": (11, 20)}),
    "cvp": ("CVP", {"LOW": (0, 2), "NORMAL": (2, 8), "HIGH": (9, 20)}),
    "pcwp": ("PCWP", {"LOW": (2, 6), "NORMAL": (6, 12), "HIGH": (13, 30)}),
}
"""For each reading its variable, and the band of each state: a band leaves its upper end out."""
CATHETER = ("cvp", "pcwp")
Patient = dict[str, int]


def read_network() -> tuple[str, Network]:
    """Return the network as text and as tables."""
    folder = importlib.resources.files("pgmpy") / "utils" / "example_models"
    packed = (folder / "alarm.bif.gz").read_bytes()
    network = load_network(packed, "alarm.bif.gz")
    assert isinstance(network, Network), network
    text = gzip.decompress(packed).decode()
    origin = "// ALARM, I. A. Beinlich et al., 1989; from the bnlearn repository, CC BY-SA 3.0.\n"
    return origin + text.replace("network unknown", "network alarm", 1), network


def parents_first(network: Network) -> list[str]:
    """Return the variables so that each stands after its parents."""
    done: list[str] = []
    while len(done) < len(network.states):
        done += [
            name
            for name in network.states
            if name not in done and all(p in done for p in network.parents[name])
        ]
    return done


def draw(network: Network, order: list[str], rng: np.random.Generator) -> Patient:
    """Return a state for each variable, drawn from the network."""
    found: Patient = {}
    for name in order:
        row = network.tables[name][tuple(found[p] for p in network.parents[name])]
        found[name] = int(rng.choice(len(row), p=row))
    return found


def reading_of(
    network: Network, patient: Patient, number: int, rng: np.random.Generator
) -> dict[str, object]:
    """Return what the monitor shows: numbers in the bands of the states, some of them missing."""
    shown: dict[str, object] = {"patient": f"p{number}"}
    has_catheter = rng.random() > 1 / 3
    for field, (variable, bands) in BANDS.items():
        low, high = bands[network.states[variable][patient[variable]]]
        value = round(float(rng.uniform(low, high)) - 0.005, 2)
        is_missing = not has_catheter if field in CATHETER else rng.random() < 0.05
        shown[field] = None if is_missing else max(value, low)
    known = rng.random() > 0.2
    shown["heart_history"] = (
        network.states["HISTORY"][patient["HISTORY"]] == "TRUE" if known else None
    )
    return shown


def write(folder: Path, network: Network, patients: int, seed: int) -> None:
    """Write the readings and the truth."""
    rng = np.random.default_rng(seed)
    order = parents_first(network)
    drawn = [draw(network, order, rng) for _ in range(patients)]
    with (folder / "events.jsonl").open("w", encoding="utf-8") as file:
        for number, patient in enumerate(drawn):
            file.write(json.dumps(reading_of(network, patient, number, rng)) + "\n")
    with (folder / "truth.csv").open("w", newline="", encoding="utf-8") as file:
        lines = csv.writer(file)
        lines.writerow(["patient", *DIAGNOSES])
        for number, patient in enumerate(drawn):
            lines.writerow([f"p{number}", *(network.states[d][patient[d]] for d in DIAGNOSES)])


def main() -> int:
    """Write everything, or compare the network."""
    parser = argparse.ArgumentParser(description="Write the network and the readings.")
    parser.add_argument("out", type=Path, help="folder for the network and the readings")
    parser.add_argument("--patients", type=int, default=2_000)
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--check", action="store_true", help="compare the network, write nothing")
    chosen = parser.parse_args()
    text, network = read_network()
    if chosen.check:
        same = (Path(__file__).parent / NETWORK).read_text(encoding="utf-8") == text
        print("the network is equal" if same else "the network differs")
        return 0 if same else 1
    chosen.out.mkdir(parents=True, exist_ok=True)
    (chosen.out / NETWORK).write_text(text, encoding="utf-8")
    write(chosen.out, network, chosen.patients, chosen.seed)
    print(f"{NETWORK}: {len(network.states)} variables; readings of {chosen.patients:,} patients")
    return 0


if __name__ == "__main__":
    sys.exit(main())
