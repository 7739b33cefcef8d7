"""A task that is withdrawn: its event is a dead letter, and a retry starts from the beginning."""

import asyncio
from typing import Any

from kumeo_runtime.activation import Activation
from kumeo_runtime.engine.letters import Letter
from kumeo_runtime.engine.parking import Closed
from kumeo_runtime.meta import Message
from kumeo_runtime.parked import Task
from kumeo_runtime.spec import Edge, Workflow
from kumeo_runtime.testing.rig import OUT, Rig, flow, rigged


class Body(Message):
    n: int


SENT = Edge("sent", "sent", Body)
ASKED = Edge("asked", "asked", Body, is_parked=True)
TASK = Task("review", title="Look", timeout_s=60, on_timeout="yes", decisions=("yes", "no"))


def asking() -> Workflow:
    """An edge stands before the review: its message is still stored when the event is retried."""

    def first(act: Activation, event: dict[str, Any]) -> None:
        act.send(SENT, Body(act.meta, event["n"]))

    def second(act: Activation, message: Body) -> None:
        act.park(ASKED, Body(act.meta, message.n), TASK)

    def third(act: Activation, message: Body) -> None:
        assert act.answer is not None
        act.emit(OUT, [message.n, act.answer.decision], site="emit")

    return flow(first, (SENT, second), (ASKED, third))


async def withdrawn(rig: Rig) -> Letter:
    await rig.send({"n": 7})
    (task,) = await rig.client.tasks()
    letter = await rig.client.withdraw(task.id, "sold", by="ann")
    assert isinstance(letter, Letter)
    return letter


def test_withdrawn_task_is_a_dead_letter_and_no_timer_answers_it() -> None:
    async def script(rig: Rig) -> None:
        letter = await withdrawn(rig)
        await asyncio.sleep(120)
        assert (letter.code, letter.event_id, letter.truncated) == ("withdrawn", "e0", False)
        assert (await rig.client.tasks(), rig.out) == ([], [])
        assert [found.id for found in await rig.client.letters()] == [letter.id]

    rigged(asking(), script)


def test_withdrawn_task_that_is_retried_asks_anew() -> None:
    async def script(rig: Rig) -> None:
        await rig.client.retry(await withdrawn(rig))
        await asyncio.sleep(1)
        (task,) = await rig.client.tasks()
        await rig.client.decide(task.id, "no", by="bob")
        await asyncio.sleep(1)
        assert (rig.out, await rig.client.letters()) == ([[7, "no"]], [])

    rigged(asking(), script)


def test_withdraw_twice_is_closed() -> None:
    async def script(rig: Rig) -> None:
        letter = await withdrawn(rig)
        again = await rig.client.withdraw(letter.id, "sold", by="ann")
        assert isinstance(again, Closed)
        assert again.message == f"task {letter.id} is withdrawn"

    rigged(asking(), script)
