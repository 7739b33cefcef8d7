"""Random modules through a pipeline: does each still mean what it meant?

    python -m kumeo.testing.fuzz 10000 --seed 1 --pipeline O2+numeric

Each module is made from its own seed, so one number repeats a failure. Only the input and the
output of the pipeline are compared; when they differ, the module runs again with a check after
each pass, which names the guilty one. The first failure is saved, reduced, and ends the run.
"""

import argparse
import multiprocessing
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import NamedTuple

from xdsl.dialects.builtin import ModuleOp

from kumeo.analysis.text import print_module
from kumeo.analysis.verify import verify_module
from kumeo.diagnostics import Diagnostic, has_errors, render_text
from kumeo.frontend.collector import without_gc
from kumeo.interp.oracle import Oracle, make_trials
from kumeo.passes.files import reading
from kumeo.passes.manager import Manager
from kumeo.passes.pipelines import PIPELINES, pipeline_text
from kumeo.passes.resolve import PassTable, Step, resolve
from kumeo.passes.timing import Timer
from kumeo.testing.generator import random_files, random_module
from kumeo.tools.catalog import Catalog, make_catalog
from kumeo.tools.reduce import reduce_module, size_of
from kumeo.tools.reduce.main import meaning_changes
from kumeo.tools.semantics import SemanticsCheck, rounds_of

PIPELINE = "O2+numeric"
"""All passes of `-O2`, and those that make numeric programs behind them."""

CHUNK = 25
"""Modules that a process takes at a time."""


@dataclass(frozen=True)
class Job:
    """What is done with each module."""

    pipeline: str = PIPELINE
    size: int = 15
    events: int = 8
    trials: int = 1
    """More modules find more than more trials: the failures of a trial follow from the seed."""


class Failure(NamedTuple):
    """A module that a pipeline broke."""

    seed: int
    report: str
    """What `kumeo-opt` says about it."""


def check_seed(job: Job, seed: int) -> Failure | None:
    """Return what the pipeline breaks in the module of one seed, or None."""
    catalog, steps = _prepared(job.pipeline)
    return check_steps(catalog, steps, job, seed)


def check_steps(catalog: Catalog, steps: Sequence[Step], job: Job, seed: int) -> Failure | None:
    """Return what some passes break in the module of one seed, or None."""
    read_file = random_files(seed)
    with without_gc(), reading(read_file):
        module = random_module(seed, job.size)
        trials = make_trials(module, job.events, seed, job.trials)
        known = [replace(t, world=replace(t.world, read_file=read_file)) for t in trials]
        oracle = Oracle(module, trials=tuple(known))
        if _is_kept(catalog, steps, oracle, module):
            return None
        found = explain(catalog, steps, job, seed)
    # A pass that means to change what workflows do leaves a difference, but nothing to tell.
    return Failure(seed, render_text(found)) if found else None


def _is_kept(catalog: Catalog, steps: Sequence[Step], oracle: Oracle, module: ModuleOp) -> bool:
    outcome = Manager(catalog.ctx, Timer(time.perf_counter)).run(steps, module)
    if has_errors(outcome.diagnostics) or verify_module(module):
        return False
    rounds = max(map(rounds_of, steps), default=0.0)
    return oracle.check(module, reduce=False, rounds=rounds) is None


def explain(catalog: Catalog, steps: Sequence[Step], job: Job, seed: int) -> list[Diagnostic]:
    """Return what a check after each pass says about the module of a seed."""
    check = SemanticsCheck(job.events, seed, job.trials)
    manager = Manager(catalog.ctx, Timer(time.perf_counter), verify_module, (), check)
    outcome = manager.run(steps, random_module(seed, job.size))
    return [found for found in outcome.diagnostics if has_errors([found])]


@cache
def _prepared(pipeline: str) -> tuple[Catalog, tuple[Step, ...]]:
    catalog = make_catalog()
    level, _, lower_to = pipeline.removeprefix("-").partition("+")
    text = pipeline_text(level, lower_to or "workflow") if level in PIPELINES else pipeline
    table = PassTable(catalog.find_pass, catalog.pass_names, catalog.nearest_op)
    steps, found = resolve(text, table)
    if found:
        sys.exit(render_text(found))
    return catalog, steps


def check_many(job: Job, seeds: range, processes: int) -> Iterator[tuple[int, Failure | None]]:
    """Yield, for each chunk of seeds that is done, its size and the first failure in it."""
    chunks = [(job, seeds[i : i + CHUNK]) for i in range(0, len(seeds), CHUNK)]
    if processes == 1:
        yield from map(_check_chunk, chunks)
        return
    with multiprocessing.get_context("fork").Pool(processes) as pool:
        yield from pool.imap_unordered(_check_chunk, chunks)


def _check_chunk(chunk: tuple[Job, range]) -> tuple[int, Failure | None]:
    job, seeds = chunk
    for seed in seeds:
        failure = check_seed(job, seed)
        if failure is not None:
            return len(seeds), failure
    return len(seeds), None


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line; 1 when a module is broken."""
    options = _parser().parse_args(arguments)
    job = Job(options.pipeline, options.size, options.events, options.trials)
    _prepared(job.pipeline)
    start, done = time.perf_counter(), 0
    seeds = range(options.seed, options.seed + options.count)
    for count, failure in check_many(job, seeds, options.processes):
        done += count
        rate = done / (time.perf_counter() - start)
        sys.stderr.write(f"\r{done} of {options.count} modules, {rate:.0f} a second ")
        if failure is not None:
            sys.stderr.write("\n")
            return _report(job, failure, Path(options.save))
    sys.stderr.write(f"\n{job.pipeline}: no difference (seed {options.seed})\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m kumeo.testing.fuzz", description=__doc__)
    add = parser.add_argument
    add("count", type=int, nargs="?", default=1000, help="how many modules")
    add("--seed", type=int, default=0, help="seed of the first module; the others follow")
    add("--pipeline", default=PIPELINE, help="O1, O2, O2+LEVEL, or passes as kumeo-opt takes them")
    add("--size", type=int, default=15, help="statements in a module")
    add("--events", type=int, default=8, help="events in a trial")
    add("--trials", type=int, default=1, help="trials for each module")
    add("--processes", type=int, default=2)
    add("--save", default="fuzz-failure.mlir", help="file for the first module that is broken")
    return parser


def _report(job: Job, failure: Failure, path: Path) -> int:
    """Save the failing module, and a small one that fails alike."""
    module = random_module(failure.seed, job.size)
    path.write_text(print_module(module, False, False), "utf-8")
    sys.stderr.write(f"seed {failure.seed} is broken; the module is in {path}\n{failure.report}")
    catalog, steps = _prepared(job.pipeline)
    fails = meaning_changes(catalog, steps, job.events, failure.seed, job.trials)
    with reading(random_files(failure.seed)):
        small = reduce_module(module, fails) if fails(module.clone()) else None
    if small is not None:
        small_path = path.with_suffix(".small.mlir")
        small_path.write_text(print_module(small, False, False), "utf-8")
        sys.stderr.write(f"{small_path} is the same failure with {size_of(small)[2]} ops\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
