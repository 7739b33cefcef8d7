"""What it brings to make one graph of four numeric agents: latency and throughput on NATS.

    python -m benchmarks infer-chain
    python -m benchmarks.inference.chain --events 6000 --best-of 3

`workflows/chain.kumeo` scales six readings, runs an isolation forest of 100 trees, asks the ALARM
network (37 variables) and decides. The same file is built twice: with `-O0`, where each agent is a
service of its own and events travel between them on a real NATS server, and with `-O2`, where the
forest, the network and what lies between them are one graph in one service. Both builds take the
forest as the same one-operator graph, so conversion is not part of the difference.

Latency is from publishing an event to the arrival of its result, at a rate that leaves both builds
idle most of the time. Throughput is how fast a backlog is handled. The answers of both builds are
compared event by event.
"""

import argparse
import asyncio
import atexit
import json
import random
import shutil
import tempfile
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from statistics import median
from typing import Any, cast

import numpy as np
from kumeo_runtime.client import RuntimeClient
from kumeo_runtime.config import Settings
from kumeo_runtime.service import Service, tune_interpreter
from kumeo_runtime.spec import Workflow
from nats.aio.client import Client
from nats.aio.msg import Msg

from benchmarks.delivery import latency
from benchmarks.delivery.engine import (
    DURABILITY,
    Rate,
    run_backlog,
    store_all,
    until,
    versions,
)
from benchmarks.delivery.hop import running_server
from benchmarks.tables import Cell, Options, Table

SOURCE = Path(__file__).parent / "workflows" / "chain.kumeo"
READINGS = ("heart_rate", "blood_pressure", "saturation", "co2", "airway", "volume")
USUAL = ((80, 20), (90, 15), (96, 2.5), (38, 6), (18, 5), (6, 2))
SEPARATE, FUSED = "one service each (-O0)", "one graph (-O2)"
LEVELS = {SEPARATE: "O0", FUSED: "O2"}
PACED = 500
"""Events per second when latency is measured."""
GOALS = {"latency": 2.0, "throughput": 4.0}


def forest() -> bytes:
    """Return an isolation forest as a graph with one input for each reading."""
    from xdsl.builder import Builder
    from xdsl.dialects.test import TestOp
    from xdsl.rewriter import InsertPoint

    from kumeo.backends.onnx.build import emit_infer
    from kumeo.diagnostics import Diagnostic
    from kumeo.dialects import infer
    from kumeo.dialects.agent import InferOp
    from kumeo.dialects.data import FLOAT, RecordType
    from kumeo.models.importing import import_model

    library: Any = import_module("sklearn.ensemble")
    skops: Any = import_module("skops.io")
    rows = np.random.default_rng(1).normal(size=(3000, len(READINGS)))
    model = library.IsolationForest(n_estimators=100, random_state=0).fit(rows)
    found = import_model(skops.dumps(model), "sklearn", "unusual")
    assert not isinstance(found, Diagnostic), found.headline
    record = RecordType.of({"score": FLOAT})
    numbers = TestOp(result_types=[FLOAT] * len(READINGS)).results
    op = InferOp("unusual", "unusual", list(numbers), list(READINGS), record)
    block = op.body.block
    at_end = Builder(InsertPoint.at_end(block))
    built = found.build(at_end, "unusual", block.args, list(READINGS), ["score"])
    block.add_op(infer.YieldOp([built.fields["score"].value]))
    return emit_infer(op, lambda path: None)


@cache
def folder() -> Path:
    """Return a folder with the workflow and its models."""
    made = Path(tempfile.mkdtemp(prefix="kumeo-bench-"))
    atexit.register(shutil.rmtree, made, ignore_errors=True)
    (made / "unusual.onnx").write_bytes(forest())
    (made / "alarm.bif").write_bytes(network())
    return made


def network() -> bytes:
    """Return the ALARM network, which pgmpy ships."""
    import gzip

    models = Path(cast(str, import_module("pgmpy").__file__)).parent / "utils" / "example_models"
    return gzip.decompress((models / "alarm.bif.gz").read_bytes())


@cache
def built(level: str) -> Workflow:
    """Compile the workflow and import its package."""
    from kumeo.tools.running.package import load_workflow, make_package
    from kumeo.tools.running.tree import write_tree

    # Both builds live in this process, so their packages need names of their own.
    text = SOURCE.read_text(encoding="utf-8").replace("workflow Chain ", f"workflow Chain{level} ")
    file = folder() / f"chain_{level}.kumeo"
    file.write_text(text, encoding="utf-8")
    made, found = make_package(str(file), "", level, None)
    assert made is not None, [each.headline for each in found]
    target = folder() / level
    write_tree(target, made.files, force=True)
    return load_workflow(target)


