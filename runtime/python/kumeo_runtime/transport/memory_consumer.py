"""One durable consumer of the in-memory store: credit, acknowledgements, redelivery."""

import heapq
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from kumeo_runtime.transport.api import ConsumerConfig, ConsumerInfo
from kumeo_runtime.transport.memory_stream import Entry, MemoryStream
from kumeo_runtime.transport.subjects import matches_any


@dataclass(slots=True)
class Waiting:
    """A message that is delivered and not acknowledged."""

    attempt: int
    due: float
    """When it is delivered again."""
    is_ready: bool = False
    """Whether it waits for credit to be delivered again."""


class Puller:
    """The store's end of a pull: how much may be sent to whom."""

    def __init__(self, send: Callable[[Entry, int], None]) -> None:
        self.send = send
        self.messages = 0
        self.bytes = 0
        self.bytes_full = 0
        self.is_open = True
        self.seen = 0.0
        """When the client was last heard of, for a pinned consumer."""

    def grant(self, messages: int, max_bytes: int) -> None:
        """Allow more."""
        self.messages += messages
        self.bytes += max_bytes
        self.bytes_full = max(self.bytes_full, self.bytes)

    def has_room(self, size: int) -> bool:
        """Return whether a message may be sent; a huge one goes alone."""
        if not self.is_open or self.messages < 1:
            return False
        return self.bytes >= size or self.bytes >= self.bytes_full

    def use(self, size: int) -> None:
        """Count a message that is sent."""
        self.messages -= 1
        self.bytes -= size


