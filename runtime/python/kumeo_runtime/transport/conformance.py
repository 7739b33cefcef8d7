"""Runs the cases of `runtime/conformance` on a transport: steps, faults, and what must follow.

A case is plain data (see `runtime/conformance/README.md`), so another runtime can run it too.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, field
from typing import Any
from uuid import uuid4

from kumeo_runtime.transport.api import (
    CREATE,
    Accepted,
    ConsumerConfig,
    Delivery,
    Outcome,
    Outgoing,
    Pull,
    StreamConfig,
    Transport,
)
from kumeo_runtime.transport.subjects import moment_text

PATIENCE_S = 4.0
"""How long something that must happen may take."""
_LOOK_S = 0.01


class CaseFailed(AssertionError):  # noqa: N818 - the case failed, not this code
    """A store does not do what a case expects."""


@dataclass(slots=True)
class Stage:
    """What a case runs on."""

    transport: Transport
    now_us: Callable[[], int]
    """The wall clock of the store."""
    restart: Callable[[], Awaitable[None]]
    """Kill the store and bring it back."""
    arrived: list[Delivery] = field(default_factory=list[Delivery])
    seen: int = 0
    """How many of `arrived` a step has looked at."""
    pull: Pull | None = None


async def run_case(case: dict[str, Any], stage: Stage) -> None:
    """Run one case on a connected transport; raise `CaseFailed` when an expectation is not met."""
    # A fresh name: a server may keep the last sequence of a stream that was deleted just now.
    name = f"{case['given']['stream']['name']}-{uuid4().hex[:8]}"
    given = {**case["given"], "stream": {**case["given"]["stream"], "name": name}}
    try:
        await _run(case, given, stage)
    finally:
        if stage.pull is not None:
            await stage.pull.stop()
        await stage.transport.delete_stream(name)


async def _run(case: dict[str, Any], given: dict[str, Any], stage: Stage) -> None:
    config = dict(given["stream"])
    config["subjects"] = tuple(config["subjects"])
    await stage.transport.ensure_stream(StreamConfig(**config))
    if "consumer" in given:
        consumer = dict(given["consumer"])
        consumer["filters"] = tuple(consumer["filters"])
        await stage.transport.ensure_consumer(ConsumerConfig(config["name"], **consumer))
    for number, step in enumerate(case["steps"], 1):
        verb = next(iter(step))
        try:
            await _VERBS[verb](stage, given, step[verb], step.get("gives"))
        except CaseFailed as failed:
            raise CaseFailed(f"{case['name']}, step {number} ({verb}): {failed}") from None


def expect(found: object, wanted: object) -> None:
    """Compare what is with what must be."""
    if found != wanted:
        raise CaseFailed(f"expected {wanted!r}, found {found!r}")


def outcome_text(outcome: Outcome, *, with_seq: bool) -> str:
    """Return `accepted 3`, `duplicate 3` or `refused full`."""
    if not isinstance(outcome, Accepted):
        return f"refused {outcome.reason}"
    word = "duplicate" if outcome.duplicate else "accepted"
    return f"{word} {outcome.seq}" if with_seq else word


def _check_outcome(outcome: Outcome, wanted: str | None) -> None:
    if wanted is not None:
        with_seq = wanted[-1].isdigit()
        found = outcome_text(outcome, with_seq=with_seq)
        if found != wanted:
            raise CaseFailed(f"expected {wanted}, found {found} ({outcome})")


def _message(stage: Stage, data: dict[str, Any]) -> Outgoing:
    headers = dict(data.get("headers", {}))
    if "fires_in_s" in data:
        when = stage.now_us() + int(data["fires_in_s"] * 1e6)
        headers |= {"Nats-Schedule": f"@at {moment_text(when)}"}
        headers |= {"Nats-Schedule-Target": data["target"]}
    wanted = data.get("expect")
    payload = str(data.get("payload", "")).encode() * data.get("times", 1)
    seq = CREATE if wanted == "create" else wanted
    return Outgoing(data["subject"], payload, headers or None, seq)


async def _publish(stage: Stage, given: Any, data: Any, gives: Any) -> None:
    answer: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
    stage.transport.publish(_message(stage, data), answer.set_result)
    _check_outcome(await answer, gives)


async def _batch(stage: Stage, given: Any, data: Any, gives: Any) -> None:
    outcome = await stage.transport.publish_batch([_message(stage, one) for one in data])
    _check_outcome(outcome, gives)


async def _pull(stage: Stage, given: Any, data: Any, gives: Any) -> None:
    if stage.pull is None:
        durable = given["consumer"]["durable"]
        stream = given["stream"]["name"]
        stage.pull = stage.transport.pull(stream, durable, stage.arrived.append)
    stage.pull.grant(data["messages"], data.get("bytes", 1 << 20))


async def _stop(stage: Stage, given: Any, data: Any, gives: Any) -> None:
    assert stage.pull is not None, "a case pulls before it stops"
    await stage.pull.stop()
    stage.pull = None


async def _arrive(stage: Stage, given: Any, data: Any, gives: Any) -> None:
    wanted = stage.seen + len(data)
    await _patiently(lambda: len(stage.arrived) >= wanted)
    found = [f"{d.seq}/{d.attempt}" for d in stage.arrived[stage.seen :]]
    stage.seen = len(stage.arrived)
    expect(found, [str(text) for text in data])


async def _silent(stage: Stage, given: Any, data: Any, gives: Any) -> None:
    await asyncio.sleep(data)
    expect([f"{d.seq}/{d.attempt}" for d in stage.arrived[stage.seen :]], [])


async def _wait(stage: Stage, given: Any, data: Any, gives: Any) -> None:
    await asyncio.sleep(data)


async def _ack(stage: Stage, given: Any, data: Any, gives: Any) -> None:
    for seq in data:
        stage.transport.ack(_latest(stage, seq))
    await stage.transport.flush()


async def _nak(stage: Stage, given: Any, data: Any, gives: Any) -> None:
    stage.transport.nak(_latest(stage, data["seq"]), data.get("delay_s", 0.0))
    await stage.transport.flush()


async def _progress(stage: Stage, given: Any, data: Any, gives: Any) -> None:
    expect(await stage.transport.in_progress(_latest(stage, data)), True)


async def _purge(stage: Stage, given: Any, data: Any, gives: Any) -> None:
    name = given["stream"]["name"]
    expect(await stage.transport.purge(name, data["subject"], data.get("up_to_seq")), gives)


async def _consumer(stage: Stage, given: Any, data: Any, gives: Any) -> None:
    stream, durable = given["stream"]["name"], given["consumer"]["durable"]
    await _eventually(lambda: stage.transport.consumer_info(stream, durable), data)


async def _stream(stage: Stage, given: Any, data: Any, gives: Any) -> None:
    await _eventually(lambda: stage.transport.stream_info(given["stream"]["name"]), data)


async def _last(stage: Stage, given: Any, data: Any, gives: Any) -> None:
    message = await stage.transport.get_last(given["stream"]["name"], data)
    expect(message.payload.decode() if message else None, gives)


async def _read(stage: Stage, given: Any, data: Any, gives: Any) -> None:
    found = await stage.transport.read(given["stream"]["name"], data)
    expect([f"{m.seq} {m.subject} {m.payload.decode()}" for m in found], gives)


async def _headers(stage: Stage, given: Any, data: Any, gives: Any) -> None:
    found = dict(_latest(stage, data).headers or {})
    expect({key: found.get(key) for key in gives}, gives)


async def _renew(stage: Stage, given: Any, data: Any, gives: Any) -> None:
    stream, durable = given["stream"]["name"], given["consumer"]["durable"]
    await stage.transport.delete_consumer(stream, durable)
    consumer: dict[str, Any] = {**given["consumer"], **data}
    consumer["filters"] = tuple(consumer["filters"])
    await stage.transport.ensure_consumer(ConsumerConfig(stream, **consumer))


async def _restart(stage: Stage, given: Any, data: Any, gives: Any) -> None:
    await stage.restart()
    await _patiently(lambda: stage.transport.is_connected)


def _latest(stage: Stage, seq: int) -> Delivery:
    found = [d for d in stage.arrived if d.seq == seq]
    if not found:
        raise CaseFailed(f"message {seq} has not arrived")
    return found[-1]


async def _patiently(is_so: Callable[[], bool]) -> None:
    deadline = asyncio.get_running_loop().time() + PATIENCE_S
    while not is_so() and asyncio.get_running_loop().time() < deadline:
        await asyncio.sleep(_LOOK_S)


async def _eventually(look: Callable[[], Awaitable[Any]], wanted: dict[str, Any]) -> None:
    deadline = asyncio.get_running_loop().time() + PATIENCE_S
    while True:
        info = await look()
        found = {key: value for key, value in asdict(info).items() if key in wanted}
        if found == wanted or asyncio.get_running_loop().time() > deadline:
            break
        await asyncio.sleep(_LOOK_S)
    expect(found, wanted)


_VERBS: dict[str, Callable[[Stage, Any, Any, Any], Awaitable[None]]] = {
    "publish": _publish,
    "batch": _batch,
    "pull": _pull,
    "stop": _stop,
    "arrive": _arrive,
    "silent_s": _silent,
    "wait_s": _wait,
    "ack": _ack,
    "nak": _nak,
    "progress": _progress,
    "purge": _purge,
    "consumer": _consumer,
    "stream": _stream,
    "last": _last,
    "read": _read,
    "headers": _headers,
    "renew": _renew,
    "restart": _restart,
}
