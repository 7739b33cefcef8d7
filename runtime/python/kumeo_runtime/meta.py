"""What travels with every message between two handlers of one activation."""

from msgspec import Struct

from kumeo_runtime.values import Failure


class Meta(Struct, array_like=True, gc=False):
    """The activation that a message belongs to. On the wire it is an array: only append fields."""

    source: str
    """Name of the source."""
    event: str
    """Id of the event in its source."""
    now: int
    """Time of the activation in microseconds: when the store took the event, or its own time."""
    payload: bytes | None = None
    """The event as it came, for a report further on."""
    first: Failure | None = None
    """First failure that the activation has observed."""
    failed: dict[str, Failure] | None = None
    """Failures in place of values of the message, by field."""
    trace: str | None = None
    """W3C `traceparent` of the event."""
    config: str | None = None
    """Entries of the configuration that were changed, as JSON; None is that of the deployment."""
    key: str | None = None
    """What order is kept by."""
    stored: int | None = None
    """When the store took the event, where that is not `now`; latency counts from here."""


class Message(Struct, array_like=True, gc=False):
    """Base of the bodies of edges: printed classes add the values that are still needed."""

    meta: Meta
