"""Parked tasks: one decision wins, a timer decides when nobody does."""

import asyncio
from typing import Any

import pytest
from kumeo_runtime.activation import Activation
from kumeo_runtime.engine.parking import Closed
from kumeo_runtime.meta import Message
from kumeo_runtime.parked import Task
from kumeo_runtime.spec import Edge, Workflow
from kumeo_runtime.testing.rig import OUT, Rig, flow, rigged


class Body(Message):
    n: int


ASKED = Edge("asked", "asked", Body, is_parked=True)


def asking(task: Task) -> Workflow:
    def first(act: Activation, event: dict[str, Any]) -> None:
        act.park(ASKED, Body(act.meta, event["n"]), task)

    def second(act: Activation, message: Body) -> None:
        answer = act.answer
        assert answer is not None
        code = answer.failure.code if answer.failure else None
        act.emit(OUT, [message.n, answer.decision, answer.by, code, answer.attempt], site="emit")

    return flow(first, (ASKED, second))


def test_task_decided_goes_on_with_the_answer() -> None:
    async def script(rig: Rig) -> None:
        await rig.send({"n": 1})
        (task,) = await rig.client.tasks()
        assert (task.task.title, task.event_id) == ("Look", "e0")
        await rig.client.decide(task.id, "yes", by="ann")
        await asyncio.sleep(1)
        assert rig.out == [[1, "yes", "ann", None, 1]]
        assert await rig.client.tasks() == []

    rigged(asking(Task("review", title="Look", decisions=("yes", "no"))), script)


@pytest.mark.parametrize(
    ("decision", "code"), [("maybe", "unknown-decision"), ("yes", "already-decided")]
)
def test_answer_that_cannot_count_is_closed(decision: str, code: str) -> None:
    async def script(rig: Rig) -> None:
        await rig.send({"n": 1})
        (task,) = await rig.client.tasks()
        if code == "already-decided":
            await rig.client.decide(task.id, "no", by="bob")
        found = await rig.client.decide(task.id, decision, by="ann")
        assert isinstance(found, Closed)
        assert found.code == code

    rigged(asking(Task("review", decisions=("yes", "no"))), script)


@pytest.mark.parametrize(
    ("task", "seconds", "out"),
    [
        (Task("r", timeout_s=60, on_timeout="no"), 62, [1, "no", "timeout", None, 1]),
        (Task("r", timeout_s=60), 62, [1, None, "", "timeout", 1]),
        (Task("r", timeout_s=60, on_timeout="escalate"), 122, [1, None, "", "timeout", 2]),
        (Task("r", timeout_s=60, attempts=3), 182, [1, None, "", "timeout", 3]),
        (Task("r", timeout_s=60, attempts=2, on_timeout="no"), 122, [1, "no", "timeout", None, 2]),
        (
            Task("r", timeout_s=60, attempts=2, on_timeout="escalate"),
            182,
            [1, None, "", "timeout", 3],
        ),
    ],
)
def test_task_without_answer_is_decided_by_its_timer(
    task: Task, seconds: float, out: list[Any]
) -> None:
    async def script(rig: Rig) -> None:
        await rig.send({"n": 1})
        await asyncio.sleep(seconds - 5)
        assert rig.out == []
        await asyncio.sleep(5)
        assert rig.out == [out]

    rigged(asking(task), script)


def test_escalated_task_stays_with_its_people_for_all_attempts() -> None:
    async def script(rig: Rig) -> None:
        await rig.send({"n": 1})
        await asyncio.sleep(62)
        (again,) = await rig.client.tasks()
        assert (again.attempt, again.assignees) == (2, ("ann",))
        await asyncio.sleep(60)
        (passed_on,) = await rig.client.tasks()
        assert (passed_on.attempt, passed_on.assignees) == (3, ("boss",))

    people: dict[str, Any] = {"assignees": ("ann",), "escalate_to": ("boss",)}
    task = Task("r", timeout_s=60, attempts=2, on_timeout="escalate", **people)
    rigged(asking(task), script)


def test_escalated_task_waits_for_somebody_else() -> None:
    async def script(rig: Rig) -> None:
        await rig.send({"n": 1})
        await asyncio.sleep(62)
        (task,) = await rig.client.tasks()
        assert (task.attempt, task.assignees) == (2, ("boss",))
        await rig.client.decide(task.id, "yes", by="boss")
        await asyncio.sleep(1)
        assert rig.out == [[1, "yes", "boss", None, 1]]

    task = Task("r", timeout_s=60, on_timeout="escalate", assignees=("ann",), escalate_to=("boss",))
    rigged(asking(task), script)


def test_edge_that_parks_sent_to_runs_its_handler_at_once() -> None:
    def first(act: Activation, event: dict[str, Any]) -> None:
        act.send(ASKED, Body(act.meta, event["n"]))

    def second(act: Activation, message: Body) -> None:
        answer = act.answer
        assert answer is not None
        assert answer.failure is not None
        act.emit(OUT, [message.n, answer.failure.code], site="emit")

    async def script(rig: Rig) -> None:
        await rig.send({"n": 1})
        assert rig.out == [[1, "no-answer"]]
        assert await rig.client.tasks() == []

    rigged(flow(first, (ASKED, second)), script)


def test_edge_that_parks_sent_to_leaves_nothing_behind() -> None:
    def first(act: Activation, event: dict[str, Any]) -> None:
        act.send(ASKED, Body(act.meta, event["n"]))

    def second(act: Activation, message: Body) -> None:
        act.emit(OUT, message.n, site="emit")

    async def script(rig: Rig) -> None:
        await rig.send({"n": 1})
        await asyncio.sleep(1000)
        assert [rig.stored(f"kumeo.dev.flow.{kind}.>") for kind in ("t", "e")] == [[], []]

    rigged(flow(first, (ASKED, second)), script)
