"""`memory`: resident memory of a worker and of its server over time, at full load.

A feeder keeps a bounded backlog, so the worker always has work. What is handled is removed from the
streams every few seconds: the disk stays small, however long it lasts.
"""

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from kumeo_runtime.client import RuntimeClient
from kumeo_runtime.config import Settings
from kumeo_runtime.transport.api import Outcome, Outgoing

from benchmarks.delivery.engine import DURABILITY, live, versions
from benchmarks.delivery.hop import running_server
from benchmarks.delivery.packages import built, folder_of, payments
from benchmarks.tables import Cell, Options, Table

BACKLOG = 10_000
SAMPLES = 10
PAGE_MB = os.sysconf("SC_PAGE_SIZE") / 1e6


def measure(options: Options) -> Table:
    """Return memory in MB at ten moments, and how much it grew in the second half."""
    with tempfile.TemporaryDirectory() as store, running_server(Path(store)) as url:
        samples, events = asyncio.run(watch(url, Path(store), options.minutes * 60))
    rows: list[list[Cell]] = [
        [f"{at:.0f} s", events_then, worker, server] for at, events_then, worker, server in samples
    ]
    half = samples[len(samples) // 2 :]
    worker_growth, server_growth = (
        (half[-1][place] - half[0][place]) / half[0][place] * 100 for place in (2, 3)
    )
    notes = [
        f"{events:,} events; in the second half the worker grew by {worker_growth:+.1f} %,"
        f" the server by {server_growth:+.1f} %",
        DURABILITY,
        versions(),
    ]
    return Table(
        f"memory: five fused stages at full load for {options.minutes:g} min",
        ["after", "events", "worker MB", "server MB"],
        rows,
        notes,
    )


Sample = tuple[float, int, float, float]


async def watch(url: str, store: Path, seconds: float) -> tuple[list[Sample], int]:
    """Feed a worker for a time; return samples and how many events were stored."""
    workflow = built("five stages", "O2")
    settings = Settings(nats_url=url, namespace="bench", log_level="error")
    async with RuntimeClient(workflow, settings) as client:
        await client.source("source")
        worker = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "five_stages",
            cwd=folder_of("five stages", "O2"),
            env={**os.environ, "KUMEO_NATS_URL": url, "KUMEO_NAMESPACE": "bench"},
        )
        feeder = Feeder(client)
        feeding = asyncio.ensure_future(feeder.run())
        samples: list[Sample] = []
        started = time.monotonic()
        try:
            for number in range(SAMPLES):
                await asyncio.sleep(started + seconds * (number + 1) / SAMPLES - time.monotonic())
                memory = (megabytes(worker.pid), megabytes(server_pid(store)))
                samples.append((time.monotonic() - started, feeder.stored, *memory))
        finally:
            feeding.cancel()
            worker.terminate()
            await worker.wait()
        return samples, feeder.stored


class Feeder:
    """Keeps a backlog, and the streams short."""

    def __init__(self, client: RuntimeClient) -> None:
        self.stored = 0
        self._client = client
        self._data = payments(1000)

    async def run(self) -> None:
        """Feed until cancelled."""
        cleaned = time.monotonic()
        while True:
            await asyncio.sleep(0.02)
            if await live(self._client) < BACKLOG:
                await self._store(BACKLOG // 4)
            if time.monotonic() - cleaned > 2:
                await self._clean()
                cleaned = time.monotonic()

    async def _store(self, count: int) -> None:
        outcomes: list[Outcome] = []
        transport = self._client.shared.transport
        subject = self._client.workflow.sources[0].address
        for number in range(count):
            headers = {"Kumeo-Id": f"e{self.stored + number}"}
            message = Outgoing(subject, self._data[number % 1000], headers)
            transport.publish(message, outcomes.append)
        while len(outcomes) < count:
            await asyncio.sleep(0.005)
        self.stored += count

    async def _clean(self) -> None:
        shared = self._client.shared
        transport = shared.transport
        stream, subject = shared.source_streams["source"]
        names = shared.names
        info = await transport.consumer_info(
            stream, names.source_durable(self._client.workflow.sources[0])
        )
        if info is not None:
            await transport.purge(stream, subject, info.ack_floor)
        if await transport.stream_info(names.outputs) is not None:
            await transport.purge(names.outputs, ">")


def megabytes(pid: int) -> float:
    """Return the resident memory of a process."""
    return int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) * PAGE_MB


def server_pid(store: Path) -> int:
    """Return the process of the server that wrote its ports into a folder."""
    names: Sequence[str] = [file.stem for file in store.glob("*.ports")]
    return int(names[0].rpartition("_")[2])
