"""Kills a worker at every named step of the protocol, and compares what came out.

    python tests/crash/steps.py [--seed 1] [STEP …]

The processes and the oracle are those of the matrix; the steps are in `stepped.py`. All edges are
kept (`-O0`). Prints one JSON line; the exit code is 1 when something is wrong.
"""

import argparse
import asyncio
import json
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from kumeo_runtime.spec import Workflow
from matrix import FILE, IDLE_S, Matrix, built
from oracle import Payload, events, expected, judge
from processes import HERE, end_by_cleaning_up
from stepped import STEPS

BURST = 40
"""Events that are stored at a time until the step is reached."""
BURSTS = 10
BURST_S = 2.0


class Steps(Matrix):
    """A run in which each step ends a worker once."""

    def __init__(
        self, folder: Path, workflow: Workflow, given: list[Payload], seed: int, steps: list[str]
    ) -> None:
        super().__init__(folder, workflow, given, seed)
        self.steps = steps
        self.missed: list[str] = []
        self._file = folder / "step"
        for each in self.workers:
            each.command[1] = str(HERE / "stepped.py")
            more = {"KUMEO_CRASH_STEP": str(self._file), "KUMEO_CRASH_ATTEMPTS": "99"}
            each.environment = {**each.environment, **more}
            each.pause_s = 0.1

    async def _break(self, faults: int, calm_s: float) -> None:
        for step in self.steps:
            if not await self._die_at(step):
                self.missed.append(step)
            self.last_fault = time.monotonic()
        self.allowed = len(self.given)

    async def _die_at(self, step: str) -> bool:
        done = self._file.with_suffix(".done")
        done.unlink(missing_ok=True)
        few = ("purge", "look", "clean", "letter", "schedule", "aside", "resumed")
        most = 1 if step.split()[-1] in few else 3
        text = f"{step} {random.Random(step).randrange(most)}"
        new = self._file.with_suffix(".new")
        new.write_text(text, encoding="utf-8")
        new.rename(self._file)
        for _ in range(BURSTS):
            self.allowed = min(len(self.given), self.allowed + BURST)
            deadline = time.monotonic() + BURST_S
            while time.monotonic() < deadline:
                if done.exists():
                    self.faults[step] += 1
                    return True
                await asyncio.sleep(0.02)
        self._file.unlink(missing_ok=True)
        return done.exists()


async def whole(folder: Path, workflow: Workflow, seed: int, steps: list[str]) -> dict[str, Any]:
    """Run all steps and return what is to be told."""
    given = events(len(steps) * BURST * 2, seed, 0)
    wanted = expected(FILE, given)
    run = Steps(folder, workflow, given, seed, steps)
    try:
        idle_s = await run.run(0, 0.0)
        made, stall_s = await run.outputs()
        verdict = judge(wanted, given, made, await run.letters())
    finally:
        await run.stop()
    if idle_s < 0:
        verdict.faults.append(f"nothing got done for {IDLE_S} s after the last fault")
    if run.model.needless:
        verdict.faults.append(f"recorded calls were repeated: {run.model.needless[:3]}")
    verdict.faults += [f"step `{step}` was never reached" for step in run.missed]
    return {
        "events": len(given),
        "seed": seed,
        "steps": sum(run.faults.values()),
        **verdict.counts,
        "longest_stall_s": round(stall_s, 1),
        "idle_after_s": round(idle_s, 1),
        "exits": {each.name: each.codes for each in (*run.workers, run.server)},
        "wrong": verdict.faults,
    }


def main(arguments: Sequence[str]) -> int:
    """Run the steps as the arguments say; return 1 when something is wrong."""
    parser = argparse.ArgumentParser(description="Kill a worker at each step of the protocol.")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("steps", nargs="*", metavar="STEP", help=", ".join(STEPS))
    options = parser.parse_args(arguments)
    end_by_cleaning_up()
    folder = Path(tempfile.mkdtemp(prefix="kumeo-steps-"))
    workflow = built(folder, "O0")
    steps: list[str] = options.steps or list(STEPS)
    told = asyncio.run(whole(folder, workflow, options.seed, steps))
    print(json.dumps(told))
    if told["wrong"]:
        print(f"logs are in {folder}", file=sys.stderr)
        return 1
    shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
