"""`passes`: what each registered pass costs, and whole pipelines, on workflows of growing size.

Passes are taken from the registry as they are, so a new one is measured without a change here. One
that has to be told something (an option without default) is left out. The module is made anew for
each run: it is read from the text of `benchmarks/workflows.py`. A pass that refuses it gets it
split, then as messages, then with subjects.

The growth is fitted over the sizes that take at least `FIT_FROM_S`: below that, what a pass does
once, and the clock, weigh more than the agents. Short runs on small modules are repeated, and the
best one counts.
"""

import gc
import json
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import MISSING
from typing import TYPE_CHECKING, Any

from benchmarks.tables import Cell, Options, Table
from benchmarks.timing import growth_exponent, run_child, timed
from benchmarks.workflows import ModelFiles, workflow_text

if TYPE_CHECKING:
    from xdsl.dialects.builtin import ModuleOp

    from kumeo.passes.resolve import Step

SIZES = (100, 1_000, 10_000)
LEVELS = ("O1", "O2")
LOWERING = ("split-stages", "agent-fuse,place-services,convert-to-messaging", "assign-subjects")
"""What makes each form of a module from the one before."""
WHOLE = tuple(f"-{level}, {how}" for level in LEVELS for how in ("verified", "not verified"))
ONCE_FROM = 5_000
"""From this size on one run has to do, and nothing is verified in between."""
GOAL_GROWTH, GOAL_VERIFIED_S, GOAL_PLAIN_S = 1.15, 6.0, 3.0

FIT_FROM_S = 0.02
REPEATS = ((0.02, 9), (0.5, 3))
"""So many runs, at least, while the best takes less than so many seconds."""

Costs = dict[str, float]


def measure(options: Options) -> Table:
    """Return the CPU seconds of each pass and pipeline by size, and how they grow."""
    found = {size: _measure_in_child(size, options.best_of) for size in SIZES}
    names = list(found[SIZES[0]])
    rows: list[list[Cell]] = [
        [name, *(found[size].get(name, "-") for size in SIZES), _growth(found, name)]
        for name in names
    ]
    columns = ["pass", *(f"{size:,} agents" for size in SIZES), "growth exponent"]
    return Table("passes: CPU seconds by number of agents", columns, rows, _notes(found, names))


def _notes(found: Mapping[int, Costs], names: Sequence[str]) -> list[str]:
    slow = [name for name in names if isinstance(g := _growth(found, name), float) if g > 1.15]
    verified, plain = (found[1_000][f"-O2, {how}"] for how in ("verified", "not verified"))
    return [
        f"growth above the goal of {GOAL_GROWTH}: {', '.join(slow) or 'none'}",
        f"-O2 of 1,000 agents, verified after each pass: {verified:.2f} s (goal {GOAL_VERIFIED_S})",
        f"-O2 of 1,000 agents, not verified: {plain:.2f} s (goal {GOAL_PLAIN_S})",
        "each pass runs on the module as it is written; -O1 and -O2 run their passes in a row",
    ]


def _growth(found: Mapping[int, Costs], name: str) -> float | str:
    """Return the growth over the sizes that take long enough to tell; those are two at least."""
    costs = {size: costs[name] for size, costs in found.items() if costs.get(name, 0) > FIT_FROM_S}
    return growth_exponent(list(costs), list(costs.values())) if len(costs) > 1 else "-"


def _measure_in_child(size: int, runs: int) -> Costs:
    wanted = 1 if size >= ONCE_FROM else runs
    cost = run_child([sys.executable, "-m", "benchmarks.passes", str(size), str(wanted)])
    costs: Costs = json.loads(cost.output)
    return costs


