"""Cold start: from the command line to the first result of `kumeo run`, and where the time goes.

    python -m benchmarks.delivery.cold_start [--runs 5] [--file examples/fraud_detection.kumeo]

Each cold run has an empty folder: it compiles, builds, starts the server, makes the streams and
handles one event. A warm run does the same in a folder of an earlier run. Compiled Python files of
Kumeo itself are there in both, as after an installation. The goal is 2 s; CPU seconds tell what a
quiet machine needs.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import NamedTuple

from benchmarks.machine import describe_machine
from benchmarks.tables import Cell, Options, Table

KUMEO = str(Path(sys.executable).parent / "kumeo")
FRAUD = Path(__file__).parents[2] / "examples" / "fraud_detection.kumeo"
PAYMENT = {"tx_id": "t1", "card": "c", "amount": 12.5, "at": "2026-01-01T10:00:00Z"}
GOAL_S = 2.0


class Started(NamedTuple):
    """One run."""

    first_s: float
    """From the start of the process to the first line of the output."""
    total_s: float
    cpu_s: float
    """Of the process and what it has waited for, without the server."""


def main(arguments: list[str]) -> int:
    """Measure and print; the exit code is 1 when the goal is missed."""
    parser = argparse.ArgumentParser(description="Measure the cold start of `kumeo run`.")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--file", type=Path, default=FRAUD)
    given = parser.parse_args(arguments)
    print(json.dumps(describe_machine()))
    runs = [cold_and_warm(given.file) for _ in range(given.runs)]
    for name, found in (("cold", [r[0] for r in runs]), ("warm", [r[1] for r in runs])):
        first, total, cpu = (median(values) for values in zip(*found, strict=True))
        best = min(each.first_s for each in found)
        print(
            f"{name}: first result after {first:.2f} s (best {best:.2f}), end after {total:.2f} s,"
            f" CPU {cpu:.2f} s"
        )
    return int(median(cold.first_s for cold, _ in runs) > GOAL_S)


def measure(options: Options) -> Table:
    """Return the times to the first event out as a table."""
    runs = [cold_and_warm(FRAUD) for _ in range(options.best_of)]
    rows: list[list[Cell]] = []
    for name, found in (("cold", [r[0] for r in runs]), ("warm", [r[1] for r in runs])):
        first, total, cpu = (median(values) for values in zip(*found, strict=True))
        rows.append([name, first, min(each.first_s for each in found), total, cpu])
    columns = ["run", "first event s", "best", "end s", "CPU s"]
    notes = [f"goal: the first event out of a cold run within {GOAL_S} s"]
    return Table("cold-start: kumeo run, one event", columns, rows, notes)


def cold_and_warm(file: Path) -> tuple[Started, Started]:
    """Return a cold run and a warm one after it."""
    with tempfile.TemporaryDirectory() as folder:
        return run_once(file, Path(folder), 1), run_once(file, Path(folder), 2)


def run_once(file: Path, folder: Path, number: int) -> Started:
    """Run with one event and return how long it took."""
    events = folder / f"{number}.jsonl"
    events.write_text(json.dumps(PAYMENT) + "\n", encoding="utf-8")
    command = [KUMEO, "run", str(file), "--input", str(events), "--output", "-", "--quiet"]
    started = time.perf_counter()
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None, "a pipe was asked for"
        line = process.stdout.readline()
        first = time.perf_counter() - started
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if not line or process.returncode != 0:
        raise RuntimeError(f"{' '.join(command)} gave {process.returncode} and {line!r}")
    return Started(first, time.perf_counter() - started, usage.ru_utime + usage.ru_stime)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
