"""The path of one event through a workflow, from what is stored about it."""

import base64
from collections.abc import AsyncIterator, Callable
from typing import Any, Literal

import msgspec
from msgspec import Struct

from kumeo_runtime.engine.journal import Entry
from kumeo_runtime.engine.letters import Letter, plain
from kumeo_runtime.engine.openers import body_decoder
from kumeo_runtime.engine.parking import Parking
from kumeo_runtime.engine.shared import Shared
from kumeo_runtime.ids import activation_id, child_id, stored_id
from kumeo_runtime.spec import Edge
from kumeo_runtime.transport.api import Headers, Stored
from kumeo_runtime.values import Failure, json_enc_hook

Pages = Callable[[str, str, int], AsyncIterator[Stored]]
SCANNED = 20_000
"""How many of the last messages of a source or target are looked at."""
PATHS = 256
KINDS = ("event", "edge", "call", "task", "emit", "dead-letter")
"""In the order in which things of one moment come."""


class Step(Struct):
    """One thing that is stored about an event."""

    kind: Literal["event", "edge", "call", "task", "emit", "dead-letter"]
    name: str
    """Source, edge, site, target or handler."""
    at_us: int
    subject: str
    seq: int
    value: Any = None
    """Plain data, as far as it can be shown."""
    failure: Failure | None = None
    id: str = ""


async def trace_of(shared: Shared, pages: Pages, event_id: str, source: str | None) -> list[Step]:
    """Return the steps of an event in the order of time."""
    steps: list[Step] = []
    for entry in shared.workflow.sources:
        if source in (None, entry.name):
            stream, subject = shared.source_streams[entry.name]
            steps += await events(shared, pages, stream, subject, event_id, entry.name)
            activation = activation_id(shared.workflow.token, entry.name, event_id)
            steps += await calls(shared, pages, activation)
            for edge in shared.workflow.edges:
                steps += await messages(shared, pages, edge, activation)
    steps += await emissions(shared, pages, event_id)
    steps += await tasks(shared, event_id)
    steps += await letters(shared, pages, event_id)
    return sorted(steps, key=lambda step: (step.at_us, KINDS.index(step.kind), step.seq))


async def recent(shared: Shared, pages: Pages, stream: str, subject: str) -> AsyncIterator[Stored]:
    """Return the last messages of a filter."""
    info = await shared.transport.stream_info(stream)
    if info is not None:
        async for message in pages(stream, subject, max(1, info.last_seq - SCANNED)):
            yield message


def id_of(headers: Headers | None, created: str, seq: int) -> str:
    """Return the id of a stored event."""
    known = headers or {}
    return known.get("Kumeo-Id") or known.get("Nats-Msg-Id") or stored_id(created, seq)


async def events(
    shared: Shared, pages: Pages, stream: str, subject: str, event_id: str, name: str
) -> list[Step]:
    """Return the event itself."""
    created = shared.created.get(stream, "")
    return [
        Step("event", name, m.stored_us, m.subject, m.seq, shown(m.payload), id=event_id)
        async for m in recent(shared, pages, stream, subject)
        if id_of(m.headers, created, m.seq) == event_id
    ]


async def calls(shared: Shared, pages: Pages, activation: str) -> list[Step]:
    """Return the journalled calls."""
    found: list[Step] = []
    async for m in pages(shared.names.journal, shared.names.entry(activation, ">"), 1):
        entry = msgspec.msgpack.decode(m.payload, type=Entry)
        name = entry.site + "".join(f"[{i}]" for i in entry.path)
        name += f" attempt {entry.attempt}" if entry.attempt else ""
        value = msgspec.to_builtins(msgspec.msgpack.decode(bytes(entry.value)), str_keys=True)
        found.append(Step("call", name, m.stored_us, m.subject, m.seq, value, entry.failure))
    return found


async def messages(shared: Shared, pages: Pages, edge: Edge, activation: str) -> list[Step]:
    """Return the messages of an edge, also those of the elements of a `for`."""
    if edge.is_parked:
        return []
    found: list[Step] = []
    paths: list[tuple[int, ...]] = [(), *((i,) for i in range(PATHS))]
    for path in paths:
        key = child_id(activation, edge.token, path)
        subject = f"{shared.names.edge(edge)}*.{key}"
        page = [m async for m in pages(shared.names.edges, subject, 1)]
        if not page and path not in ((), (0,)):
            break
        for m in page:
            value = edge_value(edge, m.payload)
            found.append(Step("edge", edge.name, m.stored_us, m.subject, m.seq, value, id=key))
    return found


def edge_value(edge: Edge, body: bytes) -> Any:
    """Return the values of an edge message by name."""
    try:
        message = body_decoder(edge)(body)
    except (msgspec.DecodeError, ValueError):
        return None
    fields = [name for name in message.__struct_fields__ if name != "meta"]
    return {
        name: msgspec.to_builtins(getattr(message, name), str_keys=True, enc_hook=json_enc_hook)
        for name in fields
    }


async def emissions(shared: Shared, pages: Pages, event_id: str) -> list[Step]:
    """Return what targets got."""
    found: list[Step] = []
    for target in shared.workflow.targets:
        subject = shared.names.target_subject(target)
        stream = await shared.transport.stream_of(subject)
        if stream is None:
            continue
        async for m in recent(shared, pages, stream, subject):
            headers = m.headers or {}
            if headers.get("Kumeo-Event") == event_id:
                key = headers.get("Kumeo-Id", "")
                value = shown(m.payload)
                found.append(Step("emit", target.name, m.stored_us, subject, m.seq, value, id=key))
    return found


async def tasks(shared: Shared, event_id: str) -> list[Step]:
    """Return the tasks that people got."""
    if await shared.transport.stream_info(shared.names.tasks) is None:
        return []
    states = await Parking(shared).list(only_open=False)
    return [
        Step(
            "task",
            s.task.site,
            s.asked_us,
            shared.names.task(s.id),
            0,
            {"status": s.status, "answer": msgspec.to_builtins(s.answer)},
            id=s.id,
        )
        for s in states
        if s.event_id == event_id
    ]


async def letters(shared: Shared, pages: Pages, event_id: str) -> list[Step]:
    """Return the dead letters."""
    found: list[Step] = []
    async for m in pages(shared.names.journal, f"{shared.names.prefix}.d.>", 1):
        letter = msgspec.json.decode(m.payload, type=Letter)
        if letter.event_id == event_id:
            failure = Failure(letter.code, letter.message, letter.agent or None)
            step = Step("dead-letter", letter.handler, m.stored_us, m.subject, m.seq)
            step.failure, step.id = failure, letter.id
            found.append(step)
    return found


def shown(payload: bytes) -> Any:
    """Return a payload as plain data."""
    try:
        return msgspec.json.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        value = plain(payload)
        return value if isinstance(value, str) else {"base64": base64.b64encode(payload).decode()}
