"""Entries that change while the workflow runs: one event reads one value, whatever happens."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from kumeo_runtime.activation import Activation
from kumeo_runtime.engine.revisions import LAG_S
from kumeo_runtime.engine.shared import EngineError
from kumeo_runtime.meta import Message
from kumeo_runtime.spec import Edge, Workflow
from kumeo_runtime.testing.rig import OUT, Rig, flow, rigged
from kumeo_runtime.values import Record


class Config(Record):
    limit: int = 10


class Body(Message):
    n: int


EDGE = Edge("next", "next", Body)


def dynamic(workflow: Workflow) -> Workflow:
    return replace(workflow, config=Config, dynamic=("limit",))


async def changed(rig: Rig, value: int) -> None:
    await rig.client.configure("limit", value)
    await asyncio.sleep(LAG_S + 1)


def test_configure_holds_for_later_events() -> None:
    def handler(act: Activation, event: dict[str, Any]) -> None:
        act.emit(OUT, act.config.limit, site="emit")

    async def script(rig: Rig) -> None:
        await rig.client.publish("events", {}, id="a")
        await asyncio.sleep(2)
        await changed(rig, 7)
        await rig.client.publish("events", {}, id="b")
        await asyncio.sleep(2)
        assert rig.out == [10, 7]

    rigged(dynamic(flow(handler)), script)


def test_configure_between_two_deliveries_changes_nothing_for_the_event() -> None:
    runs: list[int] = []

    def handler(act: Activation, event: dict[str, Any]) -> None:
        runs.append(act.config.limit)
        if len(runs) == 1:
            raise ValueError("once")
        act.emit(OUT, act.config.limit, site="emit")

    async def script(rig: Rig) -> None:
        rig.engine.settings.rerun_min_s = rig.engine.settings.rerun_max_s = 20.0
        await rig.client.publish("events", {}, id="a")
        await asyncio.sleep(2)
        await changed(rig, 7)
        await asyncio.sleep(40)
        assert runs == [10, 10]
        assert rig.out == [10]

    rigged(dynamic(flow(handler)), script)


def test_configure_while_a_message_is_on_an_edge_changes_nothing_for_it() -> None:
    def first(act: Activation, event: dict[str, Any]) -> None:
        act.send(EDGE, Body(act.meta, act.config.limit))

    async def second(act: Activation, message: Body) -> None:
        await asyncio.sleep(3 * LAG_S)
        act.emit(OUT, [message.n, act.config.limit], site="emit")

    async def script(rig: Rig) -> None:
        await rig.client.configure("limit", 8)
        await asyncio.sleep(LAG_S + 1)
        await rig.client.publish("events", {}, id="a")
        await asyncio.sleep(1)
        await changed(rig, 9)
        await asyncio.sleep(30)
        assert rig.out == [[8, 8]]

    rigged(dynamic(flow(first, (EDGE, second))), script)


def test_configure_refuses_what_is_not_dynamic_or_does_not_fit() -> None:
    async def script(rig: Rig) -> None:
        with pytest.raises(EngineError, match="not-dynamic"):
            await rig.client.configure("other", 1)
        with pytest.raises(EngineError, match="invalid-config"):
            await rig.client.configure("limit", "many")

    rigged(dynamic(flow(lambda act, event: None)), script)
