"""Workers that are killed and paused between any two effects, on a store that crashes."""

import asyncio
import random
from collections import Counter
from collections.abc import Sequence
from contextvars import copy_context
from dataclasses import dataclass

from kumeo_runtime.config import Settings
from kumeo_runtime.engine.engine import Engine
from kumeo_runtime.engine.observer import Observer
from kumeo_runtime.engine.shared import EngineError
from kumeo_runtime.spec import ServiceSpec, Workflow
from kumeo_runtime.testing.virtual_loop import WORKER, VirtualLoop
from kumeo_runtime.transport.api import (
    ConsumerInfo,
    Delivery,
    OnOutcome,
    Outcome,
    Outgoing,
    Stored,
    StreamConfig,
    StreamInfo,
    TransportError,
)
from kumeo_runtime.transport.faults import Faults, Way
from kumeo_runtime.transport.memory import MemoryServer, MemoryTransport
from kumeo_runtime.transport.memory_stream import Entry, MemoryStream
from kumeo_runtime.transport.subjects import matches

EPOCH_US = 1_800_000_000_000_000
SETTINGS = Settings(
    purge_age_s=8.0,
    janitor_s=1.0,
    gate_poll_s=0.4,
    retry_min_s=0.02,
    retry_max_s=0.5,
    rerun_min_s=0.05,
    rerun_max_s=0.5,
)


@dataclass(frozen=True)
class Weather:
    """How often what goes wrong: kills and pauses by effect, crashes of the store by time."""

    kills: float
    pauses: float
    crashes_s: tuple[float, float]


WEATHER = (
    Weather(0.006, 0.003, (3.0, 15.0)),
    Weather(0.003, 0.015, (5.0, 20.0)),
    Weather(0.002, 0.002, (0.5, 4.0)),
)


class Killed(BaseException):
    """The process is gone: nothing after this line happens."""


class InOrder(Faults):
    """Faults of a network that keeps the order of what it carries."""

    def __init__(self, seed: int, loop: VirtualLoop) -> None:
        super().__init__(
            seed, lost_request=0.02, lost_answer=0.02, lost_delivery=0.02, full=0.01, delay_s=0.03
        )
        self._loop = loop
        self._last: dict[Way, float] = {}

    def trips(self, way: Way) -> tuple[float, ...]:
        """Return when a message arrives: never before an earlier one."""
        if not self.is_on or super().trips(way) == ():
            return () if self.is_on else (0.001,)
        now = self._loop.time()
        at = max(self._last.get(way, 0.0) + 1e-6, now + self.rng.uniform(0.001, 0.03))
        self._last[way] = at
        return (at - now,)


class Fate:
    """Decides when the process of one worker dies or stands still."""

    def __init__(self, world: "World", worker: str) -> None:
        self.world = world
        self.worker = worker
        self.transport: SimTransport | None = None

    def strike(self) -> float:
        """Maybe kill the worker; return how long it stands still here."""
        world, dice = self.world, self.world.dice
        if self.worker in world.loop.dead:
            raise Killed
        if not world.is_faulty:
            return 0.0
        chance = dice.random()
        if chance < world.weather.kills:
            self.die()
        if chance > 1 - world.weather.pauses:
            seconds = dice.uniform(1.0, 6.0)
            world.loop.pause(self.worker, seconds)
            return seconds
        return 0.0

    def die(self) -> None:
        """Kill the worker now; somebody starts it again."""
        if self.transport is not None:
            self.transport.kill()
        self.world.died(self.worker)
        raise Killed


class SimTransport(MemoryTransport):
    """The transport of a worker: every effect may be its last."""

    def __init__(self, server: MemoryServer, fate: Fate) -> None:
        super().__init__(server, publish_timeout_s=0.5)
        self._fate = fate
        fate.transport = self

    def publish(self, message: Outgoing, on_outcome: OnOutcome) -> None:
        """Publish, perhaps long after the decision to publish, perhaps never."""
        seconds = self._fate.strike()
        if seconds:
            self.loop.call_later(seconds, super().publish, message, on_outcome)
            return
        super().publish(message, on_outcome)
        self._fate.strike()

    def ack(self, delivery: Delivery) -> None:
        """Acknowledge."""
        self._fate.strike()
        super().ack(delivery)

    def nak(self, delivery: Delivery, delay_s: float = 0.0) -> None:
        """Give back."""
        self._fate.strike()
        super().nak(delivery, delay_s)

    async def publish_batch(self, messages: Sequence[Outgoing]) -> Outcome:
        """Store a batch."""
        await asyncio.sleep(self._fate.strike())
        outcome = await super().publish_batch(messages)
        await asyncio.sleep(self._fate.strike())
        return outcome

    async def in_progress(self, delivery: Delivery) -> bool:
        """Ask for more time."""
        self._fate.strike()
        return await super().in_progress(delivery)

    async def get_last(self, stream: str, subject: str) -> Stored | None:
        """Read; what was read may be old when it is used. State is read over a slow way."""
        if ".s." in subject:
            await self._way()
        found = await super().get_last(stream, subject)
        await asyncio.sleep(self._fate.strike())
        return found

    async def consumer_info(self, stream: str, durable: str) -> ConsumerInfo | None:
        """Look at a consumer."""
        await self._way()
        return await super().consumer_info(stream, durable)

    async def stream_info(self, name: str) -> StreamInfo | None:
        """Look at a stream."""
        await self._way()
        return await super().stream_info(name)

    async def purge(self, stream: str, subject: str, up_to_seq: int | None = None) -> int:
        """Remove; perhaps long after the decision."""
        await self._way()
        return await super().purge(stream, subject, up_to_seq)

    async def _way(self) -> None:
        """Let a request travel: time passes, and the worker may end."""
        await asyncio.sleep(self._fate.strike() + self._fate.world.dice.uniform(0.001, 0.03))


