"""How much of a model's throughput a service keeps: `InferModel` against runs of ready batches.

    python -m benchmarks infer-batching
    python -m benchmarks.inference.batching --rows 40000 --callers 512

*Offline* calls `session.run` of ONNX Runtime on batches that lie ready as arrays, and takes the
best batch size. The *service* is the real `InferModel`: so many callers at once, each of which
calls it with plain Python numbers, waits for its record and calls again. Both run the same graph,
in turns, in one process, with one thread for the model.

`share` is the throughput of the service divided by that of offline, by the clock: the loop answers
callers while the next batch runs, so it needs two free cores. `CPU share` divides by CPU seconds
instead: all that callers and batches cost counts against the model. `batch share` looks at the
batches alone: rows per second inside of runs, against offline; it tells whether batches are large
enough.
"""

import argparse
import asyncio
import tempfile
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from kumeo_runtime.agents import InferModel, Resources
from kumeo_runtime.service import tune_interpreter
from kumeo_runtime.testing.calls import MemoryCall
from kumeo_runtime.values import Record

from benchmarks.inference.forests import FEATURES, GRAPHS, rows
from benchmarks.tables import Cell, Options, Table

SIZES = (64, 256, 512, 1024)
GOAL = 0.85


class Number(Record):
    """The result of every graph here."""

    y: float


class Rate(NamedTuple):
    """Rows per second: by the clock, by CPU time, and inside of runs."""

    clock: float
    cpu: float
    runs: float = 0.0
    batch: float = 0.0


def measured(work: Callable[[], int]) -> Rate:
    """Return how many rows per second some work does."""
    begun, cpu = time.perf_counter(), time.process_time()
    number = work()
    return Rate(number / (time.perf_counter() - begun), number / (time.process_time() - cpu))


class Offline:
    """A session that is given ready batches."""

    def __init__(self, data: bytes) -> None:
        onnxruntime: Any = import_module("onnxruntime")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self._session: Any = onnxruntime.InferenceSession(data, options)
        self._columns = rows().T.copy()
        self._names = [each.name for each in self._session.get_inputs()]

    def best(self, number: int) -> Rate:
        """Return the rates of the batch size that is the fastest."""
        found = [measured(lambda size=size: self._run(size, number)) for size in SIZES]
        return Rate(max(each.clock for each in found), max(each.cpu for each in found))

    def _run(self, size: int, number: int) -> int:
        done, last = 0, self._columns.shape[1] - size
        table = dict(zip(FEATURES, self._columns, strict=True))
        while done < number:
            at = done % last
            self._session.run(None, {name: table[name][at : at + size] for name in self._names})
            done += size
        return done


async def served(data: bytes, number: int, callers: int) -> Rate:
    """Return the rates of the service."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "artifacts").mkdir()
        (Path(folder) / "artifacts" / "m.onnx").write_bytes(data)
        model: InferModel[Number] = InferModel(
            site="load", artifact="m.onnx", takes=dict.fromkeys(FEATURES, float), result=Number
        )
        await model.start(Resources(package=Path(folder)))
    events = [dict(zip(FEATURES, row, strict=True)) for row in rows().tolist()]
    act, todo = MemoryCall(), iter(range(number))

    async def caller() -> None:
        for at in todo:
            found = await model(act, **events[at % len(events)])
            assert isinstance(found, Number), found

    begun, cpu = time.perf_counter(), time.process_time()
    await asyncio.gather(*[caller() for _ in range(callers)])
    clock, cpu = time.perf_counter() - begun, time.process_time() - cpu
    counters = model.counters
    await model.stop()
    return Rate(number / clock, number / cpu, number / counters.seconds, number / counters.batches)


def compare(name: str, number: int, callers: int, rounds: int) -> list[Cell]:
    """Return a row of the table."""
    data = GRAPHS[name]()
    offline = Offline(data)
    offline.best(SIZES[-1])
    pairs = [
        (offline.best(number), asyncio.run(served(data, number, callers))) for _ in range(rounds)
    ]
    best = median(off.cpu for off, _ in pairs)
    return [
        name,
        1e6 / best,
        median(service.clock / off.clock for off, service in pairs),
        median(service.cpu / off.cpu for off, service in pairs),
        median(service.runs / off.clock for off, service in pairs),
        median(service.batch for _, service in pairs),
        1e6 * median(1 / service.cpu - 1 / off.cpu for off, service in pairs),
    ]


def measure(options: Options, number: int = 30_000, callers: int = 512) -> Table:
    """Return the shares as a table."""
    tune_interpreter()
    columns = [
        "graph",
        "offline us/row",
        "share",
        "CPU share",
        "batch share",
        "rows a batch",
        "way there and back us/row",
    ]
    found = [compare(name, number, callers, options.best_of) for name in GRAPHS]
    notes = [
        f"{callers} callers, {number:,} rows, {options.best_of} rounds in turns, medians",
        f"goal: share of {GOAL} where the model takes most of the time",
    ]
    return Table("infer-batching: a service against ready batches", columns, found, notes)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Compare a service with ready batches.")
    parser.add_argument("--rows", type=int, default=30_000)
    parser.add_argument("--callers", type=int, default=512)
    parser.add_argument("--best-of", type=int, default=5)
    given = parser.parse_args()
    print(measure(Options(best_of=given.best_of), given.rows, given.callers).to_text())
