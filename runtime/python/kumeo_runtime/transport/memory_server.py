"""The in-memory store: what a JetStream server does, on the clock of the running loop.

Several transports may share one server, as workers share a cluster. Requests arrive here already
"on the server": the transports carry them, with the faults of the network. Nothing here calls a
client directly: an answer is a return value, a delivery goes through `Puller.send`.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from contextvars import copy_context
from dataclasses import replace

from kumeo_runtime.transport.api import (
    Accepted,
    ConsumerConfig,
    Outcome,
    Outgoing,
    Refused,
    StreamConfig,
    TransportError,
)
from kumeo_runtime.transport.faults import Faults
from kumeo_runtime.transport.memory_consumer import MemoryConsumer
from kumeo_runtime.transport.memory_stream import (
    EXPECT_OF,
    MSG_ID,
    SCHEDULE,
    TARGET,
    Entry,
    MemoryStream,
    first_firing,
)
from kumeo_runtime.transport.subjects import matches, overlaps

FLUSH_S = 0.2
"""Acknowledgements younger than this are forgotten by a crash (measured on the real server)."""
BATCH_MAX = 1000


class MemoryServer:
    """Streams and consumers of one store.

    epoch_us: the wall clock, in microseconds since 1970, at `loop.time() == 0`. None: as it is now.
    """

    stream_type: type[MemoryStream] = MemoryStream
    consumer_type: type[MemoryConsumer] = MemoryConsumer

    def __init__(
        self,
        *,
        epoch_us: int | None = None,
        faults: Faults | None = None,
        max_payload: int = 1 << 20,
    ) -> None:
        self.context = copy_context()
        """Everything that the server does by itself runs here, whoever caused it."""
        self.faults = faults
        self.max_payload = max_payload
        self.streams: dict[str, MemoryStream] = {}
        self.consumers: dict[str, dict[str, MemoryConsumer]] = {}
        self.on_core: list[Callable[[Outgoing], None]] = []
        self.on_change: list[Callable[[], None]] = []
        """Called when the server went down or came up, or has a new consumer."""
        self.is_up = True
        self._epoch_us = epoch_us
        self._loop: asyncio.AbstractEventLoop | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._timer_at = 0.0
        self._saver: asyncio.TimerHandle | None = None
        self._watched: dict[int, tuple[MemoryStream, Entry]] = {}

    # -- time
    def attach(self) -> None:
        """Take the clock of the running loop."""
        self._loop = asyncio.get_running_loop()
        if self._epoch_us is None:
            self._epoch_us = int((time.time() - self._loop.time()) * 1e6)

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The loop that this server lives on."""
        assert self._loop is not None, "connect a transport first"
        return self._loop

    def now_us(self) -> int:
        """Return the wall clock of the store."""
        assert self._epoch_us is not None, "connect a transport first"
        return self._epoch_us + int(self.loop.time() * 1e6)

    def set_clock(self, now_us: int) -> None:
        """Let the wall clock jump; `loop.time()` goes on."""
        self._epoch_us = now_us - int(self.loop.time() * 1e6)
        self._wake()

    # -- administration
    def ensure_stream(self, config: StreamConfig) -> MemoryStream:
        """Create or widen a stream."""
        check_stream(config)
        for other in self.streams.values():
            if other.config.name != config.name:
                check_overlap(config, other.config)
        stream = self.streams.get(config.name)
        if stream is None:
            stream = self.streams[config.name] = self.stream_type(config, self.now_us())
            self.consumers[config.name] = {}
            stream.on_removed = lambda entry: self._removed(config.name, entry)
            return stream
        check_change(stream.config, config)
        stream.config = widened(stream.config, config)
        return stream

    def ensure_consumer(self, config: ConsumerConfig) -> MemoryConsumer:
        """Create a durable, or change its limits."""
        stream = self.stream(config.stream)
        known = self.consumers[config.stream]
        consumer = known.get(config.durable)
        if consumer is None:
            consumer = known[config.durable] = self.consumer_type(config, stream)
            self._tell()
            return consumer
        start = consumer.config.start_seq
        consumer.config = replace(config, start_seq=start)
        self.pump(consumer)
        return consumer

    def stream(self, name: str) -> MemoryStream:
        """Return a stream that must be there."""
        if name not in self.streams:
            raise TransportError("no-stream", f"there is no stream {name}", "create it first")
        return self.streams[name]

    def consumer(self, stream: str, durable: str) -> MemoryConsumer | None:
        """Return a consumer, or None."""
        return self.consumers.get(stream, {}).get(durable)

    def delete_stream(self, name: str) -> None:
        """Remove a stream and its consumers."""
        self.consumers.pop(name, None)
        stream = self.streams.pop(name, None)
        if stream is not None:
            stale = [key for key, (of, _) in self._watched.items() if of is stream]
            for key in stale:
                del self._watched[key]

    def stream_of(self, subject: str) -> MemoryStream | None:
        """Return the stream that captures a subject."""
        for stream in self.streams.values():
            if any(matches(pattern, subject) for pattern in stream.config.subjects):
                return stream
        return None

    # -- writing
    def publish(self, message: Outgoing) -> Outcome:
        """Store a message, or say why not."""
        stream = self.stream_of(message.subject)
        if stream is None:
            return Refused("unavailable", f"no stream takes {message.subject}")
        if self.faults is not None and self.faults.is_full():
            return Refused("full", "no room")
        answer = stream.check(message, self.now_us())
        if answer is not None:
            return answer
        entry = self._store(stream, message)
        return Accepted(stream.config.name, entry.seq)

    def publish_batch(self, messages: Sequence[Outgoing]) -> Outcome:
        """Store all messages or none."""
        stream = self.stream_of(messages[0].subject) if messages else None
        if stream is None:
            return Refused("unavailable", "no stream takes the batch")
        refused = self.check_batch(stream, messages)
        if refused is not None:
            return refused
        entries = [self._store(stream, message) for message in messages]
        return Accepted(stream.config.name, entries[-1].seq)

    def check_batch(self, stream: MemoryStream, messages: Sequence[Outgoing]) -> Refused | None:
        """Check every message before one is stored."""
        if not stream.config.allow_atomic:
            return Refused("invalid", "atomic publish is disabled")
        if len(messages) > BATCH_MAX:
            return Refused("invalid", f"more than {BATCH_MAX} messages in a batch")
        now_us = self.now_us()
        for message in messages:
            if self.stream_of(message.subject) is not stream:
                return Refused("invalid", f"{message.subject} is in another stream")
            answer = stream.check(message, now_us)
            if isinstance(answer, Accepted):
                return Refused("conflict", f"{message.subject} is stored already")
            if answer is not None:
                return answer
        return None

    def _store(self, stream: MemoryStream, message: Outgoing) -> Entry:
        entry = stream.store(message, self.now_us())
        if entry.fires_us is not None or entry.expires_us is not None:
            self._watched[id(entry)] = (stream, entry)
            self._wake()
        for consumer in self.consumers[stream.config.name].values():
            consumer.stored(entry)
            self.pump(consumer)
        return entry

    def purge(self, name: str, subject: str, up_to_seq: int | None) -> int:
        """Remove messages of a filter."""
        return self.stream(name).purge(subject, up_to_seq)

    def _removed(self, name: str, entry: Entry) -> None:
        self._watched.pop(id(entry), None)
        for consumer in self.consumers[name].values():
            consumer.removed(entry)

    # -- deliveries
    def pump(self, consumer: MemoryConsumer) -> None:
        """Deliver what can be delivered and set the timer for the rest."""
        consumer.pump(self.loop.time())
        self.touch(consumer)

    def touch(self, consumer: MemoryConsumer) -> None:
        """Set the timers after a change of one consumer."""
        due = consumer.next_due()
        if due is not None:
            self._set_timer(due)
        elif self._timer is not None:
            self._wake()
        if self._saver is None:
            self._saver = self.loop.call_later(FLUSH_S, self._save, context=self.context)

    def _save(self) -> None:
        self._saver = None
        for consumers in self.consumers.values():
            for consumer in consumers.values():
                consumer.save()

    # -- timers: redelivery, schedules, time to live
    def _set_timer(self, at: float) -> None:
        if self._timer is not None and self._timer_at <= at:
            return
        if self._timer is not None:
            self._timer.cancel()
        self._timer_at = at
        self._timer = self.loop.call_at(at, self._on_timer, context=self.context)

    def _wake(self) -> None:
        """Set the timer to the next thing that happens by itself."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        times = [entry_time(entry) for _, entry in self._watched.values()]
        offset = self._epoch_us or 0
        dues = [(us - offset) / 1e6 for us in times]
        for consumers in self.consumers.values():
            dues += [due for c in consumers.values() if (due := c.next_due()) is not None]
        if dues and self.is_up:
            self._set_timer(min(dues))

    def _on_timer(self) -> None:
        self._timer = None
        now_us = self.now_us() + 1
        late = [pair for pair in self._watched.values() if entry_time(pair[1]) <= now_us]
        for stream, entry in sorted(late, key=lambda pair: entry_time(pair[1])):
            self.fire(stream, entry, now_us)
        for consumers in self.consumers.values():
            for consumer in consumers.values():
                consumer.pump(self.loop.time() + 1e-9)
        self._wake()

    def fire(self, stream: MemoryStream, entry: Entry, now_us: int) -> None:
        """Let a schedule fire, or an old message go."""
        if entry.fires_us is None or entry.fires_us > now_us:
            stream.remove(entry.seq)
            return
        headers = dict(entry.headers or {})
        schedule, target = headers.pop(SCHEDULE), headers.pop(TARGET)
        headers["Nats-Scheduler"] = entry.subject
        again = first_firing(schedule, now_us) if schedule.startswith("@every") else None
        headers["Nats-Schedule-Next"] = "purge" if again is None else str(again)
        entry.fires_us = again
        if again is None:
            stream.remove(entry.seq)
        for gone in ("Nats-TTL", MSG_ID, EXPECT_OF):
            headers.pop(gone, None)
        self._store(stream, Outgoing(target, entry.payload, headers))

    # -- crash
    def crash(self, down_s: float = 0.5) -> None:
        """Stop like a killed process; come back after a while without the last acknowledgements."""
        self.is_up = False
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._tell()
        self.loop.call_later(down_s, self._restart, context=self.context)

    def _restart(self) -> None:
        self.is_up = True
        for stream in self.streams.values():
            stream.recover(self.now_us())
        for consumers in self.consumers.values():
            for consumer in consumers.values():
                consumer.recover(self.loop.time())
        self._wake()
        self._tell()

    def _tell(self) -> None:
        for callback in tuple(self.on_change):
            callback()


def entry_time(entry: Entry) -> int:
    """Return when an entry fires or goes."""
    times = [us for us in (entry.fires_us, entry.expires_us) if us is not None]
    return min(times)


def check_stream(config: StreamConfig) -> None:
    """Refuse what the real server refuses."""
    if config.allow_schedules and config.discard == "new":
        raise TransportError(
            "invalid-stream",
            f"stream {config.name} has schedules and discards new messages",
            "keep schedules in a stream that discards old messages",
        )
    if config.max_age_s and config.duplicate_window_s > config.max_age_s:
        raise TransportError(
            "invalid-stream",
            f"the duplicate window of {config.name} is longer than the age of its messages",
            "make the window shorter",
        )


def check_overlap(config: StreamConfig, other: StreamConfig) -> None:
    """Refuse a stream that captures a subject of another one."""
    for mine in config.subjects:
        for theirs in other.subjects:
            if overlaps(mine, theirs):
                raise TransportError(
                    "subject-taken",
                    f"stream {other.name} captures {theirs} already",
                    f"read from {other.name}, or give {config.name} other subjects",
                )


def check_change(old: StreamConfig, new: StreamConfig) -> None:
    """Refuse a change that would lose messages or that the server does not know."""
    if (old.storage, old.discard) != (new.storage, new.discard):
        raise TransportError(
            "stream-conflict",
            f"stream {old.name} exists and is of another kind",
            "use another namespace, or remove the stream when its messages are not needed",
        )


def widened(old: StreamConfig, new: StreamConfig) -> StreamConfig:
    """Return a configuration that holds what both need."""
    more = tuple(subject for subject in new.subjects if subject not in old.subjects)
    is_unlimited = old.max_bytes < 0 or new.max_bytes < 0
    return replace(
        old,
        subjects=old.subjects + more,
        max_bytes=-1 if is_unlimited else max(old.max_bytes, new.max_bytes),
        allow_schedules=old.allow_schedules or new.allow_schedules,
        allow_atomic=old.allow_atomic or new.allow_atomic,
        allow_ttl=old.allow_ttl or new.allow_ttl,
        metadata={**old.metadata, **new.metadata},
    )
