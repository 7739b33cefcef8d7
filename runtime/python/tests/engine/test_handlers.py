"""What becomes of an event: outputs, reports, dead letters."""

import asyncio
import base64
from typing import Any

import msgspec
import pytest
from kumeo_runtime.activation import Activation
from kumeo_runtime.config import Settings
from kumeo_runtime.meta import Message
from kumeo_runtime.spec import Consumer, Edge, Source
from kumeo_runtime.testing.rig import ERRORS, OUT, SOURCE, Rig, flow, rigged
from kumeo_runtime.values import Failure, Record


class Amount(Record):
    amount: float


class Body(Message):
    n: int


NEXT = Edge("next", "next", Body)
TYPED = Source("events", "nats", "in.events", Amount)
FAST = Consumer(attempts=3)


def echo(act: Activation, event: dict[str, Any]) -> None:
    act.emit(OUT, event, site="emit")


def test_source_handler_emits_once_for_equal_ids() -> None:
    async def script(rig: Rig) -> None:
        await rig.send({"n": 1})
        await rig.send({"n": 1})
        assert rig.out == [{"n": 1}]

    rigged(flow(echo), script)


def test_emit_infinite_number_is_reported_and_not_sent() -> None:
    def handler(act: Activation, event: dict[str, Any]) -> None:
        act.emit(OUT, {"x": float("inf")}, site="emit")

    async def script(rig: Rig) -> None:
        await rig.send({"n": 1})
        assert rig.out == []
        (report,) = rig.stored(ERRORS.address)
        assert report["error"]["code"] == "not-finite"
        assert report["event"] == {"n": 1}

    rigged(flow(handler, on_error=ERRORS), script)


def test_failed_activation_without_target_becomes_a_dead_letter() -> None:
    def handler(act: Activation, event: dict[str, Any]) -> None:
        act.observe(Failure("overflow", "too large"))
        act.observe(Failure("null-value", "later"))

    async def script(rig: Rig) -> None:
        await rig.send({"n": 1})
        (letter,) = await rig.client.letters()
        assert (letter.code, letter.event_id, letter.event) == ("overflow", "e0", {"n": 1})

    rigged(flow(handler), script)


def test_failure_that_is_observed_in_a_scope_is_not_reported() -> None:
    def handler(act: Activation, event: dict[str, Any]) -> None:
        with act.scope() as scope:
            act.observe(Failure("overflow", "too large"))
        act.emit(OUT, scope.first.code if scope.first else None, site="emit")

    async def script(rig: Rig) -> None:
        await rig.send({"n": 1})
        assert rig.out == ["overflow"]
        assert await rig.client.letters() == []

    rigged(flow(handler), script)


def test_failure_before_an_edge_is_reported_behind_it() -> None:
    def first(act: Activation, event: dict[str, Any]) -> None:
        act.observe(Failure("overflow", "too large"))
        act.send(NEXT, Body(act.meta, 1))

    def second(act: Activation, message: Body) -> None:
        act.observe(Failure("null-value", "later"))

    async def script(rig: Rig) -> None:
        await rig.send({"n": 1})
        (letter,) = await rig.client.letters()
        assert (letter.code, letter.handler, letter.event) == ("overflow", "next", {"n": 1})

    rigged(flow(first, (NEXT, second)), script)


@pytest.mark.parametrize("raw", [b'{"amount": "much"}', b"\xff\xfe", b"{"])
def test_invalid_event_becomes_a_dead_letter_with_its_bytes(raw: bytes) -> None:
    async def script(rig: Rig) -> None:
        await rig.send(raw)
        (letter,) = await rig.client.letters()
        assert letter.code == "invalid-event"
        assert base64.b64decode(letter.body or "") == raw
        assert rig.engine.in_flight == 0

    rigged(flow(echo, source=TYPED), script)


def test_invalid_event_goes_to_the_error_target_when_there_is_one() -> None:
    async def script(rig: Rig) -> None:
        await rig.send(b'{"amount": "much"}')
        (report,) = rig.stored(ERRORS.address)
        assert report["error"]["code"] == "invalid-event"
        assert report["event"] == {"amount": "much"}

    rigged(flow(echo, source=TYPED, on_error=ERRORS), script)


def test_handler_that_always_raises_becomes_a_dead_letter_without_its_secret() -> None:
    calls = []

    def handler(act: Activation, event: dict[str, Any]) -> None:
        calls.append(event["n"])
        if event["n"] == 1:
            raise ValueError("password=123")
        echo(act, event)

    async def script(rig: Rig) -> None:
        await rig.send({"n": 1}, {"n": 2})
        await rig.send()
        (letter,) = await rig.client.letters()
        assert letter.code == "handler-crashed"
        assert "ValueError" in letter.message
        assert "123" not in letter.message
        assert calls.count(1) == FAST.attempts
        assert rig.out == [{"n": 2}]

    rigged(flow(handler, consumer=FAST), script)


