"""The crash matrix on real processes and a real server: nothing lost, nothing twice, nothing stuck.

    python tests/crash/matrix.py [--events 50000] [--seed 1] [--faults 40] [--level O2]

Two workers with all services and one janitor run on one server with file storage. While events come
in, faults hit at random moments: {worker, janitor, server} x {SIGKILL, SIGSTOP for twice the ack
wait, cut connections}. Some events fail, and a few kill their worker each time. At the end the
outputs are compared with the interpreter's by `Kumeo-Id`. Prints one JSON line; the exit code is 1
when something is wrong.
"""

import argparse
import asyncio
import json
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from kumeo_runtime.client import RuntimeClient
from kumeo_runtime.engine.flow import all_inputs
from kumeo_runtime.engine.parking import Parking
from kumeo_runtime.engine.shared import EngineError
from kumeo_runtime.engine.waiting import waiting_in
from kumeo_runtime.ids import activation_id, child_id
from kumeo_runtime.parked import Answer
from kumeo_runtime.spec import Workflow
from kumeo_runtime.transport.api import (
    Accepted,
    ConsumerConfig,
    Delivery,
    Outcome,
    Outgoing,
    TransportError,
)
from model import PaidModel
from oracle import Made, Payload, event_id, events, expected, judge
from processes import (
    HERE,
    Proxy,
    Supervised,
    end_by_cleaning_up,
    free_port,
    server,
    until_listening,
    worker,
)
from worker import ACK_WAIT_S, hurried, settings

FILE = HERE / "crash.kumeo"
IDLE_S = 60.0
PAUSE_S = 12.0
"""Between the attempts of the call that waits in the store."""
WINDOW = 200
FAULTS = (
    ("worker", "kill"),
    ("worker", "kill"),
    ("worker", "freeze"),
    ("worker", "cut"),
    ("server", "kill"),
    ("server", "freeze"),
    ("janitor", "kill"),
    ("janitor", "freeze"),
    ("janitor", "cut"),
)


