"""One stream of the in-memory store: what is stored, what is refused, what is removed.

It knows nothing of consumers, connections and timers: the server passes the time in and is told
what came and went.
"""

from collections.abc import Callable
from dataclasses import dataclass

from kumeo_runtime.transport.api import (
    CREATE,
    Accepted,
    Headers,
    Outcome,
    Outgoing,
    Refused,
    StreamConfig,
    StreamInfo,
)
from kumeo_runtime.transport.subjects import duration_s, matches, moment_text, moment_us

MSG_ID = "Nats-Msg-Id"
SCHEDULE = "Nats-Schedule"
TARGET = "Nats-Schedule-Target"
EXPECT_OF = "Nats-Expected-Last-Subject-Sequence-Subject"
TTL = "Nats-TTL"
_ENTRY_BYTES = 22
"""What the file store adds to a message."""


@dataclass(slots=True)
class Entry:
    """A stored message."""

    seq: int
    subject: str
    payload: bytes
    headers: Headers | None
    stored_us: int
    size: int
    expires_us: int | None
    fires_us: int | None


class MemoryStream:
    """Messages in order, with the limits of the configuration."""

    def __init__(self, config: StreamConfig, now_us: int) -> None:
        self.config = config
        self.created_us = now_us
        self.entries: dict[int, Entry] = {}
        self.by_subject: dict[str, dict[int, None]] = {}
        self.bytes = 0
        self.last_seq = 0
        self.ids: dict[str, tuple[int, int]] = {}
        self.on_removed: Callable[[Entry], None] = lambda entry: None

    def info(self) -> StreamInfo:
        """Return the state as the server reports it."""
        config = self.config
        first = next(iter(self.entries), self.last_seq + 1 if self.last_seq else 0)
        return StreamInfo(
            config.name,
            config.subjects,
            len(self.entries),
            self.bytes,
            first,
            self.last_seq,
            moment_text(self.created_us),
            config.max_bytes,
            dict(config.metadata),
            config.duplicate_window_s,
        )

    # -- storing
    def check(self, message: Outgoing, now_us: int) -> Outcome | None:
        """Return why a message is not stored, or None when it may be."""
        known = self.duplicate_of(message, now_us)
        if known is not None:
            return Accepted(self.config.name, known, duplicate=True)
        bad = self._check_form(message)
        return bad or self.check_expected(message) or self.check_room(message)

    def store(self, message: Outgoing, now_us: int) -> Entry:
        """Store a message that `check` let pass; older ones make room for it."""
        self.last_seq += 1
        entry = self._entry(message, now_us)
        self.entries[entry.seq] = entry
        self.by_subject.setdefault(entry.subject, {})[entry.seq] = None
        self.bytes += entry.size
        key = (message.headers or {}).get(MSG_ID)
        if key:
            self.ids[key] = (entry.seq, now_us)
        self._make_room(entry)
        return entry

    def duplicate_of(self, message: Outgoing, now_us: int) -> int | None:
        """Return the sequence of the message with the same id within the window."""
        key = (message.headers or {}).get(MSG_ID)
        if not key or key not in self.ids:
            return None
        seq, at_us = self.ids[key]
        if now_us - at_us < self.config.duplicate_window_s * 1e6:
            return seq
        del self.ids[key]
        return None

    def check_expected(self, message: Outgoing) -> Outcome | None:
        """Compare `expect` with the last sequence of the subject, or of those that are named."""
        if message.expect is None:
            return None
        named = (message.headers or {}).get(EXPECT_OF)
        last = self.last_of(message.subject) if named is None else max(self.find(named), default=0)
        if last == message.expect:
            return None
        if message.expect == CREATE:
            return Accepted(self.config.name, last, duplicate=True)
        return Refused("conflict", f"wrong last sequence: {last}")

    def check_room(self, message: Outgoing) -> Refused | None:
        """Refuse what does not fit when new messages give way."""
        limit = self.config.max_bytes
        if self.config.discard == "old" or limit < 0:
            return None
        if self.bytes + size_of(message) > limit:
            return Refused("full", "maximum bytes exceeded")
        return None

    def _check_form(self, message: Outgoing) -> Refused | None:
        config, headers = self.config, message.headers or {}
        limit = config.max_msg_bytes
        if limit >= 0 and size_of(message) - _ENTRY_BYTES > limit:
            return Refused("too-large", "message size exceeds maximum allowed")
        if TTL in headers and not config.allow_ttl:
            return Refused("invalid", "per-message TTL is disabled")
        if TTL in headers and headers[TTL] != "never" and duration_s(headers[TTL]) is None:
            return Refused("invalid", "invalid per-message TTL")
        return self._check_schedule(headers) if SCHEDULE in headers else None

    def _check_schedule(self, headers: Headers) -> Refused | None:
        if not self.config.allow_schedules:
            return Refused("invalid", "message schedules is disabled")
        if first_firing(headers[SCHEDULE], 0) is None:
            return Refused("invalid", "message schedule pattern is invalid")
        target = headers.get(TARGET, "")
        if not any(matches(pattern, target) for pattern in self.config.subjects):
            return Refused("invalid", "message schedule target is invalid")
        return None

    def _entry(self, message: Outgoing, now_us: int) -> Entry:
        headers = message.headers or {}
        ttl_s = duration_s(headers.get(TTL, "never"))
        ages = [s for s in (ttl_s, self.config.max_age_s) if s]
        schedule = headers.get(SCHEDULE)
        return Entry(
            seq=self.last_seq,
            subject=message.subject,
            payload=message.payload,
            headers=dict(headers) if headers else None,
            stored_us=now_us,
            size=size_of(message),
            expires_us=now_us + int(min(ages) * 1e6) if ages else None,
            fires_us=first_firing(schedule, now_us) if schedule else None,
        )

    def _make_room(self, entry: Entry) -> None:
        config, same = self.config, self.by_subject[entry.subject]
        most = 1 if entry.fires_us is not None else config.max_per_subject
        while 0 < most < len(same):
            self.remove(next(iter(same)))
        while 0 <= config.max_bytes < self.bytes and len(self.entries) > 1:
            self.remove(next(iter(self.entries)))

    # -- removing and reading
    def remove(self, seq: int) -> None:
        """Remove one message, if it is there."""
        entry = self.entries.pop(seq, None)
        if entry is None:
            return
        self.bytes -= entry.size
        same = self.by_subject[entry.subject]
        del same[seq]
        if not same:
            del self.by_subject[entry.subject]
        self.on_removed(entry)

    def purge(self, subject: str, up_to_seq: int | None) -> int:
        """Remove the messages of a filter up to a sequence; return how many."""
        last = self.last_seq if up_to_seq is None else up_to_seq
        doomed = [seq for seq in self.find(subject) if seq <= last]
        for seq in doomed:
            self.remove(seq)
        return len(doomed)

    def find(self, subject: str) -> list[int]:
        """Return the sequences of a subject filter, in order."""
        if "*" not in subject and ">" not in subject:
            return list(self.by_subject.get(subject, ()))
        found = [seqs for name, seqs in self.by_subject.items() if matches(subject, name)]
        return sorted(seq for seqs in found for seq in seqs)

    def last_of(self, subject: str) -> int:
        """Return the last sequence of a subject; 0 when it has no message."""
        same = self.by_subject.get(subject)
        return next(reversed(same)) if same else 0

    def recover(self, now_us: int) -> None:
        """Forget what a restart forgets: the ids of messages that are no longer stored."""
        self.ids = {
            entry.headers[MSG_ID]: (entry.seq, entry.stored_us)
            for entry in self.entries.values()
            if entry.headers and MSG_ID in entry.headers
        }


def size_of(message: Outgoing) -> int:
    """Return the bytes that a message takes in a stream."""
    headers = message.headers or {}
    block = sum(len(k) + len(v) + 4 for k, v in headers.items()) + (12 if headers else 0)
    return len(message.subject) + block + len(message.payload) + _ENTRY_BYTES


def first_firing(schedule: str, now_us: int) -> int | None:
    """Return when a schedule (`@at TIME`, `@every DURATION`) fires next; None when it is wrong."""
    kind, _, text = schedule.partition(" ")
    if kind == "@at":
        return moment_us(text)
    every_s = duration_s(text) if kind == "@every" else None
    return now_us + int(every_s * 1e6) if every_s and every_s >= 1 else None