def test_output_larger_than_the_store_takes_becomes_a_dead_letter() -> None:
    def handler(act: Activation, event: dict[str, Any]) -> None:
        act.emit(OUT, "x" * (2 << 20), site="emit")

    async def script(rig: Rig) -> None:
        await rig.send({"n": 1})
        (letter,) = await rig.client.letters()
        assert letter.code == "too-large"

    rigged(flow(handler), script)


def test_retry_of_a_dead_letter_handles_it_as_the_same_activation() -> None:
    works = []

    async def handler(act: Activation, event: dict[str, Any]) -> None:
        known = await act.journal.read("call", (), int)
        value = known.value if known else Failure("down", "no answer") if not works else 7
        stored = await act.journal.record("call", (), value, int)
        if isinstance(stored, Failure):
            act.observe(stored)
            return
        act.emit(OUT, {"v": stored, "at": int(act.now)}, site="emit")

    async def script(rig: Rig) -> None:
        await rig.send({"n": 1})
        (letter,) = await rig.client.letters()
        works.append(True)
        await rig.client.retry(letter)
        await rig.send()
        assert rig.out == [{"v": 7, "at": letter.now_us}]
        assert await rig.client.letters() == []

    rigged(flow(handler), script)


def test_journal_result_that_is_too_large_is_a_failure_for_everybody() -> None:
    async def handler(act: Activation, event: dict[str, Any]) -> None:
        first = await act.journal.record("call", (), "x" * 100, str)
        again = await act.journal.read("call", (), str)
        assert again is not None
        act.emit(OUT, [first.code, again.value.code], site="emit")

    async def script(rig: Rig) -> None:
        await rig.send({"n": 1})
        assert rig.out == [["result-too-large"] * 2]

    rigged(flow(handler), script, Settings(journal_max_bytes=50))


def test_trace_shows_event_edge_call_and_emission() -> None:
    def first(act: Activation, event: dict[str, Any]) -> None:
        act.send(NEXT, Body(act.meta, event["n"]))

    async def second(act: Activation, message: Body) -> None:
        value = await act.journal.record("call", (), message.n + 1, int)
        act.emit(OUT, value, site="emit")

    async def script(rig: Rig) -> None:
        await rig.send({"n": 1})
        steps = await rig.client.trace("e0")
        assert [(s.kind, s.name, s.value) for s in steps] == [
            ("event", "events", {"n": 1}),
            ("edge", "next", {"n": 1}),
            ("call", "call", 2),
            ("emit", "out", 2),
        ]
        status = await rig.client.status()
        assert {info.pending for info in status.consumers.values() if info} == {0}
        assert set(status.consumers) == {"first < events", "next"}

    rigged(flow(first, (NEXT, second)), script)


def test_edge_that_does_not_carry_the_event_has_no_payload() -> None:
    bare = Edge("bare", "bare", Body, carries_event=False)
    seen: list[Any] = []

    def first(act: Activation, event: dict[str, Any]) -> None:
        act.send(bare, Body(act.meta, 1))
        seen.append(act.meta.payload)

    def second(act: Activation, message: Body) -> None:
        seen.append(message.meta.payload)

    async def script(rig: Rig) -> None:
        await rig.send({"n": 1})
        assert seen == [msgspec.json.encode({"n": 1}), None]

    rigged(flow(first, (bare, second)), script)


def test_letter_of_an_edge_message_that_no_handler_ended_names_its_event() -> None:
    async def second(act: Activation, message: Body) -> None:
        await asyncio.sleep(1e6)

    def first(act: Activation, event: dict[str, Any]) -> None:
        act.send(NEXT, Body(act.meta, 1))

    workflow = flow(first, (NEXT, second), consumer=Consumer(attempts=1))

    async def script(rig: Rig) -> None:
        await rig.send({"n": 1})
        await rig.engine.stop()
        async with Rig(workflow, server=rig.server) as again:
            await asyncio.sleep(1.0)
            (letter,) = await again.client.letters()
            found = (letter.code, letter.event_id, letter.source, letter.event)
            assert found == ("attempts-exhausted", "e0", "events", {"n": 1})

    rigged(workflow, script)


def test_source_constants_name_the_stream_of_the_subject() -> None:
    async def script(rig: Rig) -> None:
        assert set(rig.server.streams) >= {"dev_S_in_events", "dev_flow_E", "dev_flow_O"}

    rigged(flow(echo, source=SOURCE), script)
