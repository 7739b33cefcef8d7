"""`Crew`: limits of activations and of their number, with tasks and without."""

import asyncio
import gc
from collections.abc import Callable
from typing import Any

import pytest
from kumeo_runtime.activation import Activation
from kumeo_runtime.config import Settings
from kumeo_runtime.spec import Consumer
from kumeo_runtime.testing.rig import OUT, Rig, flow, rigged
from kumeo_runtime.ticket import Ticket

LIGHT = pytest.mark.parametrize("is_light", [False, True])
SHORT = Settings(rerun_min_s=0.01, rerun_max_s=0.1, activation_timeout_s=0.2)


class Clerk:
    """Answers tickets when it is told to."""

    def __init__(self) -> None:
        self.open: list[tuple[int, Ticket]] = []
        self.most = 0

    def ask(self, n: int) -> Ticket:
        ticket = Ticket.of(asyncio.get_running_loop())
        self.open.append((n, ticket))
        self.most = max(self.most, sum(not t.done() for _, t in self.open))
        return ticket

    def answer(self) -> None:
        waiting, self.open = self.open, []
        for n, ticket in waiting:
            ticket.answer(10 * n)


def asking(clerk: Clerk) -> Callable[[Activation, Any], Any]:
    async def handler(act: Activation, event: dict[str, Any]) -> None:
        act.emit(OUT, await clerk.ask(event["n"]), site="emit")

    return handler


async def settle(rig: Rig, clerk: Clerk) -> None:
    for _ in range(20):
        clerk.answer()
        await asyncio.sleep(0.01)


@LIGHT
def test_crew_answers_reach_their_activations(is_light: bool) -> None:
    clerk = Clerk()

    async def script(rig: Rig) -> None:
        await rig.send(*({"n": n} for n in range(5)))
        await settle(rig, clerk)
        assert sorted(rig.out) == [0, 10, 20, 30, 40]
        assert rig.engine.in_flight == 0

    rigged(flow(asking(clerk), is_light=is_light), script)


def test_crew_light_activations_leave_no_cycles() -> None:
    clerk, count = Clerk(), 300

    async def script(rig: Rig) -> None:
        gc.collect()
        gc.disable()
        try:
            await rig.send(*({"n": n} for n in range(count)))
            await settle(rig, clerk)
            assert len(rig.out) == count
            assert gc.collect() < count
        finally:
            gc.enable()

    rigged(flow(asking(clerk), consumer=Consumer(concurrency=count), is_light=True), script)


@LIGHT
def test_crew_runs_no_more_than_its_concurrency(is_light: bool) -> None:
    clerk = Clerk()

    async def script(rig: Rig) -> None:
        await rig.send(*({"n": n} for n in range(9)))
        await settle(rig, clerk)
        assert len(rig.out) == 9
        assert clerk.most == 3

    consumer = Consumer(concurrency=3)
    rigged(flow(asking(clerk), consumer=consumer, is_light=is_light), script)


@LIGHT
def test_crew_activation_that_is_stuck_times_out(is_light: bool) -> None:
    clerk = Clerk()

    async def script(rig: Rig) -> None:
        await rig.send({"n": 1})
        (letter,) = await rig.client.letters()
        assert letter.code == "handler-crashed"
        assert letter.message.startswith("TimeoutError in ")
        assert letter.message.endswith("in 2 attempts")

    workflow = flow(asking(clerk), consumer=Consumer(attempts=2), is_light=is_light)
    rigged(workflow, script, SHORT)


@LIGHT
def test_crew_time_of_an_activation_begins_when_it_begins(is_light: bool) -> None:
    clerk = Clerk()

    async def script(rig: Rig) -> None:
        await rig.send(*({"n": n} for n in range(3)))
        assert [letter.event for letter in await rig.client.letters()] == []
        assert len(rig.out) == 3

    async def slowly(act: Activation, event: dict[str, Any]) -> None:
        ticket = clerk.ask(event["n"])
        asyncio.get_running_loop().call_later(0.15, clerk.answer)
        act.emit(OUT, await ticket, site="emit")

    consumer = Consumer(attempts=1, concurrency=1)
    rigged(flow(slowly, consumer=consumer, is_light=is_light), script, SHORT)


@LIGHT
def test_crew_cancellation_by_somebody_else_is_no_timeout(is_light: bool) -> None:
    clerk = Clerk()

    async def script(rig: Rig) -> None:
        await rig.send({"n": 1})
        clerk.open[0][1].withdraw()
        await asyncio.sleep(0.05)
        assert await rig.client.letters() == []
        assert rig.engine.in_flight == 1

    rigged(flow(asking(clerk), consumer=Consumer(attempts=1), is_light=is_light), script)


@LIGHT
def test_crew_handler_that_raises_leaves_the_others_whole(is_light: bool) -> None:
    clerk = Clerk()

    async def raising(act: Activation, event: dict[str, Any]) -> None:
        answer = await clerk.ask(event["n"])
        act.emit(OUT, 1 // (event["n"] - 1) + answer, site="emit")

    async def script(rig: Rig) -> None:
        await rig.send(*({"n": n} for n in range(3)))
        await settle(rig, clerk)
        (letter,) = await rig.client.letters()
        assert letter.event == {"n": 1}
        assert sorted(rig.out) == [-1, 21]

    rigged(flow(raising, consumer=Consumer(attempts=1), is_light=is_light), script)


def test_crew_light_handler_may_wait_for_what_is_no_ticket() -> None:
    async def handler(act: Activation, event: dict[str, Any]) -> None:
        await asyncio.sleep(0)
        found = await asyncio.gather(asyncio.sleep(0.01, 1), asyncio.sleep(0.02, 2))
        act.emit(OUT, found, site="emit")

    async def script(rig: Rig) -> None:
        await rig.send({"n": 1})
        assert rig.out == [[1, 2]]

    rigged(flow(handler, is_light=True), script)


def test_crew_light_handler_is_stopped_where_it_stands() -> None:
    clerk, ends = Clerk(), list[str]()

    async def handler(act: Activation, event: dict[str, Any]) -> None:
        try:
            await clerk.ask(event["n"])
            ends.append("answered")
        finally:
            ends.append("ended")

    async def script(rig: Rig) -> None:
        await rig.send({"n": 1})
        await rig.engine.stop()
        clerk.answer()
        await asyncio.sleep(0.1)
        assert ends == ["ended"]

    rigged(flow(handler, is_light=True), script)


def test_crew_light_answers_of_a_batch_are_taken_in_one_turn() -> None:
    clerk = Clerk()

    async def script(rig: Rig) -> None:
        await rig.send(*({"n": n} for n in range(4)))
        calls = list[Any]()
        loop = asyncio.get_running_loop()
        inner: Any = loop.call_soon

        def counted(*given: Any, **more: Any) -> Any:
            calls.append(given)
            return inner(*given, **more)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(loop, "call_soon", counted)
            clerk.answer()
        assert len(calls) == 1
        await asyncio.sleep(0.1)
        assert len(rig.out) == 4

    rigged(flow(asking(clerk), is_light=True), script)
