"""State by key, written only when nobody else has written since it was read.

The state of a key and the result of the event that made it are one message, so they are stored
together without a batch (an atomic batch costs the server some 20 ms; one message 0.1 ms). Before
the next event replaces that message, its result is stored in the journal. So whoever reads the
state first and the journal afterwards finds the result of every event that the state contains.
"""

import asyncio
from hashlib import blake2b
from typing import Any

import msgspec

from kumeo_runtime.activation import Activation, StateEntry
from kumeo_runtime.engine.journal import StoredJournal
from kumeo_runtime.engine.known import Kept, Known
from kumeo_runtime.engine.shared import Shared
from kumeo_runtime.ids import Path
from kumeo_runtime.transport.api import CREATE, Accepted, Outgoing

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Kept).decode
_NONE = Known(Kept(b""), 0, None)


class StoredState:
    """The state that activations of a workflow share."""

    __slots__ = ("_act", "_shared")

    def __init__(self, shared: Shared, act: Activation) -> None:
        self._shared = shared
        self._act = act

    async def read(self, name: str, key: str) -> StateEntry:
        """Return the state of a key; `seq` 0 when it has none.

        The result of the event that made it is in the journal when this returns.
        """
        subject = self._subject(name, key)
        known = self._shared.states.get(subject) or await self._fetched(subject)
        if known.recording is not None:
            await asyncio.shield(known.recording)
            known.recording = None
        return StateEntry(known.kept.value, known.seq)

    async def write(self, name: str, key: str, value: bytes, expected_seq: int) -> int | None:
        """Store the state; return its sequence, or None when somebody else was first."""
        return await self._put(self._subject(name, key), Kept(value), expected_seq)

    async def apply(
        self,
        name: str,
        key: str,
        value: bytes,
        expected_seq: int,
        *,
        site: str,
        path: Path,
        result: Any,
        type: Any,
    ) -> bool:
        """Store the state and the result of the call together, or nothing.

        False: somebody else has written, or nobody knows. Read the state and the journal again.
        """
        entry = StoredJournal(self._shared, self._act).entry(site, path, result)
        kept = Kept(value, entry.subject, entry.payload)
        return await self._put(self._subject(name, key), kept, expected_seq) is not None

    async def _put(self, subject: str, kept: Kept, expected_seq: int) -> int | None:
        shared = self._shared
        message, tries = Outgoing(subject, _encode(kept), None, expected_seq), 0
        while True:
            outcome = await shared.ask(message)
            if isinstance(outcome, Accepted):
                break
            if not shared.is_passing(outcome, message) or outcome.reason != "full":
                # Somebody else has written, or nobody knows: what is known here is worth nothing.
                shared.states.forget(subject)
                return None
            tries += 1
            self._act.lease()
            await asyncio.sleep(shared.backoff(tries))
        if outcome.duplicate:
            shared.states.forget(subject)
            return None
        shared.states.put(subject, Known(kept, outcome.seq, self._recording(kept)))
        return outcome.seq

    def _recording(self, kept: Kept) -> "asyncio.Task[Any] | None":
        if not kept.subject:
            return None
        entry = Outgoing(kept.subject, kept.entry, None, CREATE)
        return self._shared.spawn(self._shared.store(entry))

    async def _fetched(self, subject: str) -> Known:
        found = await self._shared.last(subject, self._act.lease)
        if found is None:
            return _NONE
        known = Known(_decode(found.payload), found.seq, None)
        known.recording = self._recording(known.kept)
        self._shared.states.put(subject, known)
        return known

    def _subject(self, name: str, key: str) -> str:
        hashed = blake2b(key.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
        return self._shared.names.state(name, hashed)
