"""What a process remembers about the state of keys, so that most events read nothing."""

import asyncio
from collections import OrderedDict
from typing import Any

from msgspec import Struct

KNOWN_MAX = 65_536
"""Keys whose state is remembered."""


class Kept(Struct, array_like=True):
    """The message of a key: its state, and the journal entry of the event that made it."""

    value: bytes
    subject: str = ""
    entry: bytes = b""


class Known(Struct):
    """What this process knows about a key."""

    kept: Kept
    seq: int
    recording: "asyncio.Task[Any] | None"
    """Stores the result in the journal; None stands for done."""


class KnownStates:
    """The states that were used last, by subject. Others are read again."""

    def __init__(self, most: int = KNOWN_MAX) -> None:
        self._most = most
        self._known: OrderedDict[str, Known] = OrderedDict()

    def get(self, subject: str) -> Known | None:
        """Return what is known about a key."""
        found = self._known.get(subject)
        if found is not None:
            self._known.move_to_end(subject)
        return found

    def put(self, subject: str, known: Known) -> None:
        """Remember a state; the one that was not used for longest is forgotten."""
        self._known[subject] = known
        self._known.move_to_end(subject)
        if len(self._known) > self._most:
            self._known.popitem(last=False)

    def forget(self, subject: str) -> None:
        """Somebody else may have written it."""
        self._known.pop(subject, None)
