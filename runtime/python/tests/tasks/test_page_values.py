"""Values of every kind on the page: what nobody touches stays as it is, to the last digit."""

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from typing import Any, Literal

import pytest
from kumeo_runtime.activation import Activation
from kumeo_runtime.agents import Review
from kumeo_runtime.client import RuntimeClient
from kumeo_runtime.meta import Message
from kumeo_runtime.spec import Edge, Handler, ServiceSpec, Source, StreamSizes, Target, Workflow
from kumeo_runtime.tasks.rest.service import TaskService
from kumeo_runtime.testing.connected import running, settings_on, values_of
from kumeo_runtime.values import Int, Json, Record, Time
from playwright.async_api import Page, expect

from .browser import opened

_NUMBERS = itertools.count(1)


class Part(Record):
    name: str
    note: str | None = None


class Odd(Record):
    id: Int
    text: str
    spare: str | None
    kind: Literal["a", "b"] | None
    part: Part | None
    parts: list[Part]
    rates: dict[str, float]
    more: Json


class Decision(Record):
    decision: Literal["approve", "reject"]
    by: str
    at: Time
    value: Odd


class Body(Message):
    odd: Odd


ASKED = Edge("asked", "asked", Body, is_parked=True)
VALUE: dict[str, Any] = {
    "id": 9_007_199_254_740_993,
    "text": "one\r\ntwo\rthree",
    "spare": "",
    "kind": "a",
    "part": {"name": "p", "note": None},
    "parts": [],
    "rates": {"x": 1.5},
    "more": {"n": [12_345_678_901_234_567, None, {}]},
}


def asking() -> Workflow:
    number = next(_NUMBERS)
    source = Source("in", "nats", f"odd.in.{number}", Odd)
    target = Target("out", "nats", f"odd.out.{number}", Decision)
    review: Review[Decision] = Review(
        site="review", result=Decision, input=Odd, edit=Odd, title="Odd value"
    )

    def ask(act: Activation, event: Odd) -> None:
        act.park(ASKED, Body(act.meta, event), review.task(event, edit=event))

    def go_on(act: Activation, message: Body) -> None:
        act.emit(target, review(act), site="emit")

    handlers = (
        Handler("ask", ask, (source,), (ASKED,)),
        Handler("asked", go_on, ASKED, emits=(target,)),
    )
    services = (ServiceSpec("all", handlers, (review,)),)
    sizes = StreamSizes(32 << 20, 32 << 20)
    return Workflow("Odd", "odd", "1", services, (source,), (target,), (ASKED,), sizes=sizes)


Script = Callable[[Page], Awaitable[None]]


def decided(nats_url: str, script: Script) -> tuple[Any, Any]:
    """Return what the workflow sends when the script has run, and how the task was answered."""

    async def main() -> tuple[Any, Any]:
        workflow, settings = asking(), settings_on(nats_url)
        async with running(workflow, settings), RuntimeClient(workflow, settings) as client:
            await client.publish("in", VALUE, id="e1")
            while not await client.tasks():
                await asyncio.sleep(0.02)
            service = TaskService(client, None, port=0)
            await service.start()
            try:
                async with opened() as page:
                    await page.goto(service.address)
                    await page.get_by_role("link", name="Odd value").click()
                    await page.get_by_role("button", name="Claim").click()
                    await expect(page.get_by_role("form", name="Decision")).to_be_visible()
                    await script(page)
                    await page.get_by_role("button", name="approve").click()
                    await expect(page.get_by_role("status")).to_have_text("Decided: approve.")
            finally:
                await service.stop()
            while not (sent := await values_of(workflow, settings)):
                await asyncio.sleep(0.02)
            (state,) = await client.tasks(only_open=False)
            return sent[0]["value"], state.answer

    return asyncio.run(asyncio.wait_for(main(), 60))


async def untouched(page: Page) -> None:
    """Change nothing."""


def test_value_that_nobody_touches_is_not_edited(nats_url: str) -> None:
    value, answer = decided(nats_url, untouched)
    assert value == VALUE
    assert not answer.is_edited


def test_long_numbers_are_shown_and_kept_whole_beside_an_edit(nats_url: str) -> None:
    async def script(page: Page) -> None:
        await expect(page.get_by_label("What is asked")).to_contain_text("9007199254740993")
        await page.get_by_label("name").fill("q")

    value, answer = decided(nats_url, script)
    assert value == {**VALUE, "part": {"name": "q", "note": None}}
    assert answer.is_edited


def test_long_number_is_entered_whole(nats_url: str) -> None:
    async def script(page: Page) -> None:
        await page.get_by_label("id", exact=True).fill("9007199254740995")

    assert decided(nats_url, script)[0] == {**VALUE, "id": 9_007_199_254_740_995}


def test_options_can_be_emptied(nats_url: str) -> None:
    async def script(page: Page) -> None:
        await page.get_by_label("kind").select_option("")
        await page.get_by_label("part is given").uncheck()

    assert decided(nats_url, script)[0] == {**VALUE, "kind": None, "part": None}


@pytest.mark.parametrize("key", ["a[x]", "a.b", "[", "a: b"])
def test_mistake_in_a_map_is_told_whatever_its_key(nats_url: str, key: str) -> None:
    async def script(page: Page) -> None:
        rates = page.get_by_label("rates")
        await rates.fill(f'{{"{key}": "much"}}')
        await page.get_by_role("button", name="approve").click()
        await expect(page.locator(".problem:not(:empty), #alert:not(:empty)").first).to_be_visible()
        await rates.fill('{"x": 1.5}')

    assert decided(nats_url, script)[0] == VALUE
