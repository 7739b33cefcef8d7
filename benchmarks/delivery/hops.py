"""`hops`: built workflows on the engine that ships and a real server, beside a reference script.

Each turn runs all of them once on a fresh server, so load of the machine hits all alike: ratios
count. Every run checks that each event made one output and that nothing stays open.
"""

import asyncio
from statistics import median

from kumeo_runtime.service import tune_interpreter

from benchmarks.delivery.engine import DURABILITY, Rate, run_backlog, versions
from benchmarks.delivery.hop import reference_rate, running_server
from benchmarks.delivery.packages import built, payments
from benchmarks.tables import Cell, Options, Table

FLOWS = {
    "one stage, one hop": ("one stage", "O2", 24_000),
    "five stages fused, one hop": ("five stages", "O2", 24_000),
    "five agents, five hops": ("five hops", "O0", 8_000),
}
ONE, FUSED, FIVE = FLOWS
REFERENCES = {"reference, one hop": (24_000, 1), "reference, five hops": (8_000, 5)}
REFERENCE, REFERENCE_FIVE = REFERENCES
RATIOS = (
    (ONE, REFERENCE, 0.85),
    (FUSED, REFERENCE, 0.85),
    (FUSED, ONE, 0.85),
    (FIVE, REFERENCE_FIVE, 0.85),
)


def measure(options: Options) -> Table:
    """Return rates, processor time, and the ratios that are promised."""
    data = payments(24_000)
    flows = {name: built(flow, passes) for name, (flow, passes, _) in FLOWS.items()}
    tune_interpreter()
    turns: dict[str, list[Rate]] = {}
    for _ in range(options.best_of):
        for name, workflow in flows.items():
            with running_server() as url:
                rate = asyncio.run(run_backlog(workflow, url, data[: FLOWS[name][2]]))
            turns.setdefault(name, []).append(rate)
        for name, (events, hops) in REFERENCES.items() if options.reference else ():
            rate = reference_rate(str(options.reference), events, hops)
            turns.setdefault(name, []).append(Rate(rate, 0.0))
    best = {name: max(found) for name, found in turns.items()}
    rows: list[list[Cell]] = [
        [name, round(rate.events_per_s), round(middle(turns[name])), shown_us(turns[name])]
        for name, rate in best.items()
    ]
    columns = ["run", "best events/s", "median", "client µs per event"]
    title = f"hops: 1 KiB events on JetStream, best of {options.best_of}"
    return Table(title, columns, rows, [*ratios(best), DURABILITY, versions()])


def ratios(best: dict[str, Rate]) -> list[str]:
    """Return a sentence for each ratio that has both sides."""
    return [
        f"{ours} / {theirs}: {best[ours].events_per_s / best[theirs].events_per_s:.2f}"
        f" (goal {goal})"
        for ours, theirs, goal in RATIOS
        if theirs in best
    ]


def middle(rates: list[Rate]) -> float:
    """Return the median rate."""
    return median(rate.events_per_s for rate in rates)


def shown_us(rates: list[Rate]) -> str:
    """Return the least processor time; the reference tells none."""
    least = min(rate.cpu_us for rate in rates)
    return f"{least:.1f}" if least else ""
