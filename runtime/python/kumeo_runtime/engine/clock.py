"""The wall clock, injected so that tests decide what time it is."""

import time
from typing import Protocol


class Clock(Protocol):
    """Says what time it is. Waiting and leases go by the loop, not by this."""

    def now_us(self) -> int:
        """Return microseconds since 1970 UTC."""
        ...


class WallClock:
    """The clock of the machine."""

    def now_us(self) -> int:
        """Return microseconds since 1970 UTC."""
        return time.time_ns() // 1000
