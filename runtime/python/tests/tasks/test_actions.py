"""What people do with tasks, on a real server: who may, what is stored, what is written down."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from kumeo_runtime.client import RuntimeClient
from kumeo_runtime.tasks.actions import Actions, Current
from kumeo_runtime.tasks.answers import Given
from kumeo_runtime.tasks.people import People
from kumeo_runtime.tasks.rules import Refusal
from kumeo_runtime.testing.asking import (
    ANA,
    AUDREY,
    BEN,
    EVE,
    EVERYBODY,
    MAX,
    ask,
    asking,
    patient,
    results,
    running,
    settings_on,
)

Script = Callable[[Actions, str, RuntimeClient], Awaitable[None]]
APPROVE = Given("approve")


def on(nats_url: str, script: Script, **options: Any) -> None:
    async def main() -> None:
        async with running(asking(**options), settings_on(nats_url)) as client:
            (task,) = await ask(client)
            await script(Actions(client, People(EVERYBODY), via="test"), task.id, client)

    asyncio.run(asyncio.wait_for(main(), 60))


def code_of(found: Any) -> str:
    assert isinstance(found, Refusal), found
    return found.code


def current(found: Any) -> Current:
    assert isinstance(found, Current), found
    return found


async def actions_of(actions: Actions, task: str) -> list[str]:
    trail = await actions.store.trail(task)
    assert trail.is_intact
    return [entry.action for entry in trail.entries]


def test_claim_then_decide_goes_on_with_the_answer(nats_url: str) -> None:
    async def script(actions: Actions, task: str, client: RuntimeClient) -> None:
        held = current(await actions.claim(ANA, task))
        given = Given("approve", {"note": "fine"})
        done = current(await actions.decide(ANA, task, given, held.revision))
        (result,) = await results(client, 1)
        assert (done.state.status, result["decision"], result["by"]) == (
            "decided",
            "approve",
            "ana",
        )
        assert (result["note"], result["value"]["id"]) == ("fine", "o0")
        assert await actions_of(actions, task) == ["asked", "claimed", "decided"]

    on(nats_url, script)


def test_decide_edited_value_is_the_result_and_the_trail_has_the_changes(nats_url: str) -> None:
    async def script(actions: Actions, task: str, client: RuntimeClient) -> None:
        await actions.claim(ANA, task)
        value = {"id": "o0", "amount": 7, "lines": ["a", "c"]}
        await actions.decide(ANA, task, Given("approve", None, value), comment="corrected")
        (result,) = await results(client, 1)
        assert result["value"] == {"id": "o0", "amount": 7.0, "lines": ["a", "c"]}
        entry = (await actions.store.trail(task)).entries[-1]
        assert [(c.path, c.before, c.after) for c in entry.changes] == [
            ("/amount", 0.0, 7.0),
            ("/lines/1", "b", "c"),
        ]
        assert (entry.by, entry.comment, entry.via) == ("ana", "corrected", "test")
        assert len(entry.shown) == 64

    on(nats_url, script)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        (Given("perhaps"), "decision"),
        (Given("approve", {"score": "high"}), "form.score"),
        (Given("approve", {"colour": "red"}), "form.colour"),
        (Given("approve", None, {"id": "o0", "amount": "much", "lines": []}), "value.amount"),
        (Given("approve", None, None), "value"),
    ],
)
def test_decide_what_does_not_fit_names_the_field(nats_url: str, given: Given, field: str) -> None:
    async def script(actions: Actions, task: str, client: RuntimeClient) -> None:
        await actions.claim(ANA, task)
        found = await actions.decide(ANA, task, given)
        assert isinstance(found, Refusal)
        assert (found.code, [error.field for error in found.errors]) == ("invalid", [field])
        assert current(await actions.find(task)).state.status == "open"

    on(nats_url, script)


def test_decide_without_a_claim_is_refused(nats_url: str) -> None:
    async def script(actions: Actions, task: str, client: RuntimeClient) -> None:
        assert code_of(await actions.decide(ANA, task, APPROVE)) == "not-held"
        assert current(await actions.decide(ANA, task, APPROVE, claims=True)).state.holder == "ana"

    on(nats_url, script)


def test_task_of_somebody_is_not_decided_or_claimed_by_others(nats_url: str) -> None:
    async def script(actions: Actions, task: str, client: RuntimeClient) -> None:
        await actions.claim(ANA, task)
        assert code_of(await actions.claim(BEN, task)) == "held"
        assert code_of(await actions.decide(BEN, task, APPROVE)) == "held"
        assert code_of(await actions.decide(MAX, task, APPROVE)) == "held"
        assert code_of(await actions.release(BEN, task)) == "held"
        assert code_of(await actions.delegate(BEN, task, "ben")) == "held"

    on(nats_url, script)


def test_people_of_another_group_and_auditors_do_nothing(nats_url: str) -> None:
    async def script(actions: Actions, task: str, client: RuntimeClient) -> None:
        for person in (EVE, AUDREY):
            assert code_of(await actions.claim(person, task)) == "forbidden"
            assert code_of(await actions.comment(person, task, "hm")) == "forbidden"
        assert code_of(await actions.withdraw(ANA, task, "no")) == "forbidden"

    on(nats_url, script)


def test_manager_releases_and_delegates_what_others_have(nats_url: str) -> None:
    async def script(actions: Actions, task: str, client: RuntimeClient) -> None:
        await actions.claim(ANA, task)
        assert current(await actions.release(MAX, task)).state.holder == ""
        given = current(await actions.delegate(MAX, task, "eve", comment="you know him")).state
        assert (given.holder, given.assignees) == ("eve", ("eve",))
        assert code_of(await actions.claim(ANA, task)) == "forbidden"
        assert code_of(await actions.delegate(EVE, task, "nobody")) == "invalid"
        passed = current(await actions.delegate(EVE, task, "credit")).state
        assert (passed.holder, passed.assignees) == ("", ("credit",))

    on(nats_url, script)


def test_manager_withdraws_and_the_event_is_a_dead_letter(nats_url: str) -> None:
    async def script(actions: Actions, task: str, client: RuntimeClient) -> None:
        await actions.withdraw(MAX, task, "sold")
        assert [letter.code for letter in await client.letters()] == ["withdrawn"]
        assert await actions_of(actions, task) == ["asked", "withdrawn"]
        assert code_of(await actions.claim(ANA, task)) == "closed"

    on(nats_url, script)


def test_step_on_an_old_revision_is_stale(nats_url: str) -> None:
    async def script(actions: Actions, task: str, client: RuntimeClient) -> None:
        first = current(await actions.find(task)).revision
        await actions.comment(BEN, task, "look at line 2", first)
        found = await actions.claim(ANA, task, first)
        assert isinstance(found, Refusal)
        newest = current(await actions.find(task)).revision
        assert (found.code, found.revision) == ("stale", newest)

    on(nats_url, script)


def test_two_people_who_decide_at_once_decide_once(nats_url: str) -> None:
    async def script(actions: Actions, task: str, client: RuntimeClient) -> None:
        found = await asyncio.gather(
            *(actions.decide(p, task, Given(d), claims=True) for p, d in RACERS)
        )
        won = [each for each in found if isinstance(each, Current)]
        assert len(won) == 1
        (result,) = await results(client, 1)
        assert result["by"] == won[0].state.holder
        assert (await actions_of(actions, task)).count("decided") == 1

    on(nats_url, script)


RACERS = ((ANA, "approve"), (BEN, "reject"), (ANA, "reject"), (BEN, "approve"))


def test_two_people_who_claim_at_once_leave_one_holder(nats_url: str) -> None:
    async def script(actions: Actions, task: str, client: RuntimeClient) -> None:
        found = await asyncio.gather(*(actions.claim(who, task) for who in (ANA, BEN) * 3))
        held = {each.state.holder for each in found if isinstance(each, Current)}
        assert len(held) == 1
        trail = await actions.store.trail(task)
        assert {entry.by for entry in trail.entries[1:]} == held
        assert trail.is_intact

    on(nats_url, script)


def test_reminder_and_escalation_are_written_down(nats_url: str) -> None:
    async def script(actions: Actions, task: str, client: RuntimeClient) -> None:
        await actions.claim(ANA, task)
        (result,) = await results(client, 1)
        entries = (await actions.store.trail(task)).entries
        assert [entry.action for entry in entries] == [
            "asked",
            "claimed",
            "reminded",
            "asked-again",
            "reminded",
            "escalated",
            "reminded",
            "timed-out",
        ]
        assert [entry.to for entry in entries[2:7]] == [
            ("ana",),
            ("credit",),
            ("credit",),
            ("max",),
            ("max",),
        ]
        assert result["code"] == "timeout"

    times = {"timeout_s": 0.8, "reminder_s": 0.4, "on_timeout": "escalate"}
    on(nats_url, script, **times, escalate_to=("max",), policy=patient(2))


def test_timeout_with_a_decision_keeps_the_value(nats_url: str) -> None:
    async def script(actions: Actions, task: str, client: RuntimeClient) -> None:
        (result,) = await results(client, 1)
        assert (result["decision"], result["by"]) == ("reject", "timeout")
        assert result["value"]["lines"] == ["a", "b"]

    on(nats_url, script, timeout_s=0.3, on_timeout="reject")
