"""`simulate`: one seeded schedule of a module, and what is wrong with it.

    outcome = simulate(Prepared(module), seed=7)
    assert outcome.violations == ()

First faults happen; then they end, and everything must be done soon after. The reference is a run
of the same module without faults, on the answers that the journal holds.
"""

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple
from zlib import crc32

from kumeo.dialects.agent import AgentOp
from kumeo.interp.messaging.clock import Clock, Effects, Faults
from kumeo.interp.messaging.people import People
from kumeo.interp.messaging.program import Prepared
from kumeo.interp.messaging.readers import LANES, Replica
from kumeo.interp.messaging.rules import RIGHT, Rules
from kumeo.interp.messaging.server import ACK_WAIT_MS, FLUSH_MS, Delivery, Server
from kumeo.interp.oracle.events import object_in
from kumeo.interp.oracle.payloads import Payloads
from kumeo.interp.results import Emitted, canonical_json, emit_id
from kumeo.interp.stubs import stub
from kumeo.interp.values import Failure, Value
from kumeo.interp.wire import from_json, to_json
from kumeo.interp.world import CallKey, Event, World

START_US = 1_767_225_600_000_000
PURGE_AGE_MS = 2_500
JANITOR_MS = 400
LIMIT_MS = 120_000
SETTLE_MS = PURGE_AGE_MS + 4 * JANITOR_MS
LARGE = 100_000
QUIET = Faults()
SLOW_MS = 100
"""Two workers may ask at the same time; later than this the journal must have been read."""
_CHANGE, _INVALID, _SAME_KEY = 0.3, 0.05, 0.5


@dataclass(frozen=True)
class Scenario:
    """How a schedule is made from its seed."""

    seed: int
    events: int = 5
    faults: Faults = QUIET
    replicas: int = 1
    poison: bool = False
    is_small: bool = False
    fail_one_in: int = 0
    slow_calls: bool = False


def scenario_of(seed: int, **changes: Any) -> Scenario:
    """Return the scenario of a seed: which faults there are, and how many."""
    rng = random.Random(f"scenario {seed}")
    faults = Faults(
        kill=rng.choice((0.0, 0.01, 0.03)),
        pause=rng.choice((0.0, 0.003, 0.01)),
        lose=rng.choice((0.0, 0.02, 0.06)),
        delay=rng.choice((0.0, 0.0, 0.01)),
        crash_ms=rng.choice((0, 800, 2_000)),
    )
    scenario = Scenario(
        seed,
        events=rng.randrange(3, 7),
        faults=faults,
        replicas=rng.choice((1, 2)),
        poison=rng.random() < 0.15,
        is_small=rng.random() < 0.1,
        fail_one_in=rng.choice((0, 3, 6)),
        slow_calls=rng.random() < 0.2,
    )
    return replace(scenario, **changes)


class Outcome(NamedTuple):
    """What came of a schedule."""

    scenario: Scenario
    violations: tuple[str, ...]
    steps: int
    trace: tuple[str, ...] = ()