class CountingStream(MemoryStream):
    """Remembers how often each subject was stored, also when it is gone."""

    def __init__(self, config: StreamConfig, now_us: int) -> None:
        super().__init__(config, now_us)
        self.stored_times: Counter[str] = Counter()
        self.first_stored_us: dict[str, int] = {}

    def store(self, message: Outgoing, now_us: int) -> Entry:
        """Store and count."""
        self.stored_times[message.subject] += 1
        self.first_stored_us.setdefault(message.subject, now_us)
        return super().store(message, now_us)


class CountingServer(MemoryServer):
    """A store that remembers what it has stored."""

    stream_type = CountingStream


class World:
    """A store and the workers of one workflow."""

    def __init__(self, loop: VirtualLoop, seed: int, settings: Settings = SETTINGS) -> None:
        self.loop = loop
        self.dice = random.Random(seed * 7919 + 1)
        self.settings = settings
        self.faults = InOrder(seed, loop)
        self.server = CountingServer(epoch_us=EPOCH_US, faults=self.faults)
        self.server.attach()
        self.observer = Observer()
        self.is_faulty = True
        self.weather = WEATHER[seed % len(WEATHER)]
        self.fates: dict[str, Fate] = {}
        self.engines: dict[str, Engine] = {}
        self.errors: list[EngineError] = []
        self.kills = 0
        self._specs: dict[str, tuple[Workflow, ServiceSpec]] = {}

    # -- workers
    def start(self, worker: str, workflow: Workflow, service: ServiceSpec) -> None:
        """Start a worker; it starts again whenever it dies. Its name gets a number each time."""
        self._specs[worker] = (workflow, service)
        fate = self.fates[worker] = Fate(self, worker)
        context = copy_context()
        context.run(WORKER.set, worker)
        self.loop.create_task(self._live(fate, workflow, service), context=context)

    def died(self, worker: str) -> None:
        """Take note of a death and start a successor after a while."""
        self.kills += 1
        self.loop.kill(worker)
        self.engines.pop(worker, None)
        workflow, service = self._specs.pop(worker)
        stem, _, number = worker.partition("#")
        successor = f"{stem}#{int(number or 0) + 1}"
        wait = self.dice.uniform(0.1, 0.5 if self.dice.random() < 0.7 else 6.0)
        context = copy_context()
        context.run(WORKER.set, "")
        self.loop.call_later(wait, self.start, successor, workflow, service, context=context)

    async def _live(self, fate: Fate, workflow: Workflow, service: ServiceSpec) -> None:
        while True:
            transport = SimTransport(self.server, fate)
            try:
                await transport.connect()
                engine = Engine(
                    workflow,
                    (service,),
                    transport,
                    self.settings,
                    clock=self.server,
                    observer=self.observer,
                    seed=self.dice.randrange(1 << 30),
                )
                await engine.start()
                self.engines[fate.worker] = engine
                await engine.wait()
                return
            except TransportError:
                await asyncio.sleep(0.2)
            except EngineError as error:
                self.errors.append(error)
                return

    async def crashes(self) -> None:
        """Kill the store now and then."""
        while self.is_faulty:
            await asyncio.sleep(self.dice.uniform(*self.weather.crashes_s))
            if self.is_faulty and self.server.is_up:
                self.server.crash(self.dice.uniform(0.05, 0.6))

    def calm(self) -> None:
        """No more faults: from now on everything must get done."""
        self.is_faulty = False
        self.faults.is_on = False

    # -- what is left
    def stored_twice(self, pattern: str) -> list[str]:
        """Return the subjects of a pattern that were stored more than once."""
        found: list[str] = []
        for stream in self.server.streams.values():
            assert isinstance(stream, CountingStream)
            for subject, times in stream.stored_times.items():
                if times > 1 and matches(pattern, subject):
                    found.append(subject)
        return found

    def is_idle(self) -> bool:
        """Return whether nothing waits in any consumer."""
        if not self.server.is_up:
            return False
        infos = [c.info() for group in self.server.consumers.values() for c in group.values()]
        return all(info.pending == 0 and info.unacknowledged == 0 for info in infos)
