"""State by key, written only when nobody else has written since it was read."""

import asyncio
from hashlib import blake2b
from typing import Any

from kumeo_runtime.activation import Activation, StateEntry
from kumeo_runtime.engine.journal import StoredJournal
from kumeo_runtime.engine.shared import Shared
from kumeo_runtime.ids import Path
from kumeo_runtime.transport.api import CREATE, Accepted, Outgoing, TransportError


class StoredState:
    """The state that activations of a workflow share."""

    __slots__ = ("_act", "_shared")

    def __init__(self, shared: Shared, act: Activation) -> None:
        self._shared = shared
        self._act = act

    async def read(self, name: str, key: str) -> StateEntry:
        """Return the state of a key; `seq` 0 when it has none."""
        tries = 0
        while True:
            try:
                found = await self._shared.transport.get_last(
                    self._shared.names.journal, self._subject(name, key)
                )
            except TransportError:
                self._act.lease()
                tries += 1
                await asyncio.sleep(self._shared.backoff(tries))
                continue
            return StateEntry(b"", 0) if found is None else StateEntry(found.payload, found.seq)

    async def write(self, name: str, key: str, value: bytes, expected_seq: int) -> int | None:
        """Store the state; return its sequence, or None when somebody else was first."""
        message = Outgoing(self._subject(name, key), value, None, expected_seq or CREATE)
        outcome = await self._shared.store(message)
        if isinstance(outcome, Accepted) and not outcome.duplicate:
            return outcome.seq
        return None

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

        False: somebody else has written, so read the journal and the state again.
        """
        shared, tries = self._shared, 0
        entry = StoredJournal(shared, self._act).entry(site, path, result)
        state = Outgoing(self._subject(name, key), value, None, expected_seq)
        while True:
            outcome = await shared.transport.publish_batch([state, entry])
            if isinstance(outcome, Accepted):
                return not outcome.duplicate
            if outcome.reason == "conflict" or not shared.is_passing(outcome, state):
                return False
            if outcome.reason == "unavailable":
                return False
            tries += 1
            self._act.lease()
            await asyncio.sleep(shared.backoff(tries))

    def _subject(self, name: str, key: str) -> str:
        hashed = blake2b(key.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
        return self._shared.names.state(name, hashed)
