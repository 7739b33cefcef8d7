"""The real engine on virtual time, with faults by a seed, and an oracle.

    python -m kumeo_runtime.testing.simulate --seeds 1000

First come faults: lost requests and answers, kills and pauses between any two effects, crashes of
the store. Then faults end, and everything must get done: every id emitted once, none lost, no
recorded call repeated, order kept by key, nothing pending, storage empty.
"""

import argparse
import asyncio
import logging
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal, cast

import msgspec

from kumeo_runtime.activation import Activation
from kumeo_runtime.config import Settings
from kumeo_runtime.engine.letters import Letter
from kumeo_runtime.engine.parking import Parking
from kumeo_runtime.engine.shared import Shared
from kumeo_runtime.ids import activation_id, child_id
from kumeo_runtime.parked import Answer
from kumeo_runtime.spec import Workflow
from kumeo_runtime.tasks.audit import trail_of
from kumeo_runtime.testing.flows import calls_flow, keys_flow, tasks_flow
from kumeo_runtime.testing.laters import laters_flow
from kumeo_runtime.testing.sums import sums_flow, wrong_records, wrong_sums
from kumeo_runtime.testing.virtual_loop import VirtualLoop, Wedged, limited
from kumeo_runtime.testing.world import SETTINGS, CountingStream, Killed, World
from kumeo_runtime.transport.api import Accepted, Outcome, Outgoing, TransportError
from kumeo_runtime.transport.memory import MemoryTransport

Scenario = Literal["calls", "plain", "small", "keys", "tasks", "sums", "later"]
SCENARIOS: tuple[Scenario, ...] = ("calls", "plain", "small", "keys", "tasks", "sums", "later")
FAULTS_S, LIMIT_S = 30.0, 400.0
POISON = 5
PAUSES_S = (12.0, 3.0, 2.2)
"""Longer than the journal is kept; about as long as an ack wait."""
CLOSED = ("decided", "timeout")
NUMBERS, KEYED_NUMBERS, TASKS, ADDED = 12, 18, 8, 24
DOUBLED = ("middle", "ask", "said", "take", "work")
"""Services that two workers run."""
SMALL_BYTES = 4_000
"""Room for about 20 messages: only the gate keeps the edges from filling up."""


