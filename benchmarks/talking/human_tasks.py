"""What 1,000 tasks cost that wait for people: memory and processor time.

    python -m benchmarks human-tasks

A worker that also serves the tasks, and the real nats-server. Both are looked at before there are
tasks and while 1,000 wait, after every task was listed once. Processor time is that of a minute in
which nothing happens. It holds what processes do without tasks, too: heartbeats and cleaning.
"""

import asyncio
import os
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

import httpx
from kumeo_runtime.client import RuntimeClient
from kumeo_runtime.config import Settings
from kumeo_runtime.testing.asking import ask, asking

from benchmarks.delivery.engine import versions
from benchmarks.delivery.hop import running_server
from benchmarks.delivery.memory import megabytes, server_pid
from benchmarks.tables import Options, Table

TASKS, QUIET_S = 1000, 20.0
NUMBER = 424_242
GOAL_MB = 50.0
_TICK_S = 1 / os.sysconf("SC_CLK_TCK")


class Look(NamedTuple):
    """Memory of both processes, and their processor time in a quiet minute."""

    worker_mb: float
    server_mb: float
    worker_s: float
    server_s: float


def measure(options: Options) -> Table:
    """Return what both processes need without tasks and with 1,000 that wait."""
    with tempfile.TemporaryDirectory() as store, running_server(Path(store)) as url:
        before, after, list_ms = asyncio.run(watch(url, Path(store)))
    more = Look(*(new - old for new, old in zip(after, before, strict=True)))
    grown = more.worker_mb + more.server_mb
    notes = [
        f"{TASKS:,} tasks that wait need {grown:.1f} MB; the goal is {GOAL_MB:g}",
        f"the first list of all of them took {list_ms:.0f} ms",
        versions(),
    ]
    rows = [["no tasks", *before], [f"{TASKS:,} tasks", *after], ["difference", *more]]
    columns = ["waiting", "worker MB", "server MB", "worker CPU s/min", "server CPU s/min"]
    return Table("human-tasks: what tasks cost that wait", columns, rows, notes)


async def watch(url: str, store: Path) -> tuple[Look, Look, float]:
    """Return both looks and the time of the first list in milliseconds."""
    workflow = asking(NUMBER)
    settings = Settings(nats_url=url, namespace="bench", log_level="error")
    words = ["-m", "kumeo_runtime.testing.asking", url, "bench", str(NUMBER), "serve"]
    worker = await asyncio.create_subprocess_exec(
        sys.executable, *words, stdout=asyncio.subprocess.PIPE
    )
    try:
        assert worker.stdout is not None
        address = (await worker.stdout.readline()).decode().strip()
        pids = (worker.pid, server_pid(store))
        async with RuntimeClient(workflow, settings) as client:
            await ask(client)
            await listed(address, 1)
            before = await look(*pids)
            await ask(client, TASKS)
            list_ms = await listed(address, TASKS)
        return before, await look(*pids), list_ms
    finally:
        worker.kill()
        await worker.wait()


async def listed(address: str, count: int) -> float:
    """List the tasks over HTTP, and return how long it took in milliseconds."""
    base, _, token = address.partition("/#token=")
    headers = {"Authorization": f"Bearer {token}"}
    loop = asyncio.get_running_loop()
    async with httpx.AsyncClient(base_url=base, headers=headers, timeout=60) as http:
        begun = loop.time()
        page = (await http.get("/api/v1/tasks?limit=500")).json()
        assert page["total"] == count, page["total"]
        return (loop.time() - begun) * 1000


async def look(worker: int, server: int) -> Look:
    """Wait while nothing happens, and return what both need."""
    await asyncio.sleep(2)
    begun = seconds(worker), seconds(server)
    await asyncio.sleep(QUIET_S)
    used = (seconds(worker) - begun[0], seconds(server) - begun[1])
    per_minute = [each * 60 / QUIET_S for each in used]
    return Look(megabytes(worker), megabytes(server), *per_minute)


def seconds(pid: int) -> float:
    """Return the processor time of a process."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * _TICK_S
