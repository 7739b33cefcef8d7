"""`MemoryCall`: an activation for tests of agents. Its journal and state are in memory."""

import asyncio
from typing import Any

from kumeo_runtime.activation import Recorded, StateEntry
from kumeo_runtime.ids import child_id
from kumeo_runtime.parked import Answer
from kumeo_runtime.values import Failure, Time, msgpack_decoder, msgpack_encoder

Path = tuple[int, ...]


class MemoryJournal:
    """Results by site, path and attempt; what is stored first wins, and is stored as bytes."""

    def __init__(self) -> None:
        self.entries: dict[tuple[str, Path, int], bytes | Failure] = {}

    async def read(self, site: str, path: Path, type: Any, attempt: int = 0) -> Recorded | None:
        """Return what is stored about a call, or None."""
        found = self.entries.get((site, path, attempt))
        if found is None:
            return None
        is_failure = isinstance(found, Failure)
        return Recorded(found if is_failure else msgpack_decoder(type).decode(found))

    async def record(self, site: str, path: Path, value: Any, type: Any, attempt: int = 0) -> Any:
        """Store a result unless there is one; return what is stored."""
        stored = value if isinstance(value, Failure) else msgpack_encoder().encode(value)
        self.entries.setdefault((site, path, attempt), stored)
        known = await self.read(site, path, type, attempt)
        return None if known is None else known.value


class MemoryState:
    """State by name and key. `rivals` writes happen just before the next ones of this process."""

    def __init__(self, journal: MemoryJournal) -> None:
        self.entries: dict[tuple[str, str], StateEntry] = {}
        self.rivals: list[Any] = []
        self.writes = 0
        self.journal = journal
        """The journal of the activation that writes now."""

    async def read(self, name: str, key: str) -> StateEntry:
        """Return the state of a key."""
        return self.entries.get((name, key), StateEntry(b"", 0))

    async def write(self, name: str, key: str, value: bytes, expected_seq: int) -> int | None:
        """Store the state, or return None when somebody else was first."""
        if self.rivals:
            self.rivals.pop(0)(self)
        if (await self.read(name, key)).seq != expected_seq:
            return None
        self.put(name, key, value)
        return self.writes

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
        """Store the state and the result together, or nothing."""
        if (site, path, 0) in self.journal.entries:
            return False
        if await self.write(name, key, value, expected_seq) is None:
            return False
        await self.journal.record(site, path, result, type)
        return True

    def put(self, name: str, key: str, value: bytes) -> None:
        """Store a state whatever was there."""
        self.writes += 1
        self.entries[name, key] = StateEntry(value, self.writes)


class MemoryCall:
    """One activation; several may share one state."""

    def __init__(self, id: str = "a1", now_us: int = 0, state: MemoryState | None = None) -> None:
        self.id = id
        self.now = Time(now_us)
        self.journal = MemoryJournal()
        self.state = state or MemoryState(self.journal)
        self.state.journal = self.journal
        self.observed: list[Failure] = []
        self.answer: Answer | None = None
        self.lost_after: int | None = None
        """How many checks of the lease succeed; None: all."""
        self._checks = 0

    def lease(self) -> None:
        """Raise `LeaseError` when the event has gone to somebody else."""
        self._checks += 1
        if self.lost_after is not None and self._checks > self.lost_after:
            raise LeaseError

    async def pause(
        self, site: str, path: Path, number: int, seconds: float, recorded: Recorded | None
    ) -> None:
        """Wait here, unless an earlier delivery has made the attempt."""
        if recorded is None:
            await asyncio.sleep(seconds)

    def observe(self, failure: Failure) -> None:
        """Keep a failure that something acting has read."""
        self.observed.append(failure)

    def child_id(self, site: str, path: Path = ()) -> str:
        """Return the id of what a site makes."""
        return child_id(self.id, site, path)


class LeaseError(Exception):
    """The event belongs to another worker."""
