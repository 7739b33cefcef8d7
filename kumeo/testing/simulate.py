"""Seeded schedules of delivery: does a workflow still do what it means under faults?

    python -m kumeo.testing.simulate 10000 --seed 1                     random workflows
    python -m kumeo.testing.simulate 500 examples/fraud_detection.kumeo
    python -m kumeo.testing.simulate 50 --variant no-lease orders.kumeo  a broken protocol

Each module is lowered to the level `messaging` and run under many schedules. The first schedule
that goes wrong is reduced and printed step by step; its seed repeats it.
"""

import argparse
import multiprocessing
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

from xdsl.dialects.builtin import ModuleOp

from kumeo.analysis.levels import level_of
from kumeo.diagnostics import has_errors, render_text
from kumeo.frontend.collector import without_gc
from kumeo.interp.messaging.program import Prepared
from kumeo.interp.messaging.reduce import reduce_scenario
from kumeo.interp.messaging.rules import RIGHT, VARIANTS, Rules
from kumeo.interp.messaging.simulation import Outcome, scenario_of, simulate
from kumeo.passes.manager import Manager
from kumeo.passes.pipelines import pipeline_text
from kumeo.passes.resolve import PassTable, resolve
from kumeo.passes.timing import Timer
from kumeo.testing.generator import random_module
from kumeo.tools.catalog import Catalog, make_catalog
from kumeo.tools.io import read_input
from kumeo.tools.session import parse_input

TRACE_MAX = 200


@dataclass(frozen=True)
class Job:
    """What is simulated."""

    files: tuple[str, ...] = ()
    """Files of workflows; without any, random modules."""
    level: str = "O2"
    size: int = 8
    each: int = 40
    """Schedules of one random module."""
    variant: str | None = None

    @property
    def rules(self) -> Rules:
        """The rules of delivery."""
        return RIGHT if self.variant is None else VARIANTS[self.variant].rules

    @property
    def changes(self) -> Mapping[str, Any]:
        """What all schedules have in common."""
        return {} if self.variant is None else VARIANTS[self.variant].scenario


class Failed(NamedTuple):
    """A schedule with a violation."""

    where: str
    seed: int
    violations: tuple[str, ...]
    trace: tuple[str, ...]


class Done(NamedTuple):
    """A chunk of schedules."""

    number: int
    steps: int
    failed: Failed | None = None


def load(path: str, level: str = "O2") -> Prepared:
    """Return the workflow of a file, ready to simulate. Exits with a message for a bad file."""
    catalog = _catalog()
    given, found = read_input(path, None, "")
    module = None
    if given is not None:
        module, problems = parse_input(given, catalog)
        found = (*found, *problems)
    if module is None:
        sys.exit(render_text(list(found)))
    return Prepared(module if level_of(module) == "messaging" else lowered(module, level))


def lowered(module: ModuleOp, level: str = "O2") -> ModuleOp:
    """Return a module after the pipeline to the level `messaging`; the same object."""
    catalog = _catalog()
    table = PassTable(catalog.find_pass, catalog.pass_names, catalog.nearest_op)
    steps, found = resolve(pipeline_text(level, "messaging"), table)
    outcome = Manager(catalog.ctx, Timer(time.perf_counter)).run(steps, module)
    problems = [*found, *outcome.diagnostics]
    if has_errors(problems):
        sys.exit(render_text(problems))
    return module


@cache
def _catalog() -> Catalog:
    return make_catalog()


@cache
def _of_file(path: str, level: str) -> Prepared:
    with without_gc():
        return load(path, level)


def check_seed(job: Job, prepared: Prepared, seed: int) -> Outcome:
    """Run the schedule of a seed."""
    return simulate(prepared, scenario_of(seed, **job.changes), job.rules)


def _run_chunk(chunk: tuple[Job, range]) -> Done:
    """Run schedules: of each file in turn, or of one random module."""
    job, seeds = chunk
    steps = 0
    random_one = None
    if not job.files:
        with without_gc():
            random_one = Prepared(lowered(random_module(seeds[0], job.size), job.level))
    for seed in seeds:
        path = job.files[seed % len(job.files)] if job.files else f"random module {seeds[0]}"
        prepared = random_one or _of_file(path, job.level)
        outcome = check_seed(job, prepared, seed)
        steps += outcome.steps
        if outcome.violations:
            return Done(seed - seeds[0] + 1, steps, _explain(job, prepared, path, outcome))
    return Done(len(seeds), steps)


def _explain(job: Job, prepared: Prepared, where: str, outcome: Outcome) -> Failed:
    small = reduce_scenario(prepared, outcome, job.rules)
    trace = (str(small.scenario), *small.trace[-TRACE_MAX:], *small.violations)
    return Failed(where, outcome.scenario.seed, outcome.violations, trace)


def check_many(job: Job, seeds: range, processes: int) -> Iterator[Done]:
    """Yield what came of each chunk of seeds."""
    chunks = [(job, seeds[i : i + job.each]) for i in range(0, len(seeds), job.each)]
    if processes == 1:
        yield from map(_run_chunk, chunks)
        return
    with multiprocessing.get_context("fork").Pool(processes) as pool:
        yield from pool.imap_unordered(_run_chunk, chunks)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line; 1 when a schedule goes wrong."""
    options = _parser().parse_args(arguments)
    job = Job(tuple(options.files), options.level, options.size, options.each, options.variant)
    for path in job.files:
        _of_file(path, job.level)
    start, count, steps = time.perf_counter(), 0, 0
    seeds = range(options.seed, options.seed + options.count)
    for done in check_many(job, seeds, options.processes):
        count, steps = count + done.number, steps + done.steps
        rate = count / (time.perf_counter() - start)
        sys.stderr.write(f"\r{count} of {options.count} schedules, {rate:.0f} a second ")
        if done.failed is not None:
            sys.stderr.write("\n")
            print_failed(done.failed)
            return 1
    sys.stderr.write(f"\nno violation (seed {options.seed}, {steps} steps)\n")
    return 0


def print_failed(failed: Failed) -> None:
    """Print a schedule that went wrong, reduced, step by step."""
    print(f"seed {failed.seed} of {failed.where}: {'; '.join(failed.violations)}")
    print("a simpler schedule that fails alike:")
    for line in failed.trace:
        print(f"  {line}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m kumeo.testing.simulate", description=__doc__)
    add = parser.add_argument
    add("count", type=int, nargs="?", default=1000, help="how many schedules")
    add("files", nargs="*", help="workflows; without any, random ones")
    add("--seed", type=int, default=0, help="seed of the first schedule; the others follow")
    add("--level", default="O2", choices=("O0", "O1", "O2"), help="how modules are lowered")
    add("--size", type=int, default=8, help="statements in a random module")
    add("--each", type=int, default=40, help="schedules of one random module")
    add("--variant", choices=sorted(VARIANTS), help="break one rule of the protocol")
    add("--processes", type=int, default=2)
    return parser


if __name__ == "__main__":
    sys.exit(main())
