"""Sends the lines of an input into the stream of a source: each once, whatever happens.

The id of an event is its input and line. What a run before this one has sent is known from its
saved position, and behind that from the stream itself.
"""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from kumeo_runtime.transport.api import Accepted, Outcome, Outgoing, Refused, Transport

from kumeo.tools.running.inputs import Input, Line
from kumeo.tools.running.position import Position, Tracker, save_position

WINDOW = 1024
"""Lines on their way at the same time."""
BATCH = 256
AHEAD_MAX = 4096
"""Lines that are sent and not yet handled: more would only wait in the store."""
_SAVE_S = 0.5
_RETRY_S = 0.25
_AHEAD_S = 0.005
_PASSING = ("full", "unavailable", "conflict")
_READ = 1024

OnRefused = Callable[[Line, Refused], None]


@dataclass
class Feed:
    """One input on its way into one source."""

    transport: Transport
    subject: str
    stream: str
    given: Input
    save_to: Path
    on_refused: OnRefused
    """Called for a line that the store will never take."""
    tracker: Tracker = field(default_factory=lambda: Tracker(Position()))
    rate_per_s: float | None = None
    is_slow: bool = False
    """Whether reading may wait for somebody, as standard input does."""
    is_ahead: Callable[["Feed"], bool] = lambda feed: False
    """Whether the services have enough to do, so that sending may wait."""
    sent: int = 0
    """Lines that this run has stored."""
    known: int = 0
    """Lines that an earlier run has stored."""
    refused: int = 0
    full: int = 0
    """How often the store had no room for a line; it is sent again until there is some."""
    _again: list[Line] = field(default_factory=list[Line])
    _changed: asyncio.Event = field(default_factory=asyncio.Event)
    _is_stopped: bool = False

    @property
    def taken(self) -> int:
        """Lines that are stored or on their way."""
        return self.sent + self.tracker.waiting

    def stop(self) -> None:
        """Send no more lines."""
        self._is_stopped = True
        self._changed.set()

    async def run(self) -> None:
        """Send everything, and return when it is stored. Raises OSError when reading fails."""
        position = self.tracker.position
        self.known = position.line
        stored = await self._stored_after(position)
        saver = asyncio.create_task(self._save_often())
        try:
            await self._send_all(stored)
            await self._until(lambda: not self.tracker.waiting)
        finally:
            saver.cancel()
            self._save()

    async def _send_all(self, stored: set[int]) -> None:
        started, count = asyncio.get_running_loop().time(), 0
        position = self.tracker.position
        lines = self.given.lines(position.line, position.offset)
        async for batch in _batches(lines, self.is_slow):
            for line in batch:
                if self._is_stopped:
                    return
                if line.number in stored:
                    self.known += 1
                    self.tracker.send(line.number, line.end)
                    self.tracker.store(line.number, 0)
                    continue
                await self._pace(started, count)
                await self._until(lambda: self.tracker.waiting < WINDOW and not self._again)
                self.tracker.send(line.number, line.end)
                self._publish(line)
                count += 1
            # The services run on the same loop.
            await asyncio.sleep(0)
            while self.is_ahead(self) and not self._is_stopped:
                await asyncio.sleep(_AHEAD_S)

    def _publish(self, line: Line) -> None:
        if self._is_stopped:
            return
        key = self.given.id_of(line.number)
        message = Outgoing(self.subject, line.payload, {"Nats-Msg-Id": key, "Kumeo-Id": key})
        self.transport.publish(message, lambda outcome: self._settle(line, outcome))

    def _settle(self, line: Line, outcome: Outcome) -> None:
        if isinstance(outcome, Accepted):
            self.sent += 1
            self.tracker.store(line.number, outcome.seq)
        elif outcome.reason in _PASSING:
            self.full += outcome.reason == "full"
            if not self._again:
                asyncio.get_running_loop().call_later(_RETRY_S, self._send_again)
            self._again.append(line)
        else:
            self.refused += 1
            self.tracker.store(line.number, 0)
            self.on_refused(line, outcome)
        self._changed.set()

    def _send_again(self) -> None:
        lines, self._again = sorted(self._again, key=lambda line: line.number), []
        for line in lines:
            self._publish(line)
        self._changed.set()

    async def _until(self, condition: Callable[[], bool]) -> None:
        while not condition() and not self._is_stopped:
            self._changed.clear()
            await self._changed.wait()

    async def _pace(self, started: float, count: int) -> None:
        if self.rate_per_s is None:
            return
        ahead = started + count / self.rate_per_s - asyncio.get_running_loop().time()
        if ahead > 0.001:
            await asyncio.sleep(ahead)

    async def _stored_after(self, position: Position) -> set[int]:
        """Return the lines behind the position that the stream holds already."""
        found: set[int] = set()
        start = position.seq + 1
        while batch := await self.transport.read(self.stream, self.subject, start, _READ):
            for message in batch:
                event = (message.headers or {}).get("Kumeo-Id", "")
                number = self.given.number_of(event)
                if number is not None and number > position.line:
                    found.add(number)
            start = batch[-1].seq + 1
        return found

    async def _save_often(self) -> None:
        while True:
            await asyncio.sleep(_SAVE_S)
            self._save()

    def _save(self) -> None:
        save_position(self.save_to, self.tracker.settle())


async def _batches(lines: Iterator[Line], is_slow: bool) -> AsyncIterator[list[Line]]:
    if is_slow:
        async for line in _from_thread(lines):
            yield [line]
        return
    while batch := list(islice(lines, BATCH)):
        yield batch


async def _from_thread(lines: Iterator[Line]) -> AsyncIterator[Line]:
    """Yield lines that a thread reads: a person may take an hour for the next one.

    The thread is a daemon: nothing can wake it from a read, and a stopped run does not wait.
    """
    loop = asyncio.get_running_loop()
    queue: asyncio.Queue[Line | Exception | None] = asyncio.Queue()
    room = threading.Semaphore(WINDOW)

    def put(item: Line | Exception | None) -> None:
        room.acquire()
        try:
            loop.call_soon_threadsafe(queue.put_nowait, item)
        except RuntimeError:
            raise SystemExit from None  # The loop has ended, and so does this thread.

    def work() -> None:
        try:
            for line in lines:
                put(line)
        except (OSError, ValueError) as error:
            put(error)
        put(None)

    threading.Thread(target=work, daemon=True, name="kumeo-input").start()
    while (item := await queue.get()) is not None:
        room.release()
        if isinstance(item, Exception):
            raise item
        yield item
