"""`RuntimeClient`: what people and other programs do with a running workflow.

It publishes events, answers tasks, reads and retries dead letters, shows the path of one event and
the state of all streams. It runs no handlers.
"""

import base64
from collections.abc import AsyncIterator
from typing import Any

import msgspec
from msgspec import Struct

from kumeo_runtime.config import Settings
from kumeo_runtime.engine.clock import Clock, WallClock
from kumeo_runtime.engine.flow import all_inputs
from kumeo_runtime.engine.letters import Letter
from kumeo_runtime.engine.observer import Observer
from kumeo_runtime.engine.openers import TIME_HEADER
from kumeo_runtime.engine.parking import Closed, Parking, TaskState
from kumeo_runtime.engine.provision import ensure_source
from kumeo_runtime.engine.revisions import Revisions, with_entries
from kumeo_runtime.engine.shared import EngineError, Shared
from kumeo_runtime.parked import Answer
from kumeo_runtime.service import transport_of
from kumeo_runtime.spec import Source, Workflow
from kumeo_runtime.tracing import Step, trace_of
from kumeo_runtime.transport.api import (
    Accepted,
    ConsumerInfo,
    Outgoing,
    Stored,
    StreamInfo,
    Transport,
)
from kumeo_runtime.values import json_enc_hook, json_encoder
from kumeo_runtime.withdrawing import CODE as WITHDRAWN
from kumeo_runtime.withdrawing import forget, withdraw

PAGE = 256


class Status(Struct):
    """All streams and consumers of a workflow; None where something is not there."""

    streams: dict[str, StreamInfo | None]
    consumers: dict[str, ConsumerInfo | None]
    """By name of the handler and, for sources, of the source: `HANDLER` or `HANDLER < SOURCE`."""
    dead_letters: int
    open_tasks: int
    config: dict[str, Any] = {}
    """Values of the configuration, as far as they are known here."""


class Entry(Struct):
    """An entry of the configuration."""

    value: Any
    """Plain data. What another process got at its start is not known here."""
    is_dynamic: bool
    since_us: int | None = None
    """From when on a change holds; None for the value of the start."""


