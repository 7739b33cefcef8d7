"""Takes a question back: the task ends, and its event becomes a dead letter.

The letter is stored first and the task is closed afterwards, so a crash in between loses nothing:
the task is still open, and withdrawing it again writes the same letter. Nothing goes on through the
edge of the task, so a version of the workflow that has no such edge may start afterwards. A retry
of the letter handles the event from its beginning, and people are asked anew.
"""

import base64
from typing import TYPE_CHECKING, Any

import msgspec

from kumeo_runtime.engine.letters import Letter, plain
from kumeo_runtime.engine.parking import Closed, Parking, TaskState
from kumeo_runtime.engine.shared import EngineError
from kumeo_runtime.ids import activation_id
from kumeo_runtime.meta import Message
from kumeo_runtime.parked import Answer
from kumeo_runtime.tasks.audit import Step
from kumeo_runtime.tracing import id_of, messages, recent
from kumeo_runtime.transport.api import CREATE, Accepted, Outgoing, Stored
from kumeo_runtime.values import Failure, msgpack_decoder

if TYPE_CHECKING:
    from kumeo_runtime.client import RuntimeClient

CODE = "withdrawn"
"""Code of the dead letter."""


async def withdraw(client: "RuntimeClient", task: str, reason: str, by: str) -> Letter | Closed:
    """End an open task without an answer; return the dead letter of its event."""
    shared = client.shared
    parking = Parking(shared)
    while True:
        found = await parking.find(task)
        if found is None:
            return Closed("unknown-task", f"there is no task {task}")
        state, seq = found
        if state.status != "open":
            return Closed("already-decided", f"task {task} is {state.status}")
        letter = await _letter(client, state, f"{by} has withdrawn the task: {reason}")
        subject = shared.names.letter(letter.handler, letter.id)
        body = msgspec.json.encode(letter)
        outcome = await shared.store(Outgoing(subject, body, None, CREATE))
        if not isinstance(outcome, Accepted):
            raise EngineError(outcome.reason, outcome.message, "look at the server")
        failure = Failure(CODE, reason, state.task.site)
        if await _close(parking, state, seq, failure, by, shared.clock.now_us()):
            return letter
        # Somebody was faster, or the state has changed.
        await shared.transport.purge(shared.names.journal, subject)


async def forget(client: "RuntimeClient", letter: Letter) -> None:
    """Remove what a withdrawn activation has left, so that its event starts from the beginning.

    Calls keep their results, and outputs have the same ids.
    """
    shared = client.shared
    names, transport = shared.names, shared.transport
    for state in await Parking(shared).list(only_open=False, limit=1_000_000):
        is_its = state.event_id == letter.event_id and state.source == letter.source
        if is_its and state.status != "open":
            await transport.purge(names.tasks, names.resume(state.edge, state.id))
            await transport.purge(names.tasks, names.task(state.id))
    activation = activation_id(shared.workflow.token, letter.source, letter.event_id)
    if await transport.stream_info(names.edges) is None:
        return
    for edge in shared.workflow.edges:
        for step in await messages(shared, client.all, edge, activation):
            await transport.purge(names.edges, step.subject)


async def _letter(client: "RuntimeClient", state: TaskState, message: str) -> Letter:
    letter = Letter(
        id=state.id,
        code=CODE,
        message=message,
        workflow=state.workflow,
        handler=state.edge,
        agent=state.task.site,
        at_us=state.asked_us,
        source=state.source,
        event_id=state.event_id,
        now_us=state.now,
    )
    stored = await _event(client, state)
    payload = _carried(state) if stored is None else stored.payload
    source = {each.name: each for each in client.workflow.sources}.get(state.source)
    subject = "" if source is None else client.shared.names.source_subject(source)
    if stored is not None:
        subject, letter.headers = stored.subject, dict(stored.headers or {})
        letter.stream, letter.seq = client.shared.source_streams[state.source][0], stored.seq
    letter.event, letter.subject = plain(payload), subject
    letter.truncated = payload is None or subject == "" or not {"*", ">"}.isdisjoint(subject)
    letter.body = base64.b64encode(payload or b"").decode()
    return letter


async def _event(client: "RuntimeClient", state: TaskState) -> Stored | None:
    """Return the event of a task as it was stored, if its source still has it."""
    shared = client.shared
    if state.source not in {source.name for source in shared.workflow.sources}:
        return None
    await client.source(state.source)
    stream, subject = shared.source_streams[state.source]
    created = shared.created.get(stream, "")
    async for message in recent(shared, client.all, stream, subject):
        if id_of(message.headers, created, message.seq) == state.event_id:
            return message
    return None


def _carried(state: TaskState) -> bytes | None:
    """Return the event that travels with the message that waits, whatever else that holds."""
    try:
        message: Any = msgpack_decoder(Message).decode(base64.b64decode(state.body))
    except (msgspec.DecodeError, ValueError):
        return None
    return message.meta.payload


async def _close(
    parking: Parking, state: TaskState, seq: int, failure: Failure, by: str, at_us: int
) -> bool:
    step = Step("withdrawn", by, at_us, state.label, comment=failure.message)
    state.status, state.due_us = "withdrawn", None
    state.answer = Answer(by=by, at=at_us, failure=failure, attempt=state.attempt)
    if not await parking.move(state, seq, step):
        return False
    await parking.forget_timers(state)
    return True
