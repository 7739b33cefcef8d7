"""Changes of tasks for browsers: the audit trail is looked at while somebody listens."""

import asyncio
import contextlib

import msgspec

from kumeo_runtime.engine.shared import Shared
from kumeo_runtime.tasks.audit import Entry
from kumeo_runtime.transport.api import TransportError

POLL_S = 1.0
PAGE = 256
QUEUE_MAX = 1000
_read = msgspec.json.Decoder(Entry).decode
Listener = asyncio.Queue[Entry | None]
"""Entries as they come; None ends it."""


class Feed:
    """The entries of all tasks from now on, for everybody who listens."""

    def __init__(self, shared: Shared, poll_s: float = POLL_S) -> None:
        self._shared = shared
        self._poll_s = poll_s
        self._listeners: set[Listener] = set()
        self._running: asyncio.Task[None] | None = None
        self._last = 0

    @property
    def listeners(self) -> int:
        """How many listen."""
        return len(self._listeners)

    async def listen(self) -> Listener:
        """Begin to listen. Raises: TransportError."""
        if self._running is None:
            info = await self._shared.transport.stream_info(self._shared.names.tasks)
            # Somebody else may have begun meanwhile; what they wait for must not be left out.
            if self._running is None:
                self._last = 0 if info is None else info.last_seq
                self._running = asyncio.create_task(self._run())
        queue: Listener = asyncio.Queue(QUEUE_MAX)
        self._listeners.add(queue)
        return queue

    def leave(self, queue: Listener) -> None:
        """Listen no more; the last one ends the looking."""
        self._listeners.discard(queue)
        if not self._listeners and self._running is not None:
            self._running.cancel()
            self._running = None

    def stop(self) -> None:
        """Send everybody away."""
        for queue in list(self._listeners):
            self._tell(queue, None)

    async def _run(self) -> None:
        subject = self._shared.names.audit("*")
        stream = self._shared.names.tasks
        while True:
            await asyncio.sleep(self._poll_s)
            with contextlib.suppress(TransportError):
                page = await self._shared.transport.read(stream, subject, self._last + 1, PAGE)
                for message in page:
                    self._last = message.seq
                    for queue in list(self._listeners):
                        self._tell(queue, _read(message.payload))

    def _tell(self, queue: Listener, entry: Entry | None) -> None:
        if queue.full():
            # Who does not read starts anew and lists the tasks again.
            self._listeners.discard(queue)
            queue.get_nowait()
            entry = None
        queue.put_nowait(entry)