class RuntimeClient:
    """One connection to the store of a workflow."""

    def __init__(
        self,
        workflow: Workflow,
        settings: Settings | None = None,
        *,
        transport: Transport | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.workflow = workflow
        self.settings = settings or Settings()
        self._transport = transport
        self._owns_transport = transport is None
        self._clock = clock or WallClock()
        self._shared: Shared | None = None

    # -- life
    async def connect(self) -> None:
        """Connect. Raises `TransportError` with what to do."""
        transport = self._transport or transport_of(self.settings)
        await transport.connect()
        self._transport = transport
        self._shared = Shared(self.workflow, transport, self.settings, self._clock, Observer())

    async def close(self) -> None:
        """Leave; what was published is stored."""
        if self._owns_transport and self._transport is not None:
            await self._transport.close()

    async def __aenter__(self) -> "RuntimeClient":
        await self.connect()
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.close()

    @property
    def shared(self) -> Shared:
        """The names and the transport; after `connect`."""
        if self._shared is None:
            raise EngineError("not-connected", "the client is not connected", "call connect first")
        return self._shared

    # -- events
    async def publish(
        self,
        source: str,
        event: Any,
        *,
        id: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> Accepted:
        """Store an event; with an id, publishing it again has no effect.

        event: JSON as bytes, or data. Raises `EngineError` when the store never takes it.
        """
        found = await self.source(source)
        payload = event if isinstance(event, bytes) else json_encoder().encode(event)
        if not isinstance(payload, bytes):
            raise EngineError(payload.code, payload.message, "send an event that has a JSON form")
        more = dict(headers or {})
        if id is not None:
            more |= {"Nats-Msg-Id": id, "Kumeo-Id": id}
        subject = self.shared.names.source_subject(found)
        outcome = await self.shared.store(Outgoing(subject, payload, more or None))
        if isinstance(outcome, Accepted):
            return outcome
        fix = "make the event smaller" if outcome.reason == "too-large" else "look at the server"
        raise EngineError(outcome.reason, f"the event is not stored: {outcome.message}", fix)

    async def source(self, name: str) -> Source:
        """Return a source and make sure that its stream is there."""
        found = {source.name: source for source in self.workflow.sources}.get(name)
        if found is None:
            known = ", ".join(sorted(source.name for source in self.workflow.sources))
            raise EngineError("unknown-source", f"there is no source `{name}`", f"use {known}")
        if name not in self.shared.source_streams:
            await ensure_source(self.shared, found)
        return found

    # -- configuration
    async def configure(self, name: str, value: Any) -> int:
        """Change a dynamic entry for events stored from now on (see `LAG_S`); return its revision.

        Raises `EngineError` when there is no such entry, or the value does not fit.
        """
        if name in self.workflow.dynamic and not await self._exists(self.shared.names.journal):
            raise EngineError(
                "no-stream",
                f"`{self.workflow.name}` has not run on this store yet",
                f"start it with `kumeo run --config {name}=…`",
            )
        return await Revisions(self.shared).set(name, value)

    async def entries(self) -> dict[str, Entry]:
        """Return the entries of the configuration: defaults, settings, and what was changed."""
        if self.workflow.config is None:
            return {}
        base = with_entries(msgspec.convert({}, self.workflow.config), self.settings.config)
        revisions = Revisions(self.shared, base)
        if await self._exists(self.shared.names.journal):
            await revisions.look()
        values = msgspec.to_builtins(revisions.latest, enc_hook=json_enc_hook)
        return {
            name: Entry(value, name in self.workflow.dynamic, revisions.since(name))
            for name, value in values.items()
        }

    # -- tasks
    async def tasks(self, only_open: bool = True) -> list[TaskState]:
        """Return the tasks that wait for somebody."""
        return await Parking(self.shared).list(only_open)

    async def decide(
        self, task: str, decision: str, *, by: str, form: Any = None
    ) -> TaskState | Closed:
        """Answer a task. `Closed` says why the answer does not count."""
        answer = Answer(decision, by, self._clock.now_us(), form)
        return await Parking(self.shared).decide(task, answer)

    async def withdraw(self, task: str, reason: str, *, by: str) -> Letter | Closed:
        """End an open task without an answer: its event becomes a dead letter, `withdrawn`."""
        return await withdraw(self, task, reason, by)

    # -- dead letters
    async def letters(self, limit: int = 1000) -> list[Letter]:
        """Return the dead letters, oldest first."""
        subject = f"{self.shared.names.prefix}.d.>"
        found: list[Letter] = []
        async for message in self.all(self.shared.names.journal, subject):
            found.append(msgspec.json.decode(message.payload, type=Letter))
            if len(found) == limit:
                break
        return found

    async def letter(self, id: str) -> Letter | None:
        """Return one dead letter; the beginning of its id is enough."""
        found = [letter for letter in await self.letters() if letter.id.startswith(id)]
        return found[0] if len(found) == 1 else None

    async def retry(self, letter: Letter) -> Accepted:
        """Handle a dead letter once more, as the same activation, and remove it.

        Failures in the journal of the activation are forgotten, results are kept.
        """
        if letter.truncated or letter.body is None:
            raise EngineError(
                "truncated-letter",
                f"dead letter {letter.id} holds only the beginning of its message",
                f"publish the event again from stream {letter.stream}, sequence {letter.seq}",
            )
        await self._forget_failures(letter)
        if letter.code == WITHDRAWN:
            await forget(self, letter)
        outcome = await self.shared.store(self._again(letter))
        if not isinstance(outcome, Accepted):
            raise EngineError(outcome.reason, outcome.message, "look at the server")
        await self.drop(letter)
        return outcome

    async def drop(self, letter: Letter) -> None:
        """Remove a dead letter."""
        names, transport = self.shared.names, self.shared.transport
        found = await Parking(self.shared).find(letter.id) if letter.code == WITHDRAWN else None
        if found is not None and found[0].status == WITHDRAWN:
            # The same question may have been asked again already; that one stays.
            await transport.purge(names.tasks, names.task(letter.id), found[1])
        await transport.purge(names.journal, names.letter(letter.handler, letter.id))

    def _again(self, letter: Letter) -> Outgoing:
        """Return the message of a letter; a new last token keeps the store from refusing it."""
        payload, at = base64.b64decode(letter.body or ""), self._clock.now_us()
        names = self.shared.names
        if letter.subject.startswith((f"{names.prefix}.e.", f"{names.prefix}.t.r.")):
            stem = letter.subject.partition("~")[0]
            return Outgoing(f"{stem}~{at}", payload, letter.headers)
        if letter.subject.startswith(f"{names.prefix}.o."):
            key = (letter.headers or {}).get("Kumeo-Id", letter.id)
            again = {**(letter.headers or {}), "Nats-Msg-Id": f"{key}~{at}"}
            return Outgoing(letter.subject, payload, again)
        moment = (letter.headers or {}).get(TIME_HEADER, str(letter.now_us))
        headers = {**(letter.headers or {}), "Kumeo-Id": letter.event_id, TIME_HEADER: moment}
        headers["Nats-Msg-Id"] = f"{letter.event_id}~{at}"
        return Outgoing(letter.subject, payload, headers)

    async def _forget_failures(self, letter: Letter) -> None:
        names = self.shared.names
        for step in await self.trace(letter.event_id, letter.source):
            if step.kind == "call" and step.failure is not None:
                await self.shared.transport.purge(names.journal, step.subject)

    # -- looking
    async def trace(self, event_id: str, source: str | None = None) -> list[Step]:
        """Return what is stored about one event, in the order in which it was stored."""
        for name in [source] if source else [s.name for s in self.workflow.sources]:
            await self.source(name)
        return await trace_of(self.shared, self.all, event_id, source)

    async def status(self) -> Status:
        """Return the state of all streams and consumers."""
        shared, names = self.shared, self.shared.names
        for source in self.workflow.sources:
            await ensure_source(shared, source)
        inputs = all_inputs(self.workflow, names, shared.source_streams)
        streams = {names.edges, names.journal, names.tasks, *(i.stream for i in inputs)}
        if await shared.transport.stream_info(names.outputs) is not None:
            streams.add(names.outputs)
        consumers: dict[str, ConsumerInfo | None] = {}
        for entry in inputs:
            name = entry.handler.name
            if isinstance(entry.reads, Source):
                name += f" < {entry.reads.name}"
            if entry.origin is not None:
                name += ", after a pause"
            consumers[name] = await shared.transport.consumer_info(entry.stream, entry.durable)
        return Status(
            {name: await shared.transport.stream_info(name) for name in sorted(streams)},
            consumers,
            len(await self.letters()) if await self._exists(names.journal) else 0,
            len(await self.tasks()) if await self._exists(names.tasks) else 0,
            {name: entry.value for name, entry in (await self.entries()).items()},
        )

    async def _exists(self, stream: str) -> bool:
        return await self.shared.transport.stream_info(stream) is not None

    async def all(self, stream: str, subject: str, start: int = 1) -> AsyncIterator[Stored]:
        """Return the messages of a filter, in order, page by page."""
        while True:
            page = await self.shared.transport.read(stream, subject, start, PAGE)
            for message in page:
                yield message
            if len(page) < PAGE:
                return
            start = page[-1].seq + 1
