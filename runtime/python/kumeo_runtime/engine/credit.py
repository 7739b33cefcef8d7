"""How much a reader takes: messages and bytes, and no more than its outputs have room for.

What is counted here and in the pull is the same at every moment. More may come than was granted:
after a cut connection the store may still serve the requests of the old one. Then both counts are
below zero until that much is done. A count that is rounded up to zero would be lost in the pull,
which then asks for less and less, and at last for nothing.
"""

from collections.abc import Callable

from kumeo_runtime.transport.api import Pull


class Credit:
    """Counts what is granted and what is held, and grants in halves."""

    __slots__ = (
        "_bytes",
        "_granted",
        "_granted_bytes",
        "_held",
        "_held_bytes",
        "_limit",
        "_pull",
        "_room",
    )

    def __init__(self, messages: int, size: int, room: Callable[[], int]) -> None:
        self._limit = messages
        self._bytes = size
        self._room = room
        self._pull: Pull | None = None
        self._granted = 0
        """Messages asked for and not arrived; below zero when more came than was asked for."""
        self._granted_bytes = 0
        self._held = 0
        """Messages arrived and not done."""
        self._held_bytes = 0

    def open(self, pull: Pull) -> None:
        """Start to grant on a new pull."""
        self._pull = pull
        self._granted = self._granted_bytes = 0
        self.top_up()

    def shut(self) -> Pull | None:
        """Grant no more; return the pull to stop."""
        pull, self._pull = self._pull, None
        return pull

    def arrived(self, size: int) -> None:
        """A message has come and is held."""
        self._granted -= 1
        self._granted_bytes -= size
        self._held += 1
        self._held_bytes += size

    def released(self, size: int) -> None:
        """A message is done or given up."""
        self._held -= 1
        self._held_bytes -= size
        is_half = 2 * (self._granted + self._held) <= self._limit
        is_short = not self._held and 2 * self._granted_bytes < self._bytes
        if is_half or is_short or 2 * self._held_bytes > self._bytes:
            self.top_up()

    def at_least(self, messages: int) -> None:
        """Grant so many messages in all, whatever is held: everything else waits for them."""
        if self._pull is None:
            return
        more = max(messages - self._granted, 0)
        size = max(self._bytes - self._granted_bytes, 0)
        if not more and not size:
            return
        self._granted += more
        self._granted_bytes += size
        self._pull.grant(more, size)

    def top_up(self) -> None:
        """Grant what is free, if it is worth a request."""
        if self._pull is None:
            return
        most = min(self._limit - self._held, self._room())
        free = max(most - self._granted, 0)
        size = max(self._bytes - self._granted_bytes - self._held_bytes, 0)
        if size < 1 and (not free or self._granted_bytes < 1):
            return
        self._granted += free
        self._granted_bytes += size
        self._pull.grant(free, size)
