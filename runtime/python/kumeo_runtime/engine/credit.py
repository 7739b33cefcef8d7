"""How much a reader takes: messages and bytes, and no more than its outputs have room for."""

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
        """Messages asked for and not arrived."""
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
        if 2 * (self._granted + self._held) <= self._limit or 2 * self._held_bytes > self._bytes:
            self.top_up()

    def at_least(self, messages: int) -> None:
        """Grant so many messages in all, whatever is held: everything else waits for them."""
        if self._pull is None:
            return
        more = max(messages - max(self._granted, 0), 0)
        size = max(self._bytes - max(self._granted_bytes, 0), 0)
        if not more and not size:
            return
        self._granted += more
        self._granted_bytes += size
        self._pull.grant(more, size)

    def top_up(self) -> None:
        """Grant what is free, if it is worth a request."""
        if self._pull is None:
            return
        self._granted = max(self._granted, 0)
        self._granted_bytes = max(self._granted_bytes, 0) if self._granted else 0
        free = min(self._limit - self._granted - self._held, self._room() - self._granted)
        size = self._bytes - self._granted_bytes - self._held_bytes
        if free < 1 or size < 1:
            return
        self._granted += free
        self._granted_bytes += size
        self._pull.grant(free, size)