@dataclass
class Run:
    """One seed of one scenario."""

    seed: int
    scenario: Scenario
    settings: Settings = field(default_factory=lambda: SETTINGS)
    bad: set[str] = field(default_factory=set[str])
    steps: int = 0
    kills: int = 0

    def main(self) -> set[str]:
        """Run to the end and return what went wrong."""
        loop = VirtualLoop(self.seed)
        loop.set_exception_handler(self._on_exception)
        try:
            with limited(loop):
                loop.run_until_complete(self._run(loop))
        except Wedged:
            self.bad.add("wedged")
        finally:
            self.steps = loop.steps
            for task in asyncio.all_tasks(loop):
                task._log_destroy_pending = False  # pyright: ignore[reportAttributeAccessIssue]
            loop.close()
        return self.bad

    def _on_exception(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if error is not None and not isinstance(error, Killed | Wedged):
            self.bad.add(f"exception {error!r}")

    async def _run(self, loop: VirtualLoop) -> None:
        settings = self.settings
        if self.scenario == "small":
            settings = settings.model_copy(update={"purge_age_s": 8.0, "valve": 0.8})
        self.world = world = World(loop, self.seed, settings)
        self.feeder = MemoryTransport(world.server, publish_timeout_s=0.5)
        await self.feeder.connect()
        workflow = self._workflow()
        await self._provision(workflow)
        for service in workflow.services:
            for copy in "ab" if service.name in DOUBLED else "a":
                world.start(f"{service.name}-{copy}", workflow, service)
        crashes = loop.create_task(world.crashes())
        feeding = loop.create_task(self._feed(workflow))
        await asyncio.sleep(FAULTS_S)
        world.calm()
        await feeding
        crashes.cancel()
        await self._until_idle()
        self._judge(workflow)
        await asyncio.sleep(3 * settings.purge_age_s)
        self._judge_storage(workflow)
        self.kills = world.kills

    # -- input
    def _workflow(self) -> Workflow:
        dice = self.world.dice
        if self.scenario == "keys":
            return keys_flow(dice)
        if self.scenario == "tasks":
            return tasks_flow(4.0)
        if self.scenario == "sums":
            return sums_flow()
        if self.scenario == "later":
            quick, slow = partial(self._on_attempt, "quick"), partial(self._on_attempt, "slow")
            pause_s = PAUSES_S[self.seed // len(SCENARIOS) % len(PAUSES_S)]
            return laters_flow(quick, slow, pause_s)
        room = SMALL_BYTES if self.scenario == "small" else 1 << 20
        return calls_flow(self._on_number, self._on_call, dice, room)

    def _on_number(self, number: int) -> None:
        if number == POISON and self.scenario == "calls":
            from kumeo_runtime.testing.virtual_loop import WORKER

            self.world.fates[WORKER.get()].die()

    def _on_call(self, act: Activation, key: str) -> int:
        world = self.world
        names = f"kumeo.dev.calls.j.{act.id}.{key}.0"
        stream = world.server.streams["dev_calls_J"]
        last = stream.last_of(names)
        if last and world.server.now_us() - stream.entries[last].stored_us > 300_000:
            self.bad.add("recorded call repeated")
        return world.dice.randrange(1 << 30)

    def _on_attempt(self, site: str, act: Activation, number: int) -> int:
        """Take note of an attempt that is made: none whose outcome was ever recorded."""
        stream = cast(CountingStream, self.world.server.streams["dev_laters_J"])
        subject = f"kumeo.dev.laters.j.{act.id}.{act.child_id(site)}.{number}"
        now_us = self.world.server.now_us()
        if now_us - stream.first_stored_us.get(subject, now_us) > 300_000:
            self.bad.add("recorded attempt repeated")
        return self.world.dice.randrange(1 << 30)

    async def _provision(self, workflow: Workflow) -> None:
        from kumeo_runtime.engine.observer import Observer
        from kumeo_runtime.engine.provision import provision

        shared = Shared(workflow, self.feeder, self.world.settings, self.world.server, Observer())
        await provision(shared)
        self.shared = shared

    async def _feed(self, workflow: Workflow) -> None:
        subject = workflow.sources[0].address
        number = {"keys": KEYED_NUMBERS, "tasks": TASKS, "sums": ADDED}.get(self.scenario, NUMBERS)
        for n in range(number):
            body = msgspec.json.encode({"n": n, "key": f"k{n % 3}"})
            await self._store(Outgoing(subject, body, {"Nats-Msg-Id": f"e{n}"}))
            if self.scenario == "tasks":
                self.world.loop.create_task(self._decide(n))
            if self.scenario == "small" or (self.scenario == "sums" and n % 4):
                continue
            await asyncio.sleep(self.world.dice.uniform(0.0, 1.5))

    async def _store(self, message: Outgoing) -> None:
        while True:
            answer: asyncio.Future[Outcome] = self.world.loop.create_future()
            self.feeder.publish(message, answer.set_result)
            if isinstance(await answer, Accepted):
                return
            await asyncio.sleep(0.1)

    async def _decide(self, n: int) -> None:
        """Answer a task about when its timer fires."""
        key = child_id(activation_id("tasks", "asks", f"e{n}"), "review")
        parking, dice = Parking(self.shared), self.world.dice
        await asyncio.sleep(dice.uniform(0.0, 9.0))
        for _ in range(dice.randrange(4)):
            try:
                await parking.decide(key, Answer("yes", "ann"))
            except TransportError:
                await asyncio.sleep(0.3)

    async def _until_idle(self) -> None:
        calm = 0
        while calm < 3:
            await asyncio.sleep(1.0)
            is_done = self.world.is_idle() and not self._open_tasks()
            calm = calm + 1 if is_done else 0
            if self.world.loop.time() > LIMIT_S:
                self.bad.add("wedged")
                return

    def _open_tasks(self) -> bool:
        server = self.world.server
        wait = (("dev_tasks_T", "tasks.t.q.*.*"), ("dev_laters_T", "laters.t.l.*.*.*"))
        return any(
            server.streams[name].find(f"kumeo.dev.{subject}")
            for name, subject in wait
            if name in server.streams
        )

    # -- oracle
    def _stored(self, workflow: Workflow) -> list[dict[str, Any]]:
        stream = self.world.server.stream_of(workflow.targets[0].address)
        assert stream is not None
        return [msgspec.json.decode(entry.payload) for entry in stream.entries.values()]

    def _letters(self, workflow: Workflow) -> list[Letter]:
        stream = self.world.server.streams[f"dev_{workflow.token}_J"]
        subjects = stream.find(f"kumeo.dev.{workflow.token}.d.>")
        return [msgspec.json.decode(stream.entries[s].payload, type=Letter) for s in subjects]

    def _judge(self, workflow: Workflow) -> None:
        if self.world.errors:
            self.bad.add(f"error {self.world.errors[0].code}")
        stored = self._stored(workflow)
        dead = Counter(letter.event_id for letter in self._letters(workflow))
        want = self._wanted()
        got = Counter((v["n"], v.get("half", 0)) for v in stored)
        if set(got) - want:
            self.bad.add("made up")
        if want - set(got):
            self.bad.add("lost")
        if self.world.observer.counts["valve_opened"] == 0:
            self._judge_duplicates(workflow, got)
        if self.scenario == "calls":
            if dead.pop(f"e{POISON}", 0) != 1:
                self.bad.add("poison not dead-lettered")
            self._judge_answers(stored)
        if dead:
            self.bad.add("innocent dead-lettered")
        self._judge_kind(stored)

    def _judge_kind(self, stored: list[dict[str, Any]]) -> None:
        if self.scenario == "keys":
            self._judge_order(stored)
        if self.scenario == "tasks":
            self._judge_tasks(stored)
        if self.scenario == "sums":
            self.bad.update(wrong_sums(stored))
            self.bad.update(wrong_records(stored, self.world.server.streams["dev_sums_J"]))

    def _judge_duplicates(self, workflow: Workflow, got: Counter[tuple[int, int]]) -> None:
        if any(n > 1 for n in got.values()):
            self.bad.add("duplicated")
        stored_once = {"e": "edge message", "j": "journal entry", "t.r": "resume", "t.w": "retry"}
        for kind, what in stored_once.items():
            if kind == "j" and self.scenario == "sums":
                continue  # whoever reads the state records its last result, also much later
            if self.world.stored_twice(f"kumeo.dev.{workflow.token}.{kind}.>"):
                self.bad.add(f"{what} stored twice")

    def _wanted(self) -> set[tuple[int, int]]:
        if self.scenario == "keys":
            return {(n, 0) for n in range(KEYED_NUMBERS)}
        if self.scenario == "tasks":
            return {(n, 0) for n in range(TASKS)}
        if self.scenario == "sums":
            return {(n, 0) for n in range(ADDED)}
        if self.scenario == "later":
            return {(n, 0) for n in range(NUMBERS)}
        alive = set(range(NUMBERS)) - ({POISON} if self.scenario == "calls" else set[int]())
        return {(n, half) for n in alive for half in (0, 1)}

    def _judge_answers(self, stored: list[dict[str, Any]]) -> None:
        stream = self.world.server.streams["dev_calls_J"]
        for value in stored:
            act = activation_id("calls", "numbers", f"e{value['n']}")
            key = child_id(act, "call", (value["half"],))
            last = stream.last_of(f"kumeo.dev.calls.j.{act}.{key}.0")
            if not last:
                continue
            entry = cast("list[Any]", msgspec.msgpack.decode(stream.entries[last].payload))
            if entry[4] != value["answer"]:
                self.bad.add("answer differs from the journal")

    def _judge_order(self, stored: list[dict[str, Any]]) -> None:
        for key in {value["key"] for value in stored}:
            order = [value["n"] for value in stored if value["key"] == key]
            if order != sorted(order):
                self.bad.add("order lost")

    def _judge_tasks(self, stored: list[dict[str, Any]]) -> None:
        stream = self.world.server.streams["dev_tasks_T"]
        for value in stored:
            act = activation_id("tasks", "asks", f"e{value['n']}")
            found = stream.find(f"kumeo.dev.tasks.t.a.{child_id(act, 'review')}")
            trail = trail_of(stream.entries[seq].payload for seq in found)
            ends = [entry.decision for entry in trail.entries if entry.after in CLOSED]
            if not trail.is_intact or ends != [value["decision"]]:
                self.bad.add("audit trail differs")
            last = stream.last_of(f"kumeo.dev.tasks.t.s.{child_id(act, 'review')}")
            if not last:
                continue
            state: Any = msgspec.json.decode(stream.entries[last].payload)
            if state["answer"]["decision"] != value["decision"]:
                self.bad.add("two decisions")

    def _judge_storage(self, workflow: Workflow) -> None:
        passing = [("T", f"t.{kind}.>") for kind in "sqfrlw"]  # The trail of a task stays.
        for kind, subject in (("E", "e.>"), ("J", "j.>"), ("J", "a.>"), *passing):
            stream = self.world.server.streams[f"dev_{workflow.token}_{kind}"]
            if stream.find(f"kumeo.dev.{workflow.token}.{subject}"):
                self.bad.add(f"left over in {subject}")


def main() -> int:
    """Run many seeds and print what went wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=200)
    parser.add_argument("--seed", type=int, help="run one seed only")
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--scenario", choices=SCENARIOS)
    args = parser.parse_args()
    logging.disable(logging.CRITICAL)
    seeds = range(args.first, args.first + args.seeds) if args.seed is None else [args.seed]
    begun, steps, kills, wrong = time.perf_counter(), 0, 0, 0
    scenarios: tuple[Scenario, ...] = (args.scenario,) if args.scenario else SCENARIOS
    for seed in seeds:
        run = Run(seed, scenarios[seed % len(scenarios)])
        bad = run.main()
        steps, kills = steps + run.steps, kills + run.kills
        if bad:
            wrong += 1
            print(f"{run.scenario} seed {seed}: {', '.join(sorted(bad))}", flush=True)
    seconds = time.perf_counter() - begun
    rate = len(seeds) / seconds
    print(f"{len(seeds)} schedules, {wrong} bad, {kills} kills, {steps} steps, {rate:.1f}/s")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
