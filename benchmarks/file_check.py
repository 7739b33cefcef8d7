"""`filecheck`: the suite of `tests/filecheck`, run in one process as `make test` does."""

import re
import sys
from pathlib import Path

from benchmarks.tables import Cell, Options, Table
from benchmarks.timing import run_child

ROOT = Path(__file__).parent.parent
_SUFFIXES = (".mlir", ".kumeo")


def measure(options: Options) -> Table:
    """Return the CPU seconds of the suite, start of pytest included."""
    test = str(ROOT / "tests" / "test_filecheck.py")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:xdist", "-p", "no:cacheprovider"]
    # Exit code 1: a case fails. That is no matter here, but the notes tell it.
    cost = min(run_child([*command, test], accept=(0, 1)) for _ in range(options.best_of))
    counts = {word: int(n) for n, word in re.findall(r"(\d+) (passed|failed|skipped)", cost.output)}
    files, cases = count_cases()
    shown = ", ".join(f"{count} {word}" for word, count in counts.items())
    row: list[Cell] = [files, cases, cost.cpu_s, cost.cpu_s / cases * 1000, cost.memory_mb]
    notes = [f"{shown}; goal: 150 cases or more within 10 s"]
    columns = ["files", "cases", "CPU s", "ms per case", "peak MB"]
    return Table("filecheck: the suite in one process", columns, [row], notes)


def count_cases() -> tuple[int, int]:
    """Return how many files are run and how many cases they hold; `// -----` splits a file."""
    found = [p for p in (ROOT / "tests" / "filecheck").rglob("*") if p.suffix in _SUFFIXES]
    texts = [text for path in found if "RUN:" in (text := path.read_text("utf-8"))]
    return len(texts), sum(1 + text.count("\n// -----") for text in texts)
