"""`start-up`: what a tool costs before it does any work, against Python and `xdsl-opt`."""

import sys
import tempfile
from pathlib import Path

from benchmarks.tables import Cell, Options, Table
from benchmarks.timing import best_children
from benchmarks.workflows import ModelFiles, workflow_text

BIN = Path(sys.executable).parent


def measure(options: Options) -> Table:
    """Return the CPU seconds of each command, and its ratio to `xdsl-opt`."""
    with tempfile.TemporaryDirectory() as folder:
        commands = _commands(Path(folder))
        # Starting is short: more runs cost little and find a quiet moment.
        found = best_children(commands, 4 * options.best_of)
    base = found["xdsl-opt, empty module"].cpu_s
    rows: list[list[Cell]] = [[name, cost.cpu_s, cost.cpu_s / base] for name, cost in found.items()]
    ratio = found["kumeo-opt, empty module"].cpu_s / base
    check = found["kumeo check, 10 agents"].cpu_s
    notes = [
        f"kumeo-opt / xdsl-opt: {ratio:.2f} (goal: 1.3 or less)",
        f"kumeo check of 10 agents: {check:.2f} s (goal: 0.6 s or less)",
    ]
    columns = ["command", "CPU s", "to xdsl-opt"]
    return Table("start-up: CPU seconds of whole processes", columns, rows, notes)


def _commands(folder: Path) -> dict[str, list[str]]:
    """Return the commands by name, with the files that they read in `folder`."""
    empty, small = folder / "empty.mlir", folder / "small.kumeo"
    empty.write_text("builtin.module {\n}\n", encoding="utf-8")
    small.write_text(workflow_text(10), encoding="utf-8")
    for name, data in ModelFiles().content.items():
        (folder / name).write_bytes(data)
    kumeo, kumeo_opt = str(BIN / "kumeo"), str(BIN / "kumeo-opt")
    return {
        "python -c pass": [sys.executable, "-c", "pass"],
        "python -c 'import xdsl.ir'": [sys.executable, "-c", "import xdsl.ir"],
        "xdsl-opt, empty module": [str(BIN / "xdsl-opt"), str(empty)],
        "kumeo-opt, empty module": [kumeo_opt, str(empty)],
        "kumeo --version": [kumeo, "--version"],
        "kumeo fmt --check, 10 agents": [kumeo, "fmt", "--check", str(small)],
        "kumeo check, 10 agents": [kumeo, "check", str(small)],
    }
