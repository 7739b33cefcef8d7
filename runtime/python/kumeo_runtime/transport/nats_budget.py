"""How many bytes a connection asks for at once, so that the server does not cut it off.

What was asked for may all wait in the server when this process is busy. A server that holds more
than its `max_pending` for a client calls it a slow consumer and closes the connection; it does not
say how much that is. So each lost connection halves what is asked for, and time gives it back, a
little at a time. At least the largest message is allowed: `max_pending` is never less.
"""

from collections.abc import Callable

MOST = 32 << 20
"""Half of what a server holds for a client if it is not told otherwise."""
LEAST = 64 << 10
CALM_S = 30.0
"""After so long without a cut a part is given back."""
GAIN = 1.125


class Budget:
    """The bytes that the pulls of one connection share."""

    def __init__(self, time: Callable[[], float], max_payload: int) -> None:
        self._time = time
        self._least = max(LEAST, max_payload // 4)
        self._limit = float(max(self._least, min(MOST, 32 * max_payload)))
        self._since = time()
        self.pulls = 0

    @property
    def limit(self) -> int:
        """Bytes that all pulls may ask for."""
        calm = int((self._time() - self._since) / CALM_S)
        if calm > 0:
            self._limit = min(float(MOST), self._limit * GAIN ** min(calm, 100))
            self._since += calm * CALM_S
        return int(self._limit)

    def share(self) -> int:
        """Return the bytes that one pull may ask for."""
        return max(1, self.limit // max(1, self.pulls))

    def lost(self) -> None:
        """The connection was cut: perhaps because too much waited."""
        self._limit = max(float(self._least), self.limit / 2)
        self._since = self._time()
