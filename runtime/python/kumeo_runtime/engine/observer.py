"""What the engine counts. Plain numbers: whoever exports them reads them when asked."""

from collections import Counter, deque

SAMPLES = 4096


class HandlerStats:
    """Counts of one handler. The hot path adds to fields and does nothing else."""

    __slots__ = (
        "buried",
        "done",
        "dropped",
        "duplicates",
        "failed",
        "gate_closed",
        "in_flight",
        "invalid",
        "live",
        "name",
        "outputs",
        "received",
        "redelivered",
        "reported",
        "retried",
        "samples",
    )

    def __init__(self, name: str) -> None:
        self.name = name
        self.received = 0
        self.done = 0
        """Messages acknowledged, whatever came of them."""
        self.outputs = 0
        self.duplicates = 0
        """Outputs that the store had already."""
        self.retried = 0
        """Publishes that were tried again."""
        self.redelivered = 0
        self.dropped = 0
        """Deliveries that expired before they were done."""
        self.failed = 0
        """Runs of the handler that raised."""
        self.invalid = 0
        self.reported = 0
        self.buried = 0
        """Dead letters."""
        self.gate_closed = 0
        """How often the gate was found closed."""
        self.live = 0
        """Messages on the fullest output edge at the last look."""
        self.in_flight = 0
        self.samples: deque[tuple[float, float]] = deque(maxlen=SAMPLES)
        """Of every eighth event: seconds in this handler, seconds since the event was stored."""


class Observer:
    """All counts of a process."""

    def __init__(self) -> None:
        self.handlers: dict[str, HandlerStats] = {}
        self.counts: Counter[str] = Counter()
        """Rare things by name: `valve_opened`, `purged`, `journal_hits`, `tasks_parked`, …"""
        self.gauges: dict[str, float] = {}
        """Last values by name: `purge_horizon_s`, `stalls_s`, …"""

    def handler(self, name: str) -> HandlerStats:
        """Return the counts of a handler."""
        if name not in self.handlers:
            self.handlers[name] = HandlerStats(name)
        return self.handlers[name]

    def count(self, name: str, number: int = 1) -> None:
        """Add to a rare count."""
        self.counts[name] += number
