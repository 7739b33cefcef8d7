"""Entries of the configuration that may change while the workflow runs.

Every change is stored in the journal stream and holds for events that are stored `LAG_S` later or
more. So which values an event reads follows from when it was stored, in every process and in every
attempt; the values then travel with its messages. A process looks for changes all the time. When it
could not look for nearly `LAG_S`, it takes no event that a change might concern.
"""

import asyncio
from typing import Any

import msgspec

from kumeo_runtime.engine.shared import EngineError, Shared
from kumeo_runtime.transport.api import CREATE, Accepted, Outgoing, TransportError

LAG_S = 5.0
POLL_S = 1.0
PAGE = 256


class Revisions:
    """The changes of one workflow, oldest first."""

    def __init__(self, shared: Shared, base: Any = None) -> None:
        self._shared = shared
        self._subject = f"{shared.names.prefix}.c."
        self._values: dict[str | None, Any] = {None: base}
        self._known: list[tuple[int, str]] = []
        """From when it holds, and all entries that were ever set, as JSON."""
        self._next_seq = 1
        self._sure_until = 0

    # -- reading
    async def look(self) -> None:
        """Read what is new."""
        asked_us = self._shared.clock.now_us()
        while True:
            stream = self._shared.names.journal
            page = await self._shared.transport.read(
                stream, f"{self._subject}*", self._next_seq, PAGE
            )
            for message in page:
                since = message.stored_us + int(LAG_S * 1e6)
                self._known.append((since, message.payload.decode()))
                self._next_seq = message.seq + 1
            if len(page) < PAGE:
                break
        self._sure_until = asked_us + int((LAG_S - POLL_S) * 1e6)

    async def watch(self) -> None:
        """Look for changes for ever."""
        while True:
            await asyncio.sleep(POLL_S)
            try:
                await self.look()
            except TransportError:
                self._shared.observer.count("config_unknown")

    def is_sure(self, stored_us: int) -> bool:
        """Return whether every change is known that may hold for an event."""
        return stored_us < self._sure_until

    def at(self, stored_us: int) -> str | None:
        """Return the entries that hold for an event; None when none was ever set."""
        found = None
        for since, text in self._known:
            if since <= stored_us:
                found = text
        return found

    def value(self, text: str | None) -> Any:
        """Return the configuration with some entries set."""
        if text not in self._values:
            self._values[text] = with_entries(self._values[None], msgspec.json.decode(text or "{}"))
        return self._values[text]

    @property
    def latest(self) -> Any:
        """The configuration with every change, also one that holds a moment from now."""
        return self.value(self._known[-1][1] if self._known else None)

    def since(self, name: str) -> int | None:
        """Return from when on the last value of an entry holds; None when it was never set."""
        found, before = None, object()
        for since_us, text in self._known:
            value: Any = msgspec.json.decode(text).get(name, before)
            if value != before:
                found, before = since_us, value
        return found

    # -- writing
    async def set(self, name: str, value: Any) -> int:
        """Set an entry; return the number of the revision."""
        workflow = self._shared.workflow
        if name not in workflow.dynamic:
            known = ", ".join(workflow.dynamic) or "none"
            problem = f"`{name}` is no entry of `{workflow.name}` that may change while it runs"
            fix = f"set it at the start, by `--config {name}=…`; those that may change: {known}"
            raise EngineError("not-dynamic", problem, fix)
        while True:
            await self.look()
            text = self._known[-1][1] if self._known else "{}"
            entries: dict[str, Any] = {**msgspec.json.decode(text), name: value}
            with_entries(msgspec.convert({}, workflow.config), entries)
            number = len(self._known) + 1
            body = msgspec.json.encode(entries)
            message = Outgoing(f"{self._subject}{number}", body, None, CREATE)
            outcome = await self._shared.store(message)
            if not isinstance(outcome, Accepted):
                raise EngineError(outcome.reason, outcome.message, "look at the server")
            if not outcome.duplicate:
                return number


def with_entries(base: Any, entries: dict[str, Any]) -> Any:
    """Return a configuration with other values for some entries."""
    kind: Any = base.__class__
    try:
        return msgspec.convert({**msgspec.to_builtins(base), **entries}, kind, strict=False)
    except msgspec.ValidationError as error:
        fix = "give a value of the type of the entry"
        raise EngineError("invalid-config", f"the value does not fit: {error}", fix) from error