class Matrix:
    """One run: the processes, the feeding, the faults, and what came out."""

    def __init__(self, folder: Path, workflow: Workflow, given: list[Payload], seed: int) -> None:
        self.workflow = workflow
        self.given = given
        self.rng = random.Random(seed)
        self.port = free_port()
        self.server = server(folder / "store", self.port)
        self.proxies = [Proxy(self.port) for _ in range(3)]
        self.model = PaidModel(free_port(), self._is_recorded)
        names = (("one", "all"), ("two", "all"), ("janitor", "janitor"))
        self.workers: list[Supervised] = [
            worker(name, folder / "package", proxy.port, role, folder, self.model.url)
            for (name, role), proxy in zip(names, self.proxies, strict=True)
        ]
        self.faults: Counter[str] = Counter()
        self.stored = 0
        self.last_fault = 0.0
        self.allowed = 0
        """Events that may be stored by now: each fault hits a new burst of them."""
        self.client = RuntimeClient(
            workflow, settings(f"nats://127.0.0.1:{self.port}", janitor=False)
        )

    # -- life
    async def run(self, faults: int, calm_s: float) -> float:
        """Feed, break, and wait; return the seconds from the last fault to idle."""
        self.server.start()
        await until_listening(self.port)
        await self.client.connect()
        for each in (*self.proxies, self.model):
            await each.start()
        for each in self.workers:
            each.start()
        await self.client.source("source")
        people = asyncio.ensure_future(self._decide())
        try:
            feeding = asyncio.ensure_future(self._feed())
            await self._break(faults, calm_s)
            await feeding
            self.last_fault = max(self.last_fault, time.monotonic())
            return await self._idle()
        finally:
            people.cancel()
            await asyncio.gather(people, return_exceptions=True)

    async def stop(self) -> None:
        """End every process that was started here."""
        for each in self.workers:
            await each.stop()
        await self.client.close()
        for each in (*self.proxies, self.model):
            await each.stop()
        await self.server.stop()

    # -- feeding
    async def _feed(self) -> None:
        """Store all events, again and again until each is acknowledged."""
        transport, waiting = self.client.shared.transport, set[int]()
        again: list[int] = []

        def publish(n: int) -> None:
            waiting.add(n)
            key = event_id(n)
            headers = {"Nats-Msg-Id": key, "Kumeo-Id": key}
            body = json.dumps(self.given[n]).encode()

            def settle(outcome: Outcome) -> None:
                waiting.discard(n)
                if isinstance(outcome, Accepted):
                    self.stored += 1
                else:
                    again.append(n)

            transport.publish(Outgoing("crash.in", body, headers), settle)

        for n in range(len(self.given)):
            while len(waiting) >= WINDOW or n >= self.allowed:
                await asyncio.sleep(0.005)
            publish(n)
        while waiting or again:
            await asyncio.sleep(0.1)
            todo, again[:] = again[:], []
            for n in todo:
                publish(n)

    async def _decide(self) -> None:
        """Be the people: answer some tasks, leave the others to their timers."""
        while True:
            await asyncio.sleep(0.5)
            try:
                for task in await self.client.tasks():
                    n = int(task.event_id[1:])
                    if n % 3:
                        await Parking(self.client.shared).decide(task.id, Answer("yes", "ann", n))
            except (TransportError, EngineError):
                continue

    # -- breaking
    async def _break(self, faults: int, calm_s: float) -> None:
        for number in range(faults):
            self.allowed = len(self.given) * (number + 1) // (faults + 1)
            await asyncio.sleep(calm_s * (0.5 + self.rng.random()))
            victim, way = self.rng.choice(FAULTS)
            self.faults[f"{victim} {way}"] += 1
            await self._hit(victim, way)
            self.last_fault = time.monotonic()
        self.allowed = len(self.given)

    async def _hit(self, victim: str, way: str) -> None:
        number = 2 if victim == "janitor" else self.rng.randrange(2)
        process = self.server if victim == "server" else self.workers[number]
        if way == "kill":
            process.pause_s = self.rng.choice((0.05, 0.5, 2.0))
            process.signal(signal.SIGKILL)
        elif way == "freeze":
            await process.freeze(2 * ACK_WAIT_S)
        else:
            self.proxies[number].cut()

    # -- the end
    async def _idle(self) -> float:
        """Wait until nothing is open; -1 when nothing gets done for a minute."""
        deadline, least = time.monotonic() + IDLE_S, sys.maxsize
        while True:
            try:
                live = await self._live() + len(await self.client.tasks())
                if live == 0:
                    return time.monotonic() - self.last_fault
                if live < least:
                    deadline, least = time.monotonic() + IDLE_S, live
            except (TransportError, EngineError):
                pass
            if time.monotonic() > deadline:
                return -1.0
            await asyncio.sleep(0.2)

    async def _live(self) -> int:
        shared, total = self.client.shared, 0
        for entry in all_inputs(self.workflow, shared.names, shared.source_streams):
            info = await shared.transport.consumer_info(entry.stream, entry.durable)
            total += 1 if info is None else info.pending + info.unacknowledged
        return total + len(await waiting_in(shared))

    async def _is_recorded(self, prompt: str) -> bool:
        """Return whether the answer is known, or that the last attempt failed just now."""
        names, transport = self.client.shared.names, self.client.shared.transport
        number, _, late = prompt.partition(" ")
        activation = activation_id(self.workflow.token, "source", event_id(int(number)))
        call = child_id(activation, "patient" if late else "opinion")
        try:
            for attempt, pause_s in ((0, float("inf")), (1, PAUSE_S), (2, PAUSE_S)):
                subject = names.entry(activation, f"{call}.{attempt}")
                found = await transport.get_last(names.journal, subject)
                if found is not None and time.time() - found.stored_us / 1e6 < pause_s - 0.5:
                    return True
        except TransportError:
            pass
        return False

    async def outputs(self) -> tuple[list[Made], float]:
        """Return everything that targets hold, and the longest time between two of them."""
        shared = self.client.shared
        transport, stream = shared.transport, shared.names.outputs
        info = await transport.stream_info(stream)
        assert info is not None, "the workers have made it"
        config = ConsumerConfig(stream, "judge", ("crash.>",), max_ack_pending=-1)
        await transport.ensure_consumer(config)
        come: list[Delivery] = []

        def take(delivery: Delivery) -> None:
            come.append(delivery)
            transport.ack(delivery)

        pull = transport.pull(stream, "judge", take)
        while len(come) < info.messages:
            page = min(5000, info.messages - len(come))
            goal = len(come) + page
            pull.grant(page, 64 << 20)
            while len(come) < goal:
                await asyncio.sleep(0.01)
        await pull.stop()
        times = [each.stored_us for each in come]
        stall = max((b - a for a, b in pairwise(times)), default=0) / 1e6
        return [made_of(each) for each in come], stall

    async def letters(self) -> dict[str, list[str]]:
        """Return the codes of the dead letters by event."""
        found: dict[str, list[str]] = {}
        for letter in await self.client.letters(1_000_000):
            found.setdefault(letter.event_id, []).append(letter.code)
        return found


