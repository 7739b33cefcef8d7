"""`Transport`: what the engine needs from a message store. NATS and memory implement it.

The hot path (deliveries, publishes, acknowledgements) is callbacks: no task, no future per event.
Everything runs on one event loop; callbacks run on it, never at the same time, and must not block.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol, TypeAlias

from msgspec import Struct

Headers: TypeAlias = Mapping[str, str]
CREATE = 0
"""As `expect`: stored only while no other message has this subject."""


@dataclass(frozen=True, slots=True)
class StreamConfig:
    """A stream to create, or to check when it is there already."""

    name: str
    subjects: tuple[str, ...]
    max_bytes: int = -1
    max_msg_bytes: int = -1
    max_age_s: float = 0.0
    discard: Literal["new", "old"] = "new"
    duplicate_window_s: float = 120.0
    allow_schedules: bool = False
    allow_atomic: bool = False
    allow_ttl: bool = False
    max_per_subject: int = -1
    replicas: int = 1
    storage: Literal["file", "memory"] = "file"
    metadata: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class ConsumerConfig:
    """A durable pull consumer with explicit acknowledgement; `max_deliver` is always -1."""

    stream: str
    durable: str
    filters: tuple[str, ...]
    ack_wait_s: float = 30.0
    max_ack_pending: int = 2048
    start_seq: int | None = None
    """Where a new durable starts; None is the beginning."""
    pin_s: float = 0.0
    """Not 0: one pull at a time gets messages; another takes over after so long without a sign."""


@dataclass(frozen=True, slots=True)
class StreamInfo:
    """The state of a stream."""

    name: str
    subjects: tuple[str, ...]
    messages: int
    bytes: int
    first_seq: int
    last_seq: int
    created: str
    """Creation time as the server prints it: with the sequence it identifies a message for ever."""
    max_bytes: int
    metadata: Mapping[str, str]
    duplicate_window_s: float = 0.0
    """How long ids of messages are remembered."""


@dataclass(frozen=True, slots=True)
class ConsumerInfo:
    """The state of a consumer."""

    durable: str
    ack_floor: int
    """Every message of the filter up to this stream sequence is acknowledged. An idle consumer
    reports the last sequence that it has looked at."""
    delivered: int
    """Highest stream sequence delivered."""
    pending: int
    """Messages not delivered yet."""
    unacknowledged: int
    """Messages delivered and not yet acknowledged. `pending + unacknowledged` are live."""
    redelivered: int
    ack_wait_s: float = 0.0
    """0 where it is not known."""
    max_deliver: int = -1
    is_pull: bool = True
    """Whether it is pulled and every message is acknowledged."""


class Delivery(Struct, gc=False):
    """One message as it arrived. `reply` is the token for `ack`, `nak`, `in_progress`."""

    subject: str
    payload: bytes
    headers: Headers | None
    reply: str
    seq: int
    """Sequence in its stream."""
    attempt: int
    """1 for the first delivery."""
    stored_us: int
    """When the store took it, microseconds since 1970 UTC."""
    at: float
    """`clock.monotonic()` when it was pulled or last confirmed in progress."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A message read directly by its subject."""

    subject: str
    payload: bytes
    headers: Headers | None
    seq: int
    stored_us: int


class Accepted(Struct, frozen=True, gc=False):
    """The store has the message. `duplicate`: it had it before, which is success too."""

    stream: str
    seq: int
    duplicate: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """The store does not have the message.

    retry: "full" (no room now), "conflict" (`expect` does not hold: for CREATE another writer is in
    flight; for a sequence somebody else was first), "unavailable" (no answer, no leader, no stream
    now), "denied" (no permission: fatal), "too-large" (never fits), "invalid" (never accepted).
    """

    reason: Literal["full", "conflict", "unavailable", "denied", "too-large", "invalid"]
    message: str


Outcome: TypeAlias = Accepted | Refused
OnOutcome: TypeAlias = Callable[[Outcome], None]
OnDelivery: TypeAlias = Callable[[Delivery], None]


class Outgoing(Struct, frozen=True, gc=False):
    """A message to publish.

    expect: CREATE, a sequence that must be the last of this subject, or None. For CREATE "exists
    already" is `Accepted(duplicate=True)`; for a sequence it is `Refused("conflict")`.
    headers: `Nats-Msg-Id`, `Nats-Schedule`, `Nats-Schedule-Target`, `Nats-TTL`, … as in NATS; with
    `Nats-Expected-Last-Subject-Sequence-Subject`, `expect` is about the subjects of that filter.
    """

    subject: str
    payload: bytes
    headers: Headers | None = None
    expect: int | None = None


