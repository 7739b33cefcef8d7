"""`Ticket`: the answer that a call waits for, of an agent that answers many calls at once.

A task awaits it like any other future. A crew that takes the steps of handlers itself asks to be
told instead: then an answer costs no turn of the loop.
"""

import asyncio
from collections.abc import Callable
from typing import Any


class Ticket(asyncio.Future[Any]):
    """A future with room for one who is told at once, in whatever context the answer comes."""

    __slots__ = ("told",)

    told: Callable[[], None] | None

    @classmethod
    def of(cls, loop: asyncio.AbstractEventLoop) -> "Ticket":
        """Return a new one."""
        ticket = cls(loop=loop)
        ticket.told = None
        return ticket

    def answer(self, outcome: Any) -> None:
        """Give the answer, unless nobody waits any more."""
        if not self.done():
            self.set_result(outcome)
            told, self.told = self.told, None
            if told is not None:
                told()

    def refuse(self, error: BaseException) -> None:
        """Let the call raise an error, unless nobody waits any more."""
        if not self.done():
            self.set_exception(error)
            self._tell()

    def withdraw(self) -> None:
        """End the waiting with `CancelledError`, unless the answer is here."""
        if self.cancel():
            self._tell()

    def _tell(self) -> None:
        """Tell whom there is to tell, and forget them: each holds the other until then."""
        told, self.told = self.told, None
        if told is not None:
            told()