def made_of(delivery: Delivery) -> Made:
    """Return what a target holds."""
    headers = dict(delivery.headers or {})
    value: Any = json.loads(delivery.payload)
    return Made(headers["Kumeo-Id"], headers["Kumeo-Event"], delivery.subject, value)


async def whole(folder: Path, workflow: Workflow, options: argparse.Namespace) -> dict[str, Any]:
    """Run the matrix once and return what is to be told."""
    given = events(options.events, options.seed, options.killers)
    wanted = expected(FILE, given)
    matrix = Matrix(folder, workflow, given, options.seed)
    started = time.monotonic()
    try:
        idle_s = await matrix.run(options.faults, options.calm)
        lasted = time.monotonic() - started
        made, stall_s = await matrix.outputs()
        verdict = judge(wanted, given, made, await matrix.letters())
    finally:
        await matrix.stop()
    if idle_s < 0:
        verdict.faults.append(f"nothing got done for {IDLE_S} s after the last fault")
    if matrix.model.needless:
        verdict.faults.append(f"recorded calls were repeated: {matrix.model.needless[:3]}")
    paid = matrix.model.calls
    return {
        "events": len(given),
        "seed": options.seed,
        "level": options.level,
        "faults": dict(matrix.faults),
        **verdict.counts,
        "outputs": len(made),
        "paid_calls": sum(paid.values()),
        "repeated_in_flight": sum(paid.values()) - len(paid),
        "longest_stall_s": round(stall_s, 1),
        "idle_after_s": round(idle_s, 1),
        "seconds": round(lasted, 1),
        "exits": {each.name: each.codes for each in (*matrix.workers, matrix.server)},
        "wrong": verdict.faults,
    }


def built(folder: Path, level: str) -> Workflow:
    """Compile the workflow of the matrix into a folder."""
    from kumeo.tools.running.package import load_workflow, make_package
    from kumeo.tools.running.tree import write_tree

    made, found = make_package(str(FILE), "", level, None)
    assert made is not None, [each.headline for each in found]
    write_tree(folder / "package", made.files, force=True)
    return hurried(load_workflow(folder / "package"))


def main(arguments: Sequence[str]) -> int:
    """Run the matrix as the arguments say; return 1 when something is wrong."""
    parser = argparse.ArgumentParser(description="Break a running workflow at random moments.")
    parser.add_argument("--events", type=int, default=50_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--faults", type=int, default=40)
    parser.add_argument("--killers", type=int, default=3, help="events that kill their worker")
    parser.add_argument("--calm", type=float, default=1.5, help="mean seconds between faults")
    parser.add_argument("--level", choices=("O0", "O2"), default="O2")
    parser.add_argument("--keep", action="store_true", help="keep the folder with the logs")
    options = parser.parse_args(arguments)
    end_by_cleaning_up()
    folder = tempfile.mkdtemp(prefix="kumeo-crash-")
    workflow = built(Path(folder), options.level)
    told = asyncio.run(whole(Path(folder), workflow, options))
    print(json.dumps(told))
    if options.keep or told["wrong"]:
        print(f"logs are in {folder}", file=sys.stderr)
    else:
        import shutil

        shutil.rmtree(folder)
    return 1 if told["wrong"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
