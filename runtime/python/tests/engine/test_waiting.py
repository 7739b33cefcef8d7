"""A retry that is far away: the message waits in the store, and attempts keep their numbers."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from kumeo_runtime.activation import Activation, Postponed
from kumeo_runtime.agents.base import AwaitedAgent, Path, Policy
from kumeo_runtime.config import Settings
from kumeo_runtime.engine.engine import Engine
from kumeo_runtime.engine.shared import EngineError
from kumeo_runtime.engine.waiting import waiting_in
from kumeo_runtime.flow import together
from kumeo_runtime.service import Service
from kumeo_runtime.spec import Consumer, Source, Workflow
from kumeo_runtime.testing.connected import settings_on, until, values_of
from kumeo_runtime.testing.rig import OUT, SOURCE, Rig, flow, rigged
from kumeo_runtime.transport.api import Outgoing
from kumeo_runtime.values import Failure, Fault

KEYED = Source("events", "nats", "in.events", dict[str, Any], key="key")


class Unwilling(AwaitedAgent[int]):
    """Fails so often, then answers with the number of its attempt."""

    def __init__(self, fails: int, pause_s: float = 60.0, site: str = "call") -> None:
        policy = Policy(attempts=4, backoff="fixed", delay_s=pause_s)
        super().__init__(site=site, result=int, policy=policy)
        self.fails = fails
        self.made = 0

    async def work(self, act: Any, path: Path, inputs: Mapping[str, Any]) -> int:
        self.made += 1
        if self.made <= self.fails:
            raise Fault("attempt-failed", f"attempt {self.made}")
        return self.made


def calling(
    agent: Unwilling, *others: Unwilling, source: Source = SOURCE, later_s: float = 10.0
) -> Workflow:
    async def first(act: Activation, event: dict[str, Any]) -> None:
        answer = await agent(act)
        code = answer.code if isinstance(answer, Failure) else None
        act.emit(OUT, [event["n"], None if code else answer, code, act.meta.event], site="emit")

    consumer = Consumer(later_s=later_s, ack_wait_s=5.0)
    workflow = flow(first, source=source, consumer=consumer)
    services = (replace(workflow.services[0], agents=(agent, *others)),)
    return replace(workflow, services=services)


async def unacknowledged(rig: Rig) -> int:
    shared = rig.engine.shared
    stream, _ = shared.source_streams["events"]
    info = await rig.transport.consumer_info(stream, shared.names.source_durable(SOURCE))
    assert info is not None
    return info.unacknowledged


def test_retry_far_away_costs_nothing_while_it_waits() -> None:
    agent = Unwilling(2)

    async def script(rig: Rig) -> None:
        await rig.send({"n": 1})
        assert (agent.made, rig.engine.in_flight, await unacknowledged(rig)) == (1, 0, 0)
        await asyncio.sleep(57)
        assert agent.made == 1
        await asyncio.sleep(4)
        assert (agent.made, rig.engine.in_flight) == (2, 0)
        await asyncio.sleep(60)
        assert rig.out == [[1, 3, None, "e0"]]
        assert await waiting_in(rig.engine.shared) == []
        assert rig.engine.observer.handler("first").done == 1

    rigged(calling(agent), script)


def test_retry_far_away_survives_a_restart() -> None:
    agent = Unwilling(1)

    async def script(rig: Rig) -> None:
        await rig.send({"n": 1})
        await rig.engine.stop()
        await asyncio.sleep(30)
        parts = (rig.workflow, rig.workflow.services, rig.transport, rig.settings)
        rig.engine = Engine(*parts, clock=rig.server)
        await rig.engine.start()
        await asyncio.sleep(32)
        assert rig.out == [[1, 2, None, "e0"]]

    rigged(calling(agent), script)


@pytest.mark.parametrize("hours", [1, -1])
def test_retry_far_away_goes_by_the_clock_of_the_store(hours: int) -> None:
    agent = Unwilling(1)

    class Wrong:
        def __init__(self, rig: Rig) -> None:
            self.server = rig.server

        def now_us(self) -> int:
            return self.server.now_us() + hours * 3_600_000_000

    async def script(rig: Rig) -> None:
        await rig.engine.stop()
        parts = (rig.workflow, rig.workflow.services, rig.transport, rig.settings)
        rig.engine = Engine(*parts, clock=Wrong(rig))
        await rig.engine.start()
        await rig.send({"n": 1})
        await asyncio.sleep(57)
        assert agent.made == 1
        await asyncio.sleep(4)
        assert agent.made == 2

    rigged(calling(agent), script)


def test_retry_after_the_journal_was_cleaned_continues_with_the_next_number() -> None:
    agent = Unwilling(9, pause_s=100.0)

    async def script(rig: Rig) -> None:
        await rig.send({"n": 1})
        await asyncio.sleep(320)
        assert (agent.made, rig.out) == (4, [[1, None, "attempt-failed", "e0"]])

    rigged(calling(agent), script, Settings(purge_age_s=20.0, janitor_s=5.0))


def test_short_retry_waits_in_the_handler() -> None:
    agent = Unwilling(1, pause_s=9.0)

    async def script(rig: Rig) -> None:
        await rig.send({"n": 1})
        assert (rig.engine.in_flight, await waiting_in(rig.engine.shared)) == (1, [])
        await asyncio.sleep(9)
        assert rig.out == [[1, 2, None, "e0"]]

    rigged(calling(agent), script)


def test_retry_far_away_with_a_key_blocks_its_key_only() -> None:
    agent = Unwilling(1)

    async def script(rig: Rig) -> None:
        await rig.send({"n": 1, "key": "a"}, {"n": 2, "key": "a"}, {"n": 3, "key": "b"})
        assert [value[0] for value in rig.out] == [3]
        assert await waiting_in(rig.engine.shared) == []
        await asyncio.sleep(60)
        assert [value[0] for value in rig.out] == [3, 1, 2]

    rigged(calling(agent, source=KEYED), script)


def test_message_too_large_for_a_schedule_waits_in_the_handler() -> None:
    agent = Unwilling(1)

    async def script(rig: Rig) -> None:
        await rig.send({"n": 1, "text": "x" * ((1 << 20) - 120)})
        assert rig.engine.in_flight == 1
        await asyncio.sleep(61)
        assert rig.out == [[1, 2, None, "e0"]]

    rigged(calling(agent), script)


def test_last_attempt_that_raises_makes_a_letter_of_the_first_message() -> None:
    class Broken(Unwilling):
        async def work(self, act: Any, path: Path, inputs: Mapping[str, Any]) -> int:
            if self.made:
                raise ValueError("a bug")
            return await super().work(act, path, inputs)

    async def script(rig: Rig) -> None:
        await rig.send({"n": 1})
        await asyncio.sleep(120)
        (letter,) = await rig.client.letters()
        stream, subject = rig.engine.shared.source_streams["events"]
        assert (letter.code, letter.event_id) == ("handler-crashed", "e0")
        assert (letter.stream, letter.subject, letter.event) == (stream, subject, {"n": 1})

    rigged(calling(Broken(1)), script)


def test_message_that_nobody_can_read_after_its_wait_is_a_dead_letter() -> None:
    async def script(rig: Rig) -> None:
        shared = rig.engine.shared
        subject = shared.names.waited(shared.names.source_durable(SOURCE), "a.1")
        await shared.store(Outgoing(subject, b"\xc1"))
        await asyncio.sleep(2)
        assert [letter.code for letter in await rig.client.letters()] == ["invalid-message"]
        assert rig.engine.in_flight == 0

    rigged(calling(Unwilling(0)), script)


def test_version_without_late_retries_does_not_start_while_messages_wait() -> None:
    async def script(rig: Rig) -> None:
        await rig.send({"n": 1})
        await rig.engine.stop()
        quick = calling(Unwilling(0, pause_s=1.0))
        rig.engine = Engine(quick, quick.services, rig.transport, rig.settings, clock=rig.server)
        with pytest.raises(EngineError, match="wait for another attempt") as caught:
            await rig.engine.start()
        assert caught.value.code == "version-skew"

    rigged(calling(Unwilling(1)), script)


def test_together_call_that_waits_lets_the_others_end() -> None:
    ended: list[str] = []

    async def postponed(seconds: float) -> int:
        raise Postponed("a.1", seconds, 0)

    async def other() -> int:
        await asyncio.sleep(0.01)
        ended.append("other")
        return 1

    async def main() -> None:
        await together(postponed(60.0), other(), postponed(30.0))

    with pytest.raises(Postponed) as caught:
        asyncio.run(main())
    assert (ended, caught.value.seconds) == (["other"], 30.0)


def test_retry_far_away_on_a_real_server_survives_a_restart(nats_url: str) -> None:
    agent = Unwilling(1, pause_s=2.0)
    workflow = calling(agent, source=Source("events", "nats", "in.waiting", dict[str, Any]))
    out = replace(OUT, address="out.waiting")
    workflow = replace(calling(agent, later_s=0.5), sources=workflow.sources, targets=(out,))
    handler = replace(workflow.services[0].handlers[0], reads=workflow.sources, emits=(out,))
    services = (replace(workflow.services[0], handlers=(handler,)),)
    workflow = replace(workflow, services=services)
    settings = settings_on(nats_url)

    async def served(is_done: Any) -> None:
        service = Service(workflow, settings, root=None)
        await service.start()
        try:
            await service.engine.shared.store(event)  # pyright: ignore
            await until(is_done)
            await service.drain(2)
        finally:
            await service.stop()

    event = Outgoing("in.waiting", b'{"n": 1}', {"Nats-Msg-Id": "e0", "Kumeo-Id": "e0"})
    asyncio.run(served(lambda: agent.made == 1))
    assert agent.made == 1
    asyncio.run(served(lambda: agent.made == 2))
    assert asyncio.run(values_of(workflow, settings)) == [[1, 2, None, "e0"]]


def test_status_shows_messages_that_have_waited_apart() -> None:
    async def script(rig: Rig) -> None:
        status = await rig.client.status()
        assert list(status.consumers) == ["first < events", "first < events, after a pause"]

    rigged(calling(Unwilling(1)), script)