def readings(count: int) -> list[bytes]:
    """Return events as JSON."""
    rng = random.Random(3)
    return [json.dumps(_reading(rng, number)).encode() for number in range(count)]


def _reading(rng: random.Random, number: int) -> Mapping[str, Any]:
    numbers = zip(READINGS, USUAL, strict=True)
    three, four = ("LOW", "NORMAL", "HIGH"), ("ZERO", "LOW", "NORMAL", "HIGH")
    return {
        "patient": f"p{number}",
        **{name: round(rng.gauss(mean, 1.5 * width), 3) for name, (mean, width) in numbers},
        "cvp": rng.choice(three),
        "pcwp": rng.choice(three),
        "minvol": rng.choice(four),
        "expco2": rng.choice(four),
    }


async def answers(workflow: Workflow, url: str, data: list[bytes]) -> dict[str, Any]:
    """Return the results by patient."""
    settings = Settings(nats_url=url, namespace="bench", log_level="error")
    service = Service(workflow, settings)
    await service.start()
    found: dict[str, Any] = {}

    async def heard(message: Msg) -> None:
        value = json.loads(message.data)
        found[value["patient"]] = value

    listener = cast(Any, Client())  # its options are not typed
    await listener.connect(url)
    await listener.subscribe(workflow.targets[0].address, cb=heard)
    await listener.flush()
    async with RuntimeClient(workflow, settings) as client:
        await store_all(client, data)
    await until(lambda: len(found) == len(data))
    await service.drain()
    await listener.close()
    return found


def mismatches(data: list[bytes]) -> int:
    """Return for how many events the two builds give different answers."""
    both: list[dict[str, Any]] = []
    for level in LEVELS.values():
        with running_server() as url:
            both.append(asyncio.run(answers(built(level), url, data)))
    return sum(not _agree(both[0][patient], both[1][patient]) for patient in both[0])


def _agree(left: Mapping[str, Any], right: Mapping[str, Any]) -> bool:
    numbers = ("score", "heart_failure")
    same = all(abs(left[name] - right[name]) <= 1e-6 for name in numbers)
    return same and left["action"] == right["action"]


def paced(level: str, seconds: int) -> float:
    """Return the median latency in milliseconds."""
    data = readings(PACED * seconds)
    with running_server() as url:
        times = asyncio.run(latency.run_paced(built(level), url, data, PACED))
    return latency.part(times, 50)


def backlog(level: str, data: list[bytes]) -> Rate:
    """Return how fast a backlog is handled."""
    with running_server() as url:
        return asyncio.run(run_backlog(built(level), url, data))


def measure(options: Options, events: int = 20_000, seconds: int = 5) -> Table:
    """Return latency and throughput of both builds, and their ratios."""
    tune_interpreter()
    data = readings(events)
    wrong = mismatches(data[:1000])
    times: dict[str, list[float]] = {name: [] for name in LEVELS}
    rates: dict[str, list[Rate]] = {name: [] for name in LEVELS}
    for _ in range(options.best_of):
        for name, level in LEVELS.items():
            times[name].append(paced(level, seconds))
            rates[name].append(backlog(level, data))
    rows: list[list[Cell]] = [
        [
            name,
            median(times[name]),
            round(median(rate.events_per_s for rate in rates[name])),
            median(rate.cpu_us for rate in rates[name]),
        ]
        for name in LEVELS
    ]
    per_s = {name: [rate.events_per_s for rate in found] for name, found in rates.items()}
    notes = [
        f"latency {ratio(times[SEPARATE], times[FUSED]):.2f} x better"
        f" (goal {GOALS['latency']:g} x)",
        f"throughput {ratio(per_s[FUSED], per_s[SEPARATE]):.2f} x better"
        f" (goal {GOALS['throughput']:g} x)",
        f"answers that differ: {wrong} of 1,000",
        f"{PACED} events per second for latency, a backlog of {events:,} for throughput",
        DURABILITY,
        versions(),
    ]
    columns = ["build", "p50 ms", "events/s", "client us per event"]
    title = f"infer-chain: four numeric agents, medians of {options.best_of}"
    return Table(title, columns, rows, notes)


def ratio(above: list[float], below: list[float]) -> float:
    """Return the median of the ratios of runs that followed each other."""
    return median(a / b for a, b in zip(above, below, strict=True))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Compare one graph with one service each.")
    parser.add_argument("--events", type=int, default=8000)
    parser.add_argument("--best-of", type=int, default=3)
    given = parser.parse_args()
    print(measure(Options(best_of=given.best_of), given.events).to_text())
