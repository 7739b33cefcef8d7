"""`frontend`: from text to verified IR and back, for workflows of growing size.

Each size is measured in a process of its own, so that memory is that of the size alone.
"""

import json
import sys
from collections.abc import Mapping, Sequence

from benchmarks.tables import Cell, Options, Table
from benchmarks.timing import growth_exponent, run_child, timed
from benchmarks.workflows import ModelFiles, workflow_text

SIZES = (10, 100, 1_000, 10_000)
LARGE = 100_000
CHECK = ("parse", "elaborate", "verify")
STEPS: tuple[str, ...] = (*CHECK, "check", "print", "parse IR")
ONCE_FROM = 5_000
"""From this size on one run has to do."""

Costs = dict[str, float]


def measure(options: Options) -> Table:
    """Return the CPU seconds of each step by size, the growth of each, and memory."""
    sizes = (*SIZES, LARGE) if options.large else SIZES
    found = {size: _measure_in_child(size, options.best_of) for size in sizes}
    rows = [_row(size, costs) for size, costs in found.items()]
    growth = {step: _growth(found, step) for step in STEPS}
    rows.append(["growth exponent", *growth.values(), "", ""])
    notes = [
        "check = parse + elaborate + verify, without the start of the process",
        f"growth exponent of check: {growth['check']:.3f} (goal: 1.15 or less)",
        f"check of 1,000 agents: {found[1_000]['check']:.2f} s (goal: 3 s or less)",
    ]
    columns = ["agents", *STEPS, "check, ms per agent", "peak MB"]
    return Table("frontend: CPU seconds by number of agents", columns, rows, notes)


def _row(size: int, costs: Costs) -> list[Cell]:
    times: list[Cell] = [costs.get(step, "-") for step in STEPS]
    return [f"{size:,}", *times, costs["check"] / size * 1000, costs["memory"]]


def _growth(found: Mapping[int, Costs], step: str) -> float:
    costs = {size: costs[step] for size, costs in found.items() if step in costs}
    return growth_exponent(list(costs), list(costs.values()))


def _measure_in_child(size: int, runs: int) -> Costs:
    wanted = 1 if size >= ONCE_FROM else runs
    cost = run_child([sys.executable, "-m", "benchmarks.frontend", str(size), str(wanted)])
    return {**json.loads(cost.output), "memory": cost.memory_mb}


def measure_here(size: int, runs: int) -> Costs:
    """Return the best CPU seconds of each step in this process, which is warm by then."""
    _costs(workflow_text(10), True)
    text = workflow_text(size)
    every = [_costs(text, size < LARGE) for _ in range(runs)]
    return {step: min(costs[step] for costs in every) for step in every[0]}


def _costs(text: str, and_back: bool) -> Costs:
    """Return the CPU seconds of each step; printing and reading IR only with `and_back`."""
    from kumeo.analysis.text import parse_module, print_module
    from kumeo.analysis.verify import verify_module
    from kumeo.diagnostics import Source
    from kumeo.dialects.registry import make_context
    from kumeo.frontend.compile import compile_source
    from kumeo.frontend.parser import parse

    files, source = ModelFiles(), Source("generated.kumeo", text)
    parsing, _ = timed(lambda: parse(source))
    compiling, compiled = timed(lambda: compile_source(source, files))
    module = compiled.module
    assert module is not None, [each.headline for each in compiled.diagnostics[:5]]
    verifying, faults = timed(lambda: verify_module(module))
    assert not faults, faults[0].headline
    # Compiling parses once more: what is left is elaboration.
    check = (parsing, compiling - parsing, verifying, compiling + verifying)
    costs: Costs = dict(zip(STEPS, check, strict=False))
    if and_back:
        costs["print"], printed = timed(lambda: print_module(module))
        costs["parse IR"], _ = timed(lambda: parse_module(printed, "a.mlir", make_context()))
    return costs


def main(arguments: Sequence[str]) -> int:
    """Measure one size and print the numbers as JSON: this is the child process."""
    size, runs = (int(argument) for argument in arguments)
    print(json.dumps(measure_here(size, runs)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
