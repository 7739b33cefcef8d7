"""Results of calls that are not deterministic: create-only, and what is stored wins.

An entry is read before each such call, also for a first delivery: the server may have forgotten
that another worker had the message. A result that is too large is a failure, and that is stored.
"""

from typing import Any

import msgspec
from msgspec import Raw, Struct

from kumeo_runtime.activation import Activation, Note, Recorded
from kumeo_runtime.engine.shared import Shared
from kumeo_runtime.ids import Path, child_id
from kumeo_runtime.transport.api import CREATE, Accepted, Outgoing, Refused, Stored
from kumeo_runtime.values import Failure, msgpack_decoder, msgpack_encoder

_encode = msgpack_encoder().encode


class Entry(Struct, array_like=True):
    """What is stored about a call."""

    site: str
    path: Path
    attempt: int
    failure: Failure | None
    value: Raw


_NOTHING = Raw(msgspec.msgpack.encode(None))
_decode = msgspec.msgpack.Decoder(Entry).decode


class StoredJournal:
    """The journal of one activation."""

    __slots__ = ("_act", "_shared")

    def __init__(self, shared: Shared, act: Activation) -> None:
        self._shared = shared
        self._act = act

    async def read(self, site: str, path: Path, type: Any, attempt: int = 0) -> Recorded | None:
        """Return what is stored about a call, or None."""
        subject, notes = self._subject(site, path, attempt), self._act.notes
        found: Note | Stored | None = notes.get(subject) if notes else None
        found = found or await self._shared.last(subject, self._act.lease)
        if found is None:
            return None
        self._shared.observer.count("journal_hits")
        self._note(subject, found.payload, found.stored_us)
        return Recorded(value_of(found.payload, type), found.stored_us)

    async def record(self, site: str, path: Path, value: Any, type: Any, attempt: int = 0) -> Any:
        """Store a result unless there is one; return what is stored."""
        message = self.entry(site, path, value, attempt)
        outcome = await self._shared.store(message)
        if isinstance(outcome, Refused):
            limit = Failure("result-too-large", f"the journal: {outcome.message}")
            message = self._outgoing(site, path, limit, attempt)
            outcome = await self._shared.store(message)
        if isinstance(outcome, Accepted) and outcome.duplicate:
            found = await self._shared.last(message.subject, self._act.lease)
            if found is None:
                return value
            self._note(message.subject, found.payload, found.stored_us)
            return value_of(found.payload, type)
        self._note(message.subject, message.payload, self._shared.clock.now_us())
        return value_of(message.payload, type)

    def _note(self, subject: str, payload: bytes, stored_us: int) -> None:
        """Keep an entry for the case that the activation has to wait: the stored one may go."""
        if self._act.notes is not None:
            self._act.notes[subject] = Note(payload, stored_us)

    def entry(self, site: str, path: Path, value: Any, attempt: int = 0) -> Outgoing:
        """Return the message that stores a result."""
        message = self._outgoing(site, path, value, attempt)
        limit = self._shared.settings.journal_max_bytes
        if len(message.payload) <= limit:
            return message
        text = f"the result has {len(message.payload)} bytes, more than {limit}"
        return self._outgoing(site, path, Failure("result-too-large", text), attempt)

    def _outgoing(self, site: str, path: Path, value: Any, attempt: int) -> Outgoing:
        failed = value if isinstance(value, Failure) else None
        raw = _NOTHING if failed else Raw(_encode(value))
        body = _encode(Entry(site, path, attempt, failed, raw))
        return Outgoing(self._subject(site, path, attempt), body, None, CREATE)

    def _subject(self, site: str, path: Path, attempt: int) -> str:
        key = child_id(self._act.id, site, path)
        return self._shared.names.entry(self._act.id, f"{key}.{attempt}")


def value_of(payload: bytes, type: Any) -> Any:
    """Return the value or failure of an entry."""
    entry = _decode(payload)
    if entry.failure is not None:
        return entry.failure
    try:
        return msgpack_decoder(type).decode(bytes(entry.value))
    except (msgspec.DecodeError, ValueError) as error:
        return Failure("invalid-answer", f"the journal holds another type: {error}")
