"""What models have said in one call of an agent, in order, in the journal.

An answer is recorded before anybody uses it: create-only, and what is stored wins. A later delivery
plays the tape and goes on live where it ends, so nothing that was answered is paid for again. Only
a crash between an answer and its entry loses the answer. Where a budget of one event counts, each
question is announced before: one that was announced and has no answer counts with its worst case.
"""

from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct

from kumeo_runtime.llm.usage import Amount
from kumeo_runtime.values import Failure

if TYPE_CHECKING:
    from kumeo_runtime.agents.base import Call, Path

ASKED = "asked"
"""The code of an entry that says that a question is on its way."""
TEXT_MAX = 256 * 1024
"""The longest answer, in characters: an entry of the journal has to hold it."""


class Wanted(Struct, array_like=True, frozen=True):
    """A tool that a model wants to call, with its arguments as text."""

    id: str
    name: str
    arguments: str


class Said(Struct, array_like=True, frozen=True):
    """One answer of a model, or why there is none."""

    attempt: int
    engine: int
    """Its place in the chain."""
    text: str = ""
    calls: tuple[Wanted, ...] = ()
    tokens_in: int = 0
    tokens_out: int = 0
    cached_in: int = 0
    is_known: bool = True
    """Whether the server says what it used."""
    tokens: int = 0
    nano_usd: int = 0
    """What counts against budgets: what was used, or the worst case."""
    code: str = ""
    """Code of the failure; empty for an answer."""
    message: str = ""
    model: str = ""
    finish: str = ""
    probabilities: dict[str, dict[str, float]] | None = None
    """What the server says about the choices of a decision; None where it says nothing."""

    @property
    def charged(self) -> Amount:
        """What counts against budgets."""
        return Amount(self.tokens, self.nano_usd)


class Tape:
    """The answers of one call, up to now."""

    def __init__(self, act: "Call", site: str, path: "Path", attempt: int) -> None:
        self.attempt = attempt
        self._act = act
        self._site = f"{site}/ask"
        self._path = path
        self._entries: list[Said] = []
        self._next = 0
        self._stored = 0
        """Entries in the journal, announcements included."""
        self._open = self._lost = Amount()
        """The worst case of the question on its way, and of those that nobody has answered."""
        self._is_live = False

    async def rewind(self) -> None:
        """Read what earlier deliveries and attempts have recorded."""
        while not self._is_live:
            await self._read()
        self._next = sum(1 for entry in self._entries if entry.attempt < self.attempt)

    @property
    def spent(self) -> Amount:
        """What the call has used so far, in all attempts."""
        total = self._lost.plus(self._open)
        for entry in self._entries[: self._next]:
            total = total.plus(entry.charged)
        return total

    @property
    def number(self) -> int:
        """The number of the next answer, from 1."""
        return self._next + 1

    def ahead(self) -> Said | None:
        """Return the next answer if it is recorded, without taking it."""
        return self._entries[self._next] if self._next < len(self._entries) else None

    def take(self) -> Said:
        """Return the next recorded answer."""
        self._next += 1
        return self._entries[self._next - 1]

    async def announce(self, link: int, most: Amount) -> Said | None:
        """Store that a question goes out now; return its answer if another worker has it."""
        asked = Said(self.attempt, link, tokens=most.tokens, nano_usd=most.nano_usd, code=ASKED)
        found = await self._store(asked)
        self._add(found)
        return None if found.code == ASKED else self.take()

    async def record(self, said: Said) -> Said:
        """Store an answer as the next one; return what is stored."""
        if _size(said) > TEXT_MAX:
            problem = f"the answer has more than {TEXT_MAX} characters"
            said = _unusable(said, "too-large", problem)
        while self.ahead() is None:
            self._add(await self._store(said))  # maybe an announcement of another worker
        return self.take()

    async def _store(self, said: Said) -> Said:
        """Store an entry; return the one that is stored."""
        number = self._stored + 1
        found: Any = await self._act.journal.record(
            self._site, self._path, said, Said, attempt=number
        )
        is_failure = isinstance(found, Failure)
        return _unusable(said, found.code, found.message) if is_failure else found

    def _add(self, entry: Said) -> None:
        """Take an entry of the journal: an announcement, or an answer to one."""
        self._stored += 1
        if entry.code == ASKED:
            self._lost, self._open = self._lost.plus(self._open), entry.charged
        else:
            self._open = Amount()
            self._entries.append(entry)

    async def _read(self) -> None:
        number = self._stored + 1
        known: Any = await self._act.journal.read(self._site, self._path, Said, attempt=number)
        if known is None:
            self._is_live = True
            return
        found = known.value
        if isinstance(found, Failure):
            unknown = Said(self.attempt, 0, is_known=False)
            found = _unusable(unknown, found.code, found.message)
        self._add(found)


def _size(said: Said) -> int:
    return len(said.text) + sum(len(each.arguments) for each in said.calls)


def _unusable(said: Said, code: str, message: str) -> Said:
    """Return an answer that cannot be kept as a failure that was paid for."""
    return msgspec.structs.replace(said, text="", calls=(), code=code, message=message)
