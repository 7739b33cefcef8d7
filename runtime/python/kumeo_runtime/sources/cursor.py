"""How far a source has been read, stored together with the events that it stands for.

Events and the new position are one atomic batch, and the position holds only if nobody else has
written it since it was read. So each event of a file or a clock is stored once, whatever is killed
and however many processes read the same source: no window of time is involved.
"""

import asyncio
from collections.abc import Sequence

from kumeo_runtime.engine.names import token_of
from kumeo_runtime.engine.shared import Shared
from kumeo_runtime.spec import Source
from kumeo_runtime.transport.api import Accepted, Outcome, Outgoing, Refused, TransportError

TIDY_EVERY = 64
"""Old positions are removed after so many new ones."""
LIVE_MAX = 50_000
"""A source waits while so many of its events are not handled yet."""
WAIT_S = 0.2


class Cursor:
    """The position of one source."""

    def __init__(self, shared: Shared, source: Source) -> None:
        self._shared = shared
        self._stream, self.subject = shared.source_streams[source.name]
        self._durable = shared.names.source_durable(source)
        self._position = f"{shared.names.prefix}.i.{token_of(source.name)}.position"
        self._seq = 0
        self._moves = 0
        self._sent = LIVE_MAX

    async def load(self) -> bytes | None:
        """Return the position that is stored, or None."""
        found = await self._shared.transport.get_last(self._stream, self._position)
        self._seq = found.seq if found is not None else 0
        return found.payload if found is not None else None

    async def move(self, events: Sequence[Outgoing], position: bytes) -> bool:
        """Store events and a new position; False when another process was first.

        Raises: EngineError when the store never takes them.
        """
        message = Outgoing(self._position, position, None, self._seq)
        batch = [*events, message]
        tries = 0
        while True:
            outcome = await self._shared.transport.publish_batch(batch)
            if isinstance(outcome, Accepted):
                return await self._moved(outcome.seq, len(events))
            found = await self._stored(outcome)
            if found is not None:
                is_mine = found[1] == position
                return await self._moved(found[0], len(events)) if is_mine else False
            tries += 1
            await asyncio.sleep(self._shared.backoff(tries))

    async def room(self) -> None:
        """Return when few enough events wait to be handled."""
        while self._sent >= LIVE_MAX // 4:
            try:
                info = await self._shared.transport.consumer_info(self._stream, self._durable)
            except TransportError:
                info = None
            if info is not None and info.pending + info.unacknowledged < LIVE_MAX:
                self._sent = 0
                return
            await asyncio.sleep(WAIT_S)

    async def _stored(self, outcome: Outcome) -> tuple[int, bytes] | None:
        """Return the position in the store when it is newer than ours."""
        assert isinstance(outcome, Refused)
        if outcome.reason in ("denied", "too-large", "invalid"):
            subject = self._position
            self._shared.fatal("source-refused", f"the store refuses {subject}: {outcome.message}")
            if self._shared.failure is not None:
                raise self._shared.failure
        if outcome.reason == "full":
            self._shared.observer.count("stream_full")
        try:
            found = await self._shared.transport.get_last(self._stream, self._position)
        except TransportError:
            return None
        if found is None or found.seq == self._seq:
            return None
        return found.seq, found.payload

    async def _moved(self, seq: int, events: int) -> bool:
        self._seq = seq
        self._sent += events
        self._moves += 1
        if self._moves % TIDY_EVERY == 0:
            await self._tidy(seq)
        return True

    async def _tidy(self, seq: int) -> None:
        try:
            await self._shared.transport.purge(self._stream, self._position, seq - 1)
        except TransportError:
            self._shared.observer.count("positions_left")