class Pull(Protocol):
    """A running subscription to one consumer. The engine grants credit, deliveries use it up."""

    def grant(self, messages: int, max_bytes: int) -> None:
        """Ask for up to so many more messages. Renews itself until they arrived or `stop`.

        Grants add up. A delivery uses one message and `len(payload)` bytes of what was granted, so
        an engine gives back exactly that when it has dealt with the message. A message that is
        larger than all bytes ever granted comes alone, when nothing else is in use.
        """
        ...

    async def stop(self) -> None:
        """Take no more; what the store had already sent is still delivered before this returns."""
        ...


class Transport(Protocol):
    """A connection to a store.

    Only `connect` and the calls that administrate raise `TransportError`, with code, cause and fix;
    the hot path answers by `Outcome`.
    """

    async def connect(self) -> None:
        """Connect, or raise with what to do."""
        ...

    async def close(self) -> None:
        """Flush what was published and leave."""
        ...

    @property
    def is_connected(self) -> bool:
        """Whether the store can be reached now."""
        ...

    @property
    def max_payload(self) -> int:
        """Largest payload with headers, in bytes."""
        ...

    # -- administration
    async def ensure_stream(self, config: StreamConfig) -> StreamInfo:
        """Create the stream, or widen it, or raise when it is there and does not fit."""
        ...

    async def stream_info(self, name: str) -> StreamInfo | None:
        """Return the state of a stream, or None."""
        ...

    async def set_duplicate_window(self, stream: str, seconds: float) -> None:
        """Change how long a stream remembers ids of messages; they cost memory of the server."""
        ...

    async def stream_of(self, subject: str) -> str | None:
        """Return the stream that captures a subject, or None."""
        ...

    async def ensure_consumer(self, config: ConsumerConfig) -> ConsumerInfo:
        """Create the durable, or update its limits."""
        ...

    async def consumer_info(self, stream: str, durable: str) -> ConsumerInfo | None:
        """Return the state of a consumer, or None."""
        ...

    async def delete_consumer(self, stream: str, durable: str) -> None:
        """Remove a durable, if it is there."""
        ...

    async def delete_stream(self, name: str) -> None:
        """Remove a stream, if it is there."""
        ...

    async def purge(self, stream: str, subject: str, up_to_seq: int | None = None) -> int:
        """Remove messages of a filter up to and including a sequence; return how many."""
        ...

    # -- reading
    def pull(
        self, stream: str, durable: str, on_delivery: OnDelivery, *, pin_s: float = 0.0
    ) -> Pull:
        """Open a subscription with no credit yet; `pin_s` is that of its consumer."""
        ...

    async def get_last(self, stream: str, subject: str) -> Stored | None:
        """Return the last message of a subject from the leader, or None."""
        ...

    async def read(
        self, stream: str, subject: str, from_seq: int = 1, limit: int = 256
    ) -> list[Stored]:
        """Return messages of a subject filter in order, for people (dead letters, traces)."""
        ...

    # -- writing
    def publish(self, message: Outgoing, on_outcome: OnOutcome) -> None:
        """Send to a stream; `on_outcome` is called exactly once. Never replayed by a reconnect."""
        ...

    def publish_core(self, message: Outgoing) -> None:
        """Send without storing."""
        ...

    async def publish_batch(self, messages: Sequence[Outgoing]) -> Outcome:
        """Store all messages or none, in one stream that allows atomic batches."""
        ...

    def ack(self, delivery: Delivery) -> None:
        """The message is done."""
        ...

    def nak(self, delivery: Delivery, delay_s: float = 0.0) -> None:
        """Deliver again, not before the delay."""
        ...

    async def in_progress(self, delivery: Delivery) -> bool:
        """Ask for more time; True when confirmed, and then `delivery.at` is renewed."""
        ...

    async def flush(self) -> None:
        """Return when the store has seen everything sent until now."""
        ...


class TransportError(Exception):
    """The store cannot be used: a code, what happened, what to do."""

    def __init__(self, code: str, message: str, fix: str) -> None:
        super().__init__(f"{message}; {fix}")
        self.code = code
        self.message = message
        self.fix = fix
