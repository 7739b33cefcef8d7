"""A small model of the server: streams, consumers that forget fresh acknowledgements, key-values.

Edges refuse an id that they hold. User-owned targets know duplicates for `TARGET_WINDOW_MS`. What a
publish has stored stays; the state of consumers is written every `FLUSH_MS`, so a crash forgets
what was acknowledged after that.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from kumeo.interp.messaging.clock import Clock
from kumeo.interp.messaging.rules import Rules

ACK_WAIT_MS = 600
FLUSH_MS = 200
WINDOW_MS = 1_200
"""Window of duplicates of an edge, where edges have only that."""
TARGET_WINDOW_MS = 120_000
LIVE_MAX = 2
"""Live messages on an edge before its senders hold back."""
OK, STORED, FULL, BUSY, CONFLICT = "ok", "stored", "full", "busy", "conflict"


class Stored(NamedTuple):
    """A message in a stream."""

    seq: int
    place: str
    """Source, edge, or `resume/EDGE`."""
    id: str
    data: Any
    at: int


class Delivery(NamedTuple):
    """A message in the hands of a worker."""

    message: Stored
    tries: int
    at: int
    """When the server handed it out."""
    number: int
    """How many its consumer had handed out, this one included."""


class Sent(NamedTuple):
    """What a target or the dead letters hold."""

    target: str | None
    id: str
    data: Any
    route: tuple[str, ...] = ()


@dataclass
class Consumer:
    """How far one handler has read its place."""

    name: str
    place: str
    next: int = 0
    """Index in the messages of the place."""
    pending: dict[int, int] = field(default_factory=dict[int, int])
    """When a message that was handed out comes again, by sequence."""
    tries: dict[int, int] = field(default_factory=dict[int, int])
    handed: int = 0
    """How many deliveries there were."""

    def copy(self) -> "Consumer":
        """Return the state as it is written to the disk."""
        name, place = self.name, self.place
        return Consumer(name, place, self.next, dict(self.pending), dict(self.tries), self.handed)


@dataclass
class Record:
    """A value with a revision."""

    value: Any
    revision: int
    at: int


class Server:
    """The one server."""

    def __init__(self, clock: Clock, rules: Rules, edges_max: int) -> None:
        self.clock = clock
        self.rules = rules
        self.rng: random.Random = clock.rng
        self.edges_max = edges_max
        self.messages: dict[int, Stored] = {}
        self.held: dict[tuple[str, str], int] = {}
        """Sequence of each id that a place holds."""
        self.seen: dict[tuple[str, str], int] = {}
        self.order: dict[str, list[int]] = {}
        """Sequences by place, also of purged messages."""
        self.edges: set[str] = set()
        self.on_edges = 0
        self.consumers: dict[str, Consumer] = {}
        self.values: dict[Any, Record] = {}
        self.sent: list[Sent] = []
        self.arrivals: dict[tuple[str, str], int] = {}
        """How often each event has come over each edge."""
        self.starts = 0
        self._sent_at: dict[tuple[str | None, str], int] = {}
        self._seq = 0
        self._disk: dict[str, Consumer] = {}
        self._epoch = -1

    # -- set-up and crashes
    def add(self, name: str, place: str, is_edge: bool = False) -> None:
        """Add the consumer of a place."""
        self.consumers[name] = Consumer(name, place)
        self.order[place] = []
        if is_edge:
            self.edges.add(place)

    def crash(self) -> None:
        """Forget what is not on the disk."""
        self._flush()
        self.clock.tell("server", "CRASHES")
        self.clock.is_up = False
        self.consumers = {name: c.copy() for name, c in self._disk.items()}

    def start(self) -> None:
        """Answer again."""
        self.starts += 1
        self.clock.is_up = True
        self.clock.wake_all()

    def _flush(self) -> None:
        """Write consumers down as they were at the last full interval: before the next change."""
        epoch = self.clock.now // FLUSH_MS
        if epoch != self._epoch and self.clock.faults.crash_ms:
            self._epoch = epoch
            self._disk = {name: consumer.copy() for name, consumer in self.consumers.items()}

    # -- messages
    def publish(self, place: str, id: str, data: Any) -> str:
        """Store a message of a source or an edge."""
        is_edge, now, key = place in self.edges, self.clock.now, (place, id)
        if self.rules.create_only or not is_edge:
            if key in self.held:
                return STORED
        elif key in self.seen and now - self.seen[key] < WINDOW_MS:
            return STORED
        if is_edge and self.on_edges >= self.edges_max:
            return FULL
        if is_edge and self.clock.is_faulty and self.rng.random() < self.clock.faults.lose / 2:
            return BUSY
        self._store(place, id, data)
        return OK

    def _store(self, place: str, id: str, data: Any) -> None:
        self._seq += 1
        if data.__class__ is tuple:
            arrival = (place, data[0].event.id)
            self.arrivals[arrival] = self.arrivals.get(arrival, 0) + 1
        self.messages[self._seq] = Stored(self._seq, place, id, data, self.clock.now)
        self.held[place, id] = self._seq
        self.seen[place, id] = self.clock.now
        self.order[place].append(self._seq)
        self.on_edges += place in self.edges
        self.clock.wake(place)

    def emit(self, sent: Sent) -> str:
        """Store a message of a target, unless its window knows it; a dead letter only once."""
        key, now = (sent.target, sent.id), self.clock.now
        if key in self._sent_at and (
            sent.target is None or now - self._sent_at[key] < TARGET_WINDOW_MS
        ):
            return STORED
        self._sent_at[key] = now
        self.sent.append(sent)
        return OK

    def fetch(self, name: str, count: int) -> tuple[list[Delivery], int | None]:
        """Hand messages out; also say when the next one comes again."""
        self._flush()
        consumer, now, messages = self.consumers[name], self.clock.now, self.messages
        due = sorted(s for s, at in consumer.pending.items() if at <= now)
        found = [s for s in due if self._may_deliver(consumer, s)][:count]
        order = self.order[consumer.place]
        while len(found) < count and consumer.next < len(order):
            if order[consumer.next] in messages:
                found.append(order[consumer.next])
            consumer.next += 1
        deliveries: list[Delivery] = []
        for seq in found:
            consumer.pending[seq] = now + ACK_WAIT_MS
            consumer.tries[seq] = consumer.tries.get(seq, 0) + 1
            consumer.handed += 1
            tries, number = consumer.tries[seq], consumer.handed
            deliveries.append(Delivery(messages[seq], tries, now, number))
        return deliveries, min(consumer.pending.values(), default=None)

    def _may_deliver(self, consumer: Consumer, seq: int) -> bool:
        is_over = not self.rules.endless_delivery and consumer.tries.get(seq, 0) >= 5
        if is_over or seq not in self.messages:
            del consumer.pending[seq]
            return False
        return True

    def ack(self, name: str, seq: int) -> str:
        """Take a message as done."""
        self._flush()
        self.consumers[name].pending.pop(seq, None)
        return OK

    def in_progress(self, name: str, seq: int) -> str:
        """Give a worker more time, if the message is still handed out."""
        self._flush()
        pending = self.consumers[name].pending
        if seq not in pending:
            return CONFLICT
        pending[seq] = self.clock.now + ACK_WAIT_MS
        return OK

    def unacknowledged(self, name: str) -> tuple[int, int]:
        """Return how many messages are handed out and not done, and the last sequence handed out.

        After a crash the last sequence may be lower than that of messages in the hands of workers.
        """
        consumer = self.consumers[name]
        order = self.order[consumer.place]
        last = order[consumer.next - 1] if consumer.next else 0
        return len(consumer.pending), last

    # -- key-values: journal, attempts, tasks, state
    def get(self, key: Any) -> Record | None:
        """Return what is stored under a key."""
        found = self.values.get(key)
        return None if found is None else Record(found.value, found.revision, found.at)

    def create(self, key: Any, value: Any) -> Any:
        """Store a value unless there is one; return what is stored."""
        if key not in self.values:
            self.values[key] = Record(value, 1, self.clock.now)
        return self.values[key].value

    def put(self, key: Any, value: Any, revision: int | None) -> str:
        """Store a value if the revision is still this one; None stands for any."""
        known = self.values.get(key)
        actual = 0 if known is None else known.revision
        if revision is not None and actual != revision:
            return CONFLICT
        self.values[key] = Record(value, actual + 1, self.clock.now)
        return OK

    def batch(self, puts: Sequence[tuple[Any, Any, int | None]], resume: Any = None) -> str:
        """Store several values, and perhaps a message, together or not at all."""
        for key, _, revision in puts:
            known = self.values.get(key)
            if revision is not None and (0 if known is None else known.revision) != revision:
                return CONFLICT
        for put in puts:
            self.put(*put)
        if resume is not None and (resume[0], resume[1]) not in self.held:
            self._store(*resume)
        return OK

    # -- floors
    def live(self, place: str) -> int:
        """Return how many messages of a place are not done."""
        return sum(self._live(c) for c in self.consumers.values() if c.place == place)

    def span(self, place: str) -> int:
        """Return how many messages of a place lie behind the first that is not done."""
        return max(self._span(c) for c in self.consumers.values() if c.place == place)

    def _span(self, consumer: Consumer) -> int:
        order, first = self.order[consumer.place], min(consumer.pending, default=None)
        start = consumer.next if first is None else order.index(first)
        return sum(seq in self.messages for seq in order[start:])

    def _live(self, consumer: Consumer) -> int:
        waiting = self.order[consumer.place][consumer.next :]
        return len(consumer.pending) + sum(seq in self.messages for seq in waiting)

    def is_ready(self, name: str) -> bool:
        """Return whether there is something to fetch."""
        consumer, now = self.consumers[name], self.clock.now
        if any(at <= now for at in consumer.pending.values()):
            return True
        return any(seq in self.messages for seq in self.order[consumer.place][consumer.next :])

    def is_half_full(self) -> bool:
        """Return whether the edges hold more than half of what they may."""
        return self.on_edges > self.edges_max // 2

    def is_idle(self) -> bool:
        """Return whether every message is done."""
        return not any(map(self._live, self.consumers.values()))

    def floor(self, name: str) -> int:
        """Return when the oldest message was stored that is not done; without one, now."""
        consumer, messages = self.consumers[name], self.messages
        order = self.order[consumer.place]
        waiting = (*consumer.pending, *order[consumer.next :])
        oldest = min((messages[seq].at for seq in waiting if seq in messages), default=None)
        if oldest is not None:
            return oldest
        if self.rules.idle_floor:
            return self.clock.now
        return messages[order[-1]].at + 1 if order and order[-1] in messages else 0

    def purge(self, place: str, before: int) -> None:
        """Remove the messages of a place that were stored before a time."""
        for seq in self.order[place]:
            message = self.messages.get(seq)
            if message is None or message.at >= before:
                continue
            del self.messages[seq]
            self.on_edges -= 1
            if self.held.get((place, message.id)) == seq:
                del self.held[place, message.id]