@dataclass
class Simulation:
    """One schedule."""

    prepared: Prepared
    scenario: Scenario
    rules: Rules = RIGHT
    tracing: bool = False
    events: list[Event] = field(default_factory=list[Event])
    lanes: dict[str, str] = field(default_factory=dict[str, str])
    """The lane of each event."""
    unrecorded: dict[CallKey, Value] = field(default_factory=dict[CallKey, Value])
    read_config: dict[str, int] = field(default_factory=dict[str, int])
    calls: Counter[CallKey] = field(default_factory=Counter[CallKey])
    repeated: set[str] = field(default_factory=set[str])
    killed_by_poison: bool = False
    valve_opened: bool = False
    fed: bool = False
    idle_since: int | None = None

    def __post_init__(self) -> None:
        self.rng = random.Random(self.scenario.seed)
        self.clock = Clock(self.rng, self.scenario.faults, ACK_WAIT_MS)
        self.clock.trace = [] if self.tracing else None
        self.clock.replays = not self.rules.no_replay
        plain = [e for e in self.prepared.edges.values() if not e.is_parked]
        self.edges_max = 4 * len(plain) + 1 if self.scenario.is_small else LARGE
        self.server = Server(self.clock, self.rules, self.edges_max)
        self.people = People(self)
        fail = self.scenario.fail_one_in
        self.world = World(
            now_us=START_US, seed=self.scenario.seed, fail_work_one_in=fail, trace="none"
        )
        self.event_of: dict[str, str] = {}
        """The event of each message, by its id."""
        config = self.prepared.session.config
        self.first_config = {
            op.symbol: to_json(config[op.symbol], op.type) for op in self.prepared.dynamic
        }
        self.configs: list[tuple[dict[str, Value], dict[str, Any]]] = [(dict(config), {})]
        """For each revision all values, and those that have changed as JSON."""
        self._poison = ("", "")
        self._calls = 0
        self._floors: list[tuple[int, dict[str, int]]] = []
        self._starts = 0
        self._make_events()

    # -- input
    def _make_events(self) -> None:
        rng, scenario = self.rng, self.scenario
        payloads = Payloads(self.prepared.palette, rng)
        keys: list[Any] = []
        count = self.edges_max + 6 if scenario.is_small else scenario.events
        for number in range(count):
            source = rng.choice(self.prepared.sources)
            payload = payloads.value(source.payload)
            key = None
            if source.key is not None and isinstance(payload, dict):
                if keys and rng.random() < _SAME_KEY:
                    payload[source.key.data] = rng.choice(keys)
                key = object_in(payload).get(source.key.data)
                keys.append(key)
            if rng.random() < _INVALID:
                payload = ["wrong"]
            event = Event(f"e{number}", source.symbol, payload)
            self.events.append(event)
            text = f"{source.symbol}/{canonical_json(key)}".encode("utf-8", "surrogatepass")
            self.lanes[event.id] = str(crc32(text) % LANES)
        if scenario.poison:
            self._poison = (
                rng.choice(list(self.prepared.handlers)),
                rng.choice(self.events).id,
            )
        for entry in self.prepared.dynamic if scenario.events else ():
            data = payloads.value(entry.type)
            full, changed = self.configs[-1]
            value = from_json(data, entry.type)
            new = ({**full, entry.symbol: value}, {**changed, entry.symbol: data})
            self.configs.append(new)

    def is_poison(self, handler: str, event: str) -> bool:
        """Return whether this handler dies of this event."""
        hit = self._poison == (handler, event)
        self.killed_by_poison |= hit
        return hit

    @property
    def poisoned(self) -> tuple[str, str]:
        """The handler that dies, and the event that kills it."""
        return self._poison

    def lane_of(self, delivery: Delivery) -> str:
        """Return the partition of a message."""
        return self.lanes[self.event_in(delivery.message.data).id]

    def event_in(self, data: Any) -> Event:
        """Return the event that a message is about."""
        return data if isinstance(data, Event) else data[0].event

    def without_payload(self, event: Event) -> Event:
        """Return an event as a message knows it that does not carry it."""
        return replace(event, payload=None)

    def time_of(self, at: int) -> int:
        """Return a time of the simulation in microseconds since 1970."""
        return START_US + at * 1_000

    def config_now(self) -> int:
        """Return the revision of the configuration."""
        return min(self.clock.now // 700, len(self.configs) - 1)

    # -- agents
    def note_call(self, name: Any, key: CallKey) -> None:
        """Take note of a call: one that was recorded before must not be made."""
        self.calls[key] += 1
        is_quiet = self.scenario.faults == QUIET and not self.scenario.poison
        if self.calls[key] > 1 and is_quiet:
            self.repeated.add(f"call repeated without a fault: {key.site} of {key.event}")
        known = self.server.values.get(name)
        if known is not None and self.clock.now - known.at > SLOW_MS:
            self.repeated.add(f"recorded call repeated: {key.site} of {key.event}")

    def duration(self, key: CallKey) -> int:
        """Return how long a call takes."""
        if self.scenario.slow_calls and crc32(f"{key.event}/{key.site}".encode()) % 3 == 0:
            return self.rng.randrange(ACK_WAIT_MS, 3 * ACK_WAIT_MS)
        return self.rng.randrange(10, 250)

    def answer(self, op: AgentOp, key: CallKey) -> Value:
        """Return an answer that no call before has got, or a failure."""
        fail = self.scenario.fail_one_in
        if fail and self.rng.random() * fail < 1:
            self._calls += 1
            return Failure("attempt-failed", f"call {self._calls} fails", key.site)
        return self.value_for(op, key)

    def value_for(self, op: AgentOp, key: CallKey) -> Value:
        """Return a value of the type of an agent, another one each time."""
        self._calls += 1
        kind = op.result.type
        return from_json(stub(kind, self.scenario.seed, *key, self._calls), kind)

    def note_emit(self, emitted: Emitted) -> str:
        """Return the id under which an emission is sent, and remember whose it is."""
        id, event = emitted.id, emitted.event
        if not self.rules.emit_path:
            source = next(e.source for e in self.events if e.id == event)
            id = emit_id(self.prepared.workflow.symbol, source, event, emitted.site, ())
        self.event_of[id] = event
        return id

    def is_ordered(self, route: tuple[str, ...]) -> bool:
        """Return whether messages that go this way keep the order of their key."""
        return all(self.prepared.handlers[name].is_keyed for name in route)

    # -- the schedule
    def run(self) -> None:
        """Run until everything is done and purged, or time is over."""
        server, clock = self.server, self.clock
        for source in self.prepared.sources:
            server.order[source.symbol] = []
        for handler in self.prepared.handlers.values():
            for place in handler.places:
                server.add(f"{handler.name}<{place}", place, self._is_edge(place))
        services = dict.fromkeys(h.service for h in self.prepared.handlers.values())
        for service in services:
            for number in range(self.scenario.replicas):
                replica = Replica(self, service, number)
                replica.start(replica.process)
        clock.spawn(None, self._feed())
        clock.spawn(None, self._janitor())
        if self.scenario.faults.crash_ms:
            clock.spawn(None, self._power())
        clock.run(LIMIT_MS, self._is_over)

    def _is_edge(self, place: str) -> bool:
        edge = self.prepared.edges.get(place)
        return edge is not None and not edge.is_parked

    def _feed(self) -> Effects:
        for event in self.events:
            while (yield (self.server.publish, event.source, event.id, event)) == "timeout":
                yield 20
            yield self.rng.randrange(1, 30 if self.scenario.is_small else 300)
        self.fed = True

    def _power(self) -> Effects:
        every = self.scenario.faults.crash_ms
        while self.clock.is_faulty:
            yield self.rng.randrange(every // 2, every * 2)
            if not self.clock.is_faulty:
                return
            self.server.crash()
            yield self.rng.randrange(20, 300)
            self.server.start()

    def _is_over(self) -> bool:
        clock, server = self.clock, self.server
        if not self.fed or not clock.is_up or not server.is_idle() or self._open_tasks():
            self.idle_since = None
            return False
        if self.idle_since is None:
            self.idle_since = clock.now
        start = max(self.idle_since, self.scenario.faults.end_ms)
        return clock.now > start + SETTLE_MS

    def _open_tasks(self) -> bool:
        return len(self.people.asked) > len(set(self.people.resumed))

    @property
    def is_done(self) -> bool:
        """Return whether nothing is left to do."""
        return self.fed and self.server.is_idle() and not self._open_tasks()

    def _janitor(self) -> Effects:
        while True:
            if self.clock.is_up:
                self._clean()
            yield self.rng.randrange(JANITOR_MS // 2, JANITOR_MS * 3 // 2)

    def _clean(self) -> None:
        rules, server, now = self.rules, self.server, self.clock.now
        if self._starts != server.starts and rules.restart_resets:
            self._floors.clear()
        self._starts = server.starts
        self._floors.append((now, {name: server.floor(name) for name in server.consumers}))
        age = PURGE_AGE_MS if rules.purge_age else 2 * FLUSH_MS
        if not rules.flushed_floors:
            age = 0
        old = [floors for at, floors in self._floors if at <= now - age]
        self._floors = self._floors[-24:]
        if old:
            plan = list(self._plan(old[-1], rules.causal_purge))
            for place, before in plan if rules.flushed_floors else reversed(plan):
                server.purge(place, before)
        if rules.valve and self.scenario.is_small and server.on_edges > self.edges_max * 3 // 4:
            self.valve_opened = True
            for place, before in self._plan(self._floors[-1][1], False):
                server.purge(place, before)

    def _plan(self, floors: dict[str, int], is_causal: bool) -> Iterator[tuple[str, int]]:
        """Yield each edge, inputs first, and up to when its messages may go."""
        prepared = self.prepared
        for edge, reader in prepared.readers.items():
            if prepared.edges[edge].is_parked:
                continue
            names = [reader, *(prepared.senders[edge] if is_causal else ())]
            places = [(n, p) for n in names for p in prepared.handlers[n].places]
            yield edge, min(floors[f"{name}<{place}"] for name, place in places)


def simulate(
    prepared: Prepared, scenario: Scenario, rules: Rules = RIGHT, tracing: bool = False
) -> Outcome:
    """Run a schedule and judge it."""
    from kumeo.interp.messaging.verdict import judge

    sim = Simulation(prepared, scenario, rules, tracing)
    sim.run()
    trace = tuple(sim.clock.trace or ())
    return Outcome(scenario, judge(sim), sim.clock.steps, trace)
