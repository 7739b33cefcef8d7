"""The janitor: what is removed, and when. Nothing goes that somebody could make again."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from kumeo_runtime.activation import Activation
from kumeo_runtime.config import Settings
from kumeo_runtime.engine.floors import History, Sample
from kumeo_runtime.engine.janitor import Janitor
from kumeo_runtime.meta import Message
from kumeo_runtime.spec import Edge, Target, Workflow
from kumeo_runtime.testing.rig import OUT, Rig, flow, rigged
from kumeo_runtime.transport.api import ConsumerConfig

KEY = ("in", "reader")
AGE_S = 5.0


class Body(Message):
    n: int


EDGE = Edge("next", "next", Body)


def two_handlers() -> Workflow:
    def first(act: Activation, event: dict[str, Any]) -> None:
        act.send(EDGE, Body(act.meta, event["n"]))

    def second(act: Activation, message: Body) -> None:
        act.emit(OUT, message.n, site="emit")

    return flow(first, (EDGE, second))


def stored_edges(rig: Rig) -> int:
    return len(rig.server.stream("dev_flow_E").find("kumeo.dev.flow.e.>"))


def test_history_floor_went_back_forgets_what_was_seen_before() -> None:
    history = History()
    history.add(Sample(0.0, {"in": 10}, {KEY: 10}))
    history.add(Sample(15.0, {"in": 10}, {KEY: 7}))
    assert history.aged(10.0) is None


def test_history_floor_stays_keeps_what_was_seen_before() -> None:
    history = History()
    first = Sample(0.0, {"in": 10}, {KEY: 10})
    history.add(first)
    history.add(Sample(15.0, {"in": 10}, {KEY: 10}))
    assert history.aged(10.0) is first


def test_janitor_input_open_again_after_a_crash_keeps_its_output() -> None:
    async def script(rig: Rig) -> None:
        janitor = Janitor(rig.engine.shared)
        await rig.client.publish("events", {"n": 1}, id="e0")
        await asyncio.sleep(0.05)
        await rig.engine.pause()
        await janitor.clean()
        rig.server.crash(0.01)
        await asyncio.sleep(AGE_S + 1)
        await janitor.clean()
        assert stored_edges(rig) == 1

    rigged(two_handlers(), script, Settings(janitor=False, purge_age_s=AGE_S))


def test_janitor_finished_long_ago_is_removed() -> None:
    async def script(rig: Rig) -> None:
        janitor = Janitor(rig.engine.shared)
        await rig.send({"n": 1})
        await janitor.clean()
        await asyncio.sleep(AGE_S + 1)
        await janitor.clean()
        assert stored_edges(rig) == 0

    rigged(two_handlers(), script, Settings(janitor=False, purge_age_s=AGE_S))


FILE = Target("saved", "file", "saved.jsonl", Any)


def saving() -> Workflow:
    def first(act: Activation, event: dict[str, Any]) -> None:
        act.emit(FILE, event["n"], site="emit")

    workflow = flow(first)
    return replace(workflow, targets=(FILE,))


async def values_left(rig: Rig, *, is_taken: bool) -> int:
    """Return what is left of one value, long after its target has it or not."""
    shared = rig.engine.shared
    names, janitor = shared.names, Janitor(shared)
    subject, durable = names.target_subject(FILE), names.target_durable(FILE)
    await rig.transport.ensure_consumer(ConsumerConfig(names.outputs, durable, (subject,)))
    if is_taken:
        pull = rig.transport.pull(names.outputs, durable, rig.transport.ack)
        pull.grant(10, 1000)
    await rig.send({"n": 1})
    await janitor.clean()
    await asyncio.sleep(AGE_S + 1)
    await janitor.clean()
    return len(rig.server.stream(names.outputs).find(subject))


@pytest.mark.parametrize(("is_taken", "left"), [(True, 0), (False, 1)])
def test_janitor_value_goes_when_its_target_has_it(is_taken: bool, left: int) -> None:
    async def script(rig: Rig) -> None:
        assert await values_left(rig, is_taken=is_taken) == left

    rigged(saving(), script, Settings(janitor=False, purge_age_s=AGE_S))