def measure_here(size: int, runs: int, chosen: Sequence[str] = ()) -> Costs:
    """Return the best CPU seconds of each pass and pipeline in this process."""
    from kumeo.passes.pipelines import pipeline_text

    forms = _Forms(module_of(size))
    costs: Costs = {}
    for name in chosen or pass_names():
        costs[name] = _best(runs, forms, name, verified=False)
    for label in () if chosen else WHOLE:
        level, how = label[1:].split(", ")
        if how == "verified" and size >= ONCE_FROM:
            # The goal is about 1,000 agents, and this would take minutes.
            continue
        text = pipeline_text(level)
        costs[label] = _best(runs, forms, text, verified=how == "verified")
    return costs


def module_of(size: int) -> "ModuleOp":
    """Return the module of a generated workflow."""
    from kumeo.diagnostics import Source
    from kumeo.frontend.compile import compile_source

    compiled = compile_source(Source("generated.kumeo", workflow_text(size)), ModelFiles())
    assert compiled.module is not None, [each.headline for each in compiled.diagnostics[:5]]
    return compiled.module


def pass_names() -> list[str]:
    """Return the registered passes that need no option."""
    from kumeo.passes.options import option_fields
    from kumeo.passes.registry import PASSES

    def is_free(field: Any) -> bool:
        return field.default is not MISSING or field.default_factory is not MISSING

    return [name for name, load in PASSES.items() if all(map(is_free, option_fields(load())))]


class _Forms:
    """A module as written and further lowered, as far as somebody asks; none is changed later."""

    def __init__(self, written: "ModuleOp") -> None:
        self._made = [written]

    def __iter__(self) -> Iterator["ModuleOp"]:
        for index in range(len(LOWERING) + 1):
            if index == len(self._made):
                copy = self._made[-1].clone()
                refused = _run(copy, _steps(LOWERING[index - 1]), None)
                assert not refused, LOWERING[index - 1]
                self._made.append(copy)
            yield self._made[index]


def _best(runs: int, forms: _Forms, pipeline: str, *, verified: bool) -> float:
    from kumeo.analysis.verify import verify_module

    verify = verify_module if verified else None
    costs: list[float] = []
    # A module of `ONCE_FROM` agents is made anew for longer than most passes run on it.
    while len(costs) < (max(runs, _repeats(costs)) if runs > 1 else 1):
        costs.append(_cost(forms, _steps(pipeline), verify))
    return min(costs)


def _repeats(costs: Sequence[float]) -> int:
    """Return how many runs are wanted after some that took so long."""
    return next((wanted for limit, wanted in REPEATS if min(costs, default=limit) < limit), 1)


def _cost(forms: _Forms, steps: "Sequence[Step]", verify: Any) -> float:
    """Return the CPU seconds on the first form of the module that no pass refuses."""
    for module in forms:
        copy = module.clone()
        gc.collect()
        seconds, refused = timed(lambda copy=copy: _run(copy, steps, verify))
        if not refused:
            return seconds
    raise AssertionError(f"refused at every level: {', '.join(step.name for step in steps)}")


def _steps(pipeline: str) -> "Sequence[Step]":
    from kumeo.passes.registry import PASSES
    from kumeo.passes.resolve import PassTable, resolve

    def find(name: str) -> Any:
        return PASSES[name]() if name in PASSES else None

    def any_op(name: str) -> tuple[bool, str | None]:
        return True, None

    steps, found = resolve(pipeline, PassTable(find, lambda: PASSES, any_op))
    assert not found, found[0].headline
    return steps


def _run(module: "ModuleOp", steps: "Sequence[Step]", verify: Any) -> bool:
    """Run passes as `kumeo-opt` does; return whether one of them refused the module."""
    from kumeo.dialects.registry import make_context
    from kumeo.passes.manager import Manager
    from kumeo.passes.timing import Timer
    from kumeo.tools.session import deep_stack

    with deep_stack():
        outcome = Manager(make_context(), Timer(time.perf_counter), verify).run(steps, module)
    assert outcome.crash is None, repr(outcome.crash)
    return outcome.failed is not None


def main(arguments: Sequence[str]) -> int:
    """Measure one size and print the numbers as JSON: this is the child process."""
    size, runs, *chosen = arguments
    print(json.dumps(measure_here(int(size), int(runs), chosen)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
