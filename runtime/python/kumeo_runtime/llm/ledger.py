"""What an agent has used in this hour or day: one entry of the store for all workers.

Several calls of a process share a write. A reservation has the id of its question: a question that
is asked again after a crash counts the lost one at its worst case, because it may have been paid.
"""

import asyncio
import time
import uuid
from collections.abc import Callable
from typing import Any, Protocol

import msgspec
from msgspec import Struct, field

from kumeo_runtime.llm.budget import CODE, PERIODS, Limit, exceeded
from kumeo_runtime.llm.usage import Amount
from kumeo_runtime.values import Fault

REFUSALS_MAX = 12
"""Writes that may fail in a row although nothing has changed: then it cannot be stored."""
OPEN_MAX = 4096
"""Reservations that are kept one by one; older ones count as used at their worst case."""
PAUSE_S, PAUSE_MAX_S = 0.02, 2.0


class Entry(Protocol):
    """A value of the store; `seq` 0 stands for none."""

    @property
    def value(self) -> bytes:
        """The bytes."""
        ...

    @property
    def seq(self) -> int:
        """The number of the write that made it."""
        ...


class Store(Protocol):
    """Values by name and key, written only if nobody else has written since the read."""

    async def read(self, name: str, key: str) -> Entry:
        """Return the value of a key."""
        ...

    async def write(self, name: str, key: str, value: bytes, expected_seq: int) -> int | None:
        """Store a value; return None when somebody else was first."""
        ...


class Reserved(Struct, array_like=True, frozen=True):
    """The worst case of a question that is on its way."""

    tokens: int
    nano_usd: int
    mark: str
    """Who reserved it: tells a write whose answer was lost from a question of an earlier run."""


class Account(Struct, array_like=True):
    """The sums of one period."""

    period: int = 0
    tokens: int = 0
    nano_usd: int = 0
    open: dict[str, Reserved] = field(default_factory=dict[str, Reserved])

    def total(self) -> Amount:
        """Return what is used and reserved."""
        tokens = self.tokens + sum(each.tokens for each in self.open.values())
        return Amount(tokens, self.nano_usd + sum(each.nano_usd for each in self.open.values()))

    def add(self, amount: Amount) -> None:
        """Count an amount as used."""
        self.tokens += amount.tokens
        self.nano_usd += amount.nano_usd

    def close(self, id: str) -> bool:
        """Count a reservation as used; return whether there was one."""
        found = self.open.pop(id, None)
        if found is not None:
            self.add(Amount(found.tokens, found.nano_usd))
        return found is not None


Change = Callable[[Account], bool | None]
"""Changes an account; says False when it may not, None when there was nothing to change."""
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Account).decode


class Ledger:
    """The account of one agent for one limit."""

    def __init__(self, site: str, limit: Limit, clock: Callable[[], float] = time.time) -> None:
        self.limit = limit
        self._site = site
        self._key = f"budget/{limit.per}"
        self._seconds = PERIODS[limit.per]
        self._clock = clock
        self._lock = asyncio.Lock()
        self._todo: list[tuple[Change, asyncio.Future[bool]]] = []
        self._mark = uuid.uuid4().hex
        self._count = 0

    async def reserve(self, store: Store, id: str, most: Amount) -> None:
        """Reserve the worst case of a question. Raises: Fault when it does not fit."""
        self._count += 1
        wanted = Reserved(most.tokens, most.nano_usd, f"{self._mark}-{self._count}")

        def change(account: Account) -> bool | None:
            found = account.open.get(id)
            if found is not None and found.mark == wanted.mark:
                return None
            account.close(id)
            if not self.limit.admits(account.total().plus(most)):
                return False
            account.open[id] = wanted
            while len(account.open) > OPEN_MAX:
                account.close(next(iter(account.open)))
            return True

        if not await self._done(store, change):
            raise Fault(CODE, exceeded(self.limit))

    async def settle(self, store: Store, id: str, used: Amount) -> None:
        """Put what was used in place of a reservation, if it is still there."""

        def change(account: Account) -> bool | None:
            if account.open.pop(id, None) is None:
                return None
            account.add(used)
            return True

        await self._done(store, change)

    async def _done(self, store: Store, change: Change) -> bool:
        """Make a change, together with those of others; return whether it was allowed."""
        answer: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        mine = (change, answer)
        self._todo.append(mine)
        try:
            async with self._lock:
                if not answer.done():
                    await self._write(store)
        finally:
            if mine in self._todo:
                self._todo.remove(mine)
        return answer.result()

    async def _write(self, store: Store) -> None:
        """Make all changes that wait in one write; they stay where they are if this fails."""
        seq, refusals = -1, 0
        while refusals < REFUSALS_MAX:
            entry = await store.read(self._site, self._key)
            if entry.seq == seq:
                refusals += 1
                await asyncio.sleep(min(PAUSE_S * 2.0**refusals, PAUSE_MAX_S))
            else:
                refusals, seq = 0, entry.seq
            account, batch = self._account(entry), list(self._todo)
            outcomes = [change(account) for change, _ in batch]
            is_same = True not in outcomes
            if is_same or await self._stored(store, account, seq):
                self._tell(batch, outcomes)
                return
        raise Fault("attempt-failed", "the budget cannot be stored, so nothing is asked")

    async def _stored(self, store: Store, account: Account, seq: int) -> bool:
        return await store.write(self._site, self._key, _encode(account), seq) is not None

    def _tell(self, batch: list[tuple[Change, Any]], outcomes: list[bool | None]) -> None:
        for (change, answer), outcome in zip(batch, outcomes, strict=True):
            self._todo = [each for each in self._todo if each[0] is not change]
            if not answer.done():
                answer.set_result(outcome is not False)

    def _account(self, entry: Entry) -> Account:
        """Return the account of this period; of two clocks the later one counts."""
        account = _decode(entry.value) if entry.seq else Account()
        period = int(self._clock() // self._seconds)
        return account if account.period >= period else Account(period)
