"""`latency`: from the publish of an event to the arrival of its result, at a fixed rate.

Feeder, services and listener share one process and one event loop, so what the two others take
counts as well.
"""

import asyncio
import time
from typing import Any, cast

from kumeo_runtime.config import Settings
from kumeo_runtime.service import Service, transport_of, tune_interpreter
from kumeo_runtime.spec import Workflow
from kumeo_runtime.transport.api import Outcome, Outgoing
from nats.aio.client import Client
from nats.aio.msg import Msg

from benchmarks.delivery.engine import DURABILITY, until, versions
from benchmarks.delivery.hop import running_server
from benchmarks.delivery.packages import built, payments
from benchmarks.tables import Cell, Options, Table

RATE = 1000
SECONDS = 6
FLOWS = {
    "five hops (-O0)": ("five hops", "O0", 10.0),
    "five stages fused (-O2)": ("five stages", "O2", 4.0),
}


def measure(options: Options) -> Table:
    """Return percentiles in milliseconds; the best of several runs, by p99."""
    data = payments(RATE * SECONDS)
    rows: list[list[Cell]] = []
    tune_interpreter()
    for name, (flow, passes, goal) in FLOWS.items():
        workflow = built(flow, passes)
        runs: list[list[float]] = []
        for _ in range(options.best_of):
            with running_server() as url:
                runs.append(asyncio.run(run_paced(workflow, url, data)))
        best = min(runs, key=lambda times: part(times, 99))
        rows.append([name, *(part(best, p) for p in (50, 90, 99)), best[-1], goal])
    columns = ["run", "p50 ms", "p90", "p99", "max", "goal p99"]
    title = f"latency: {RATE:,} events of 1 KiB per second, best of {options.best_of}"
    return Table(title, columns, rows, [DURABILITY, versions()])


def part(times: list[float], percent: int) -> float:
    """Return a percentile of sorted times."""
    return times[min(len(times) - 1, len(times) * percent // 100)]


async def run_paced(
    workflow: Workflow, url: str, data: list[bytes], rate: int = RATE
) -> list[float]:
    """Return the sorted times of all events but those of the first second, in milliseconds."""
    settings = Settings(nats_url=url, namespace="bench", log_level="error")
    service = Service(workflow, settings)
    await service.start()
    sent: dict[str, float] = {}
    found: dict[str, float] = {}

    async def heard(message: Msg) -> None:
        event = (message.headers or {})["Kumeo-Event"]
        found[event] = time.perf_counter() - sent[event]

    listener = cast(Any, Client())  # its options are not typed
    await listener.connect(url)
    for target in workflow.targets:
        await listener.subscribe(target.address, cb=heard)
    await listener.flush()
    await _feed(settings, workflow, data, sent, rate)
    await until(lambda: len(found) == len(data))
    await service.drain()
    await listener.close()
    return sorted(found[f"e{n}"] * 1000 for n in range(rate, len(data)))


async def _feed(
    settings: Settings, workflow: Workflow, data: list[bytes], sent: dict[str, float], rate: int
) -> None:
    transport = transport_of(settings)
    await transport.connect()
    outcomes: list[Outcome] = []
    started = time.perf_counter()
    for number, payload in enumerate(data):
        ahead = started + number / rate - time.perf_counter()
        if ahead > 0:
            await asyncio.sleep(ahead)
        key = f"e{number}"
        sent[key] = time.perf_counter()
        message = Outgoing(workflow.sources[0].address, payload, {"Kumeo-Id": key})
        transport.publish(message, outcomes.append)
    await until(lambda: len(outcomes) == len(data))
    await transport.close()
