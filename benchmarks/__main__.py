"""Measures the benchmarks and prints one table for each.

python -m benchmarks                         # all
python -m benchmarks frontend start-up       # these
python -m benchmarks --best-of 5 --json FILE
python -m benchmarks frontend --large        # also 100,000 agents; takes minutes
"""

import argparse
import json
import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path

from benchmarks.machine import describe_machine
from benchmarks.tables import Options, Table

BENCHMARKS: Mapping[str, str] = {
    "start-up": "benchmarks.start_up",
    "frontend": "benchmarks.frontend",
    "symbols": "benchmarks.symbols",
    "passes": "benchmarks.passes",
    "filecheck": "benchmarks.file_check",
    "llm-calls": "benchmarks.llm_calls",
    "llm-overhead": "benchmarks.talking.llm_overhead",
    "trees": "benchmarks.inference.trees",
    "infer-decisions": "benchmarks.inference.decisions",
    "infer-tables": "benchmarks.inference.decision_tables",
    "infer-batching": "benchmarks.inference.batching",
    "networks": "benchmarks.inference.networks",
    "network-accuracy": "benchmarks.inference.network_accuracy",
    "network-limits": "benchmarks.inference.network_limits",
    "infer-chain": "benchmarks.inference.chain",
    "in-process": "benchmarks.delivery.in_process",
    "hops": "benchmarks.delivery.hops",
    "latency": "benchmarks.delivery.latency",
    "cold-start": "benchmarks.delivery.cold_start",
    "memory": "benchmarks.delivery.memory",
    "answers": "benchmarks.talking.answers",
    "knowledge": "benchmarks.talking.knowledge",
    "human-tasks": "benchmarks.talking.human_tasks",
}


def main(arguments: list[str]) -> int:
    """Run the chosen benchmarks; return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description="Measure what Kumeo costs."
    )
    parser.add_argument("names", nargs="*", choices=[[], *BENCHMARKS], help="all when left out")
    parser.add_argument("--best-of", type=int, default=3, metavar="N", help="runs of each")
    parser.add_argument("--large", action="store_true", help="also the sizes that take minutes")
    parser.add_argument("--reference", metavar="SCRIPT", help="what `hops` is compared with")
    parser.add_argument("--minutes", type=float, default=0.3, help="how long `memory` takes")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the numbers here, too")
    given = parser.parse_args(arguments)
    options = Options(max(1, given.best_of), given.large, given.reference, given.minutes)
    machine = describe_machine()
    for key, value in machine.items():
        print(f"{key + ':':10} {value}")
    tables: dict[str, Table] = {}
    for name in given.names or BENCHMARKS:
        measure: Callable[[Options], Table] = import_module(BENCHMARKS[name]).measure
        tables[name] = measure(options)
        print(f"\n{tables[name].to_text()}", flush=True)
    if given.json is not None:
        results = {name: table.to_json() for name, table in tables.items()}
        text = json.dumps({"machine": machine, "benchmarks": results}, indent=2)
        given.json.write_text(text + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