class MemoryConsumer:
    """Where a durable stands in its stream. The server calls `pump` after every change."""

    def __init__(self, config: ConsumerConfig, stream: MemoryStream) -> None:
        self.config = config
        self.stream = stream
        start = config.start_seq or 1
        self.cursor = start - 1
        """Last sequence that was looked at."""
        self.delivered = 0
        self.deliveries = 0
        """Number of the last delivery, redeliveries included."""
        self.queue: deque[int] = deque(
            seq for seq, entry in stream.entries.items() if seq >= start and self.takes(entry)
        )
        self.unseen = len(self.queue)
        self.waiting: dict[int, Waiting] = {}
        self.ready: deque[int] = deque()
        self.timers: list[tuple[float, int]] = []
        self.pullers: deque[Puller] = deque()
        self.pinned: Puller | None = None
        """The only puller that is served, if the consumer is pinned."""
        self.saved = (self.cursor, dict[int, int]())

    def takes(self, entry: Entry) -> bool:
        """Return whether the filter takes a message."""
        return matches_any(self.config.filters, entry.subject)

    def info(self) -> ConsumerInfo:
        """Return the state; an idle consumer has looked at everything."""
        again = sum(1 for w in self.waiting.values() if w.attempt > 1)
        return ConsumerInfo(
            durable=self.config.durable,
            ack_floor=self.ack_floor(),
            delivered=self.delivered,
            pending=self.unseen,
            unacknowledged=len(self.waiting),
            redelivered=again,
            ack_wait_s=self.config.ack_wait_s,
        )

    def ack_floor(self) -> int:
        """Return the sequence up to which nothing is open."""
        if self.waiting:
            return min(self.waiting) - 1
        return self.cursor if self.unseen else max(self.cursor, self.stream.last_seq)

    # -- what the stream tells
    def stored(self, entry: Entry) -> None:
        """Take note of a new message."""
        if entry.seq > self.cursor and self.takes(entry):
            self.queue.append(entry.seq)
            self.unseen += 1

    def removed(self, entry: Entry) -> None:
        """Take note that a message is gone: nobody needs to acknowledge it."""
        if self.waiting.pop(entry.seq, None) is None and entry.seq > self.cursor:
            self.unseen -= self.takes(entry)

    # -- what the client tells
    def ack(self, seq: int) -> None:
        """A message is done."""
        self.waiting.pop(seq, None)

    def nak(self, seq: int, now: float, delay_s: float) -> None:
        """Deliver again after the delay; until then it keeps its place in the limit."""
        if seq in self.waiting:
            self._wait(seq, self.waiting[seq].attempt, now + delay_s)

    def progress(self, seq: int, now: float) -> None:
        """Start the ack wait anew."""
        if seq in self.waiting:
            self._wait(seq, self.waiting[seq].attempt, now + self.config.ack_wait_s)

    # -- delivering
    def pump(self, now: float) -> None:
        """Send what is due, as far as credit and limits reach."""
        self._expire(now)
        while self.pullers:
            seq = self._next()
            if seq is None:
                return
            entry = self.stream.entries[seq]
            puller = self._puller_for(len(entry.payload), now)
            if puller is None:
                return
            self._deliver(entry, puller, now)

    def next_due(self) -> float | None:
        """Return when the next message is to be delivered again."""
        while self.timers:
            due, seq = self.timers[0]
            waiting = self.waiting.get(seq)
            if waiting is not None and waiting.due == due and not waiting.is_ready:
                return due
            heapq.heappop(self.timers)
        return None

    def _expire(self, now: float) -> None:
        due = self.next_due()
        while due is not None and due <= now:
            _, seq = heapq.heappop(self.timers)
            self.waiting[seq].is_ready = True
            self.ready.append(seq)
            due = self.next_due()

    def _next(self) -> int | None:
        while self.ready:
            waiting = self.waiting.get(self.ready[0])
            if waiting is not None and waiting.is_ready:
                return self.ready[0]
            self.ready.popleft()
        while self.queue and self.queue[0] not in self.stream.entries:
            self.queue.popleft()
        is_full = len(self.waiting) >= self.config.max_ack_pending
        return self.queue[0] if self.queue and not is_full else None

    def _puller_for(self, size: int, now: float) -> Puller | None:
        pinned, pin_s = self.pinned, self.config.pin_s
        if pin_s and pinned is not None and now - pinned.seen < pin_s:
            is_served = pinned in self.pullers and pinned.has_room(size)
            return pinned if is_served else None
        for _ in range(len(self.pullers)):
            puller = self.pullers[0]
            self.pullers.rotate(-1)
            if puller.has_room(size) and not (pin_s and now - puller.seen >= pin_s):
                self.pinned = puller
                return puller
        return None

    def _deliver(self, entry: Entry, puller: Puller, now: float) -> None:
        seq = entry.seq
        before = self.waiting.get(seq)
        if before is None:
            self.queue.popleft()
            self.unseen -= 1
            self.cursor = seq
            self.delivered = max(self.delivered, seq)
        else:
            self.ready.popleft()
        attempt = before.attempt + 1 if before else 1
        self._wait(seq, attempt, now + self.config.ack_wait_s)
        puller.use(len(entry.payload))
        self.deliveries += 1
        puller.send(entry, attempt)

    def _wait(self, seq: int, attempt: int, due: float) -> None:
        self.waiting[seq] = Waiting(attempt, due)
        heapq.heappush(self.timers, (due, seq))
        if len(self.timers) > 4 * len(self.waiting) + 1024:
            self.timers = [(w.due, s) for s, w in self.waiting.items() if not w.is_ready]
            heapq.heapify(self.timers)

    # -- crash
    def save(self) -> None:
        """Keep the state that a crash falls back to."""
        self.saved = (self.cursor, {seq: w.attempt for seq, w in self.waiting.items()})

    def recover(self, now: float) -> None:
        """Fall back to the saved state: later acknowledgements and attempts are forgotten."""
        self.cursor, attempts = self.saved
        self.delivered = min(self.delivered, self.cursor)
        self.pullers.clear()
        self.pinned = None
        self.ready.clear()
        self.timers.clear()
        self.waiting.clear()
        entries = self.stream.entries
        self.queue = deque(s for s, e in entries.items() if s > self.cursor and self.takes(e))
        self.unseen = len(self.queue)
        for seq, attempt in attempts.items():
            if seq in entries:
                self._wait(seq, attempt, now + self.config.ack_wait_s)
