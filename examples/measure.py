"""Measures an example: the same events without (`-O1`) and with (`-O2`) one graph for its models.

    python examples/measure.py FOLDER/flow.kumeo EVENTS.jsonl [--rate N]

Runs the workflow four times on the embedded server: at full speed for events per second, and at a
fixed rate for the latency of an event, from when it is stored to when its result is. Then compares
what both levels say. Numbers may differ by 1e-6, anything else not at all.
"""

import argparse
import json
import math
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

KUMEO = Path(sys.executable).with_name("kumeo")
TOLERANCE = 1e-6
RATE_EVENTS = 300
"""Events that are sent at a fixed rate; more would only take longer."""


def run(flow: Path, events: Path, level: str, folder: Path, rate: float | None = None) -> str:
    """Run a workflow to its end and return what it tells about itself; results go to `folder`."""
    output = folder / f"{level}.jsonl"
    output.unlink(missing_ok=True)
    command = [str(KUMEO), "run", str(flow), f"-{level}", "--input", str(events)]
    state = folder / f"state-{level}-{rate}"
    command += ["--output", str(output), "--state", str(state)]
    command += ["--rate", str(rate)] if rate else []
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}\n{done.stderr}")
    return done.stderr


def results_of(path: Path) -> list[tuple[str, Any]]:
    """Return the results of a run, in an order that does not depend on time."""
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return sorted(((m["target"], m["value"]) for m in lines), key=lambda pair: _key(pair[1]))


def _key(value: dict[str, Any]) -> str:
    return str(next(iter(value.values())))


def is_same(left: Any, right: Any) -> bool:
    """Say whether two results are equal, numbers up to the tolerance."""
    if isinstance(left, float) and isinstance(right, float):
        return math.isclose(left, right, rel_tol=TOLERANCE, abs_tol=TOLERANCE)
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(is_same(v, right[k]) for k, v in left.items())
    if isinstance(left, list | tuple) and isinstance(right, list | tuple):
        return len(left) == len(right) and all(map(is_same, left, right))
    return bool(left == right)


def measure(flow: Path, events: Path, rate: float = 100.0) -> list[str]:
    """Return what was measured, line by line. Raises: SystemExit if a run fails."""
    lines: list[str] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        some = folder / "some.jsonl"
        head = events.read_text(encoding="utf-8").splitlines(keepends=True)[:RATE_EVENTS]
        some.write_text("".join(head), encoding="utf-8")
        for level in ("O1", "O2"):
            told = run(flow, some, level, folder, rate)
            latency = re.search(r"latency: (.*)", told)
            speed = re.search(r"\(([\d,.]+/s)\)", run(flow, events, level, folder))
            shown = latency[1] if latency else "not told"
            most = speed[1] if speed else "not told"
            lines.append(f"-{level}: latency {shown} at {rate:g} events/s; {most} at most")
        left, right = (results_of(folder / f"{level}.jsonl") for level in ("O1", "O2"))
    differ = sum(not is_same(a, b) for a, b in zip(left, right, strict=False))
    differ += abs(len(left) - len(right))
    lines.append(f"{len(left):,} results, {differ:,} differ between -O1 and -O2")
    return lines


def main() -> None:
    """Print what was measured."""
    parser = argparse.ArgumentParser(description="Measure an example.")
    parser.add_argument("flow", type=Path)
    parser.add_argument("events", type=Path)
    parser.add_argument("--rate", type=float, default=100.0)
    chosen = parser.parse_args()
    print("\n".join(measure(chosen.flow, chosen.events, chosen.rate)))


if __name__ == "__main__":
    main()
