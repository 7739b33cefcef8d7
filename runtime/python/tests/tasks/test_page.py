"""The page of tasks in a real browser, on a real service and a real server.

One file: every script runs on the same desk.
"""

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
from kumeo_runtime.tasks.people import People, Person, hash_of
from kumeo_runtime.tasks.rest.service import TaskService
from kumeo_runtime.testing.connected import running, settings_on, values_of
from kumeo_runtime.values import Record, Time
from playwright.async_api import Page, Route, expect

from .browser import opened

_NUMBERS = itertools.count(1)
PEOPLE = People(
    [
        Person("ana", ("credit",), ("worker",), "", hash_of("token-ana")),
        Person("bob", ("credit",), ("worker",), "", hash_of("token-bob")),
        Person("mia", (), ("worker", "manager"), "", hash_of("token-mia")),
    ]
)


class Line(Record):
    sku: str
    count: int


class Case(Record):
    id: str
    note: str
    lines: list[Line]


class Letter(Record):
    subject: str
    body: str
    tags: list[str]


class Order(Record):
    case: Case
    letter: Letter


class Decision(Record):
    decision: Literal["approve", "reject"]
    by: str
    at: Time
    value: Letter
    limit: float
    reason: str | None = None


class Body(Message):
    order: Order


ASKED = Edge("asked", "asked", Body, is_parked=True)


def asking() -> Workflow:
    number = next(_NUMBERS)
    source = Source("orders", "nats", f"page.in.{number}", Order)
    target = Target("out", "nats", f"page.out.{number}", Decision)
    review: Review[Decision] = Review(
        site="review",
        result=Decision,
        input=Case,
        edit=Letter,
        title="Large order",
        instructions="Is the letter right?",
        group="credit",
    )

    def ask(act: Activation, event: Order) -> None:
        task = review.task(event.case, edit=event.letter)
        act.park(ASKED, Body(act.meta, event), task)

    def go_on(act: Activation, message: Body) -> None:
        act.emit(target, review(act), site="emit")

    handlers = (
        Handler("ask", ask, (source,), (ASKED,)),
        Handler("asked", go_on, ASKED, emits=(target,)),
    )
    services = (ServiceSpec("all", handlers, (review,)),)
    sizes = StreamSizes(32 << 20, 32 << 20)
    return Workflow("Orders", "orders", "1", services, (source,), (target,), (ASKED,), sizes=sizes)


class Desk:
    """A workflow with one task, and a page on it."""

    def __init__(self, page: Page, base: str, client: RuntimeClient, values: Any) -> None:
        self.page = page
        self.base = base
        self.client = client
        self.values = values

    async def sign_in(self, name: str) -> None:
        await self.page.goto(self.base)
        await self.page.get_by_label("Token").fill(f"token-{name}")
        await self.page.get_by_role("button", name="Sign in").click()
        await expect(self.page.get_by_role("heading", name="Orders")).to_be_visible()

    async def open(self, title: str = "Large order") -> None:
        await self.page.get_by_role("link", name=title).first.click()
        await expect(self.page.get_by_role("heading", name=title)).to_be_visible()

    async def claim(self) -> None:
        await self.page.get_by_role("button", name="Claim").click()
        await expect(self.page.get_by_role("form", name="Decision")).to_be_visible()

    async def published(self) -> list[Any]:
        async with asyncio.timeout(10):
            while not (found := await self.values()):
                await asyncio.sleep(0.05)
        return found


EVENT = {
    "case": {
        "id": "17",
        "note": "<img src=x onerror=alert(1)>",
        "lines": [{"sku": "a", "count": 2}, {"sku": "b", "count": 1}],
    },
    "letter": {"subject": "Yes", "body": "Dear customer", "tags": ["x", "y"]},
}


def on_desk(
    nats_url: str, script: Callable[[Desk], Awaitable[None]], people: People | None = PEOPLE
) -> None:
    async def main() -> None:
        workflow, settings = asking(), settings_on(nats_url)
        async with running(workflow, settings), RuntimeClient(workflow, settings) as client:
            await client.publish("orders", EVENT, id="e1")
            while not await client.tasks():
                await asyncio.sleep(0.02)
            service = TaskService(client, people, port=0)
            await service.start()
            try:
                async with opened(viewport={"width": 1100, "height": 900}) as page:
                    base = (
                        service.address if people is None else f"http://127.0.0.1:{service.port}/"
                    )
                    values = lambda: values_of(workflow, settings)  # noqa: E731
                    await script(Desk(page, base, client, values))
            finally:
                await service.stop()

    asyncio.run(asyncio.wait_for(main(), 90))


def test_decision_with_an_edited_value_goes_through_the_workflow(nats_url: str) -> None:
    async def script(desk: Desk) -> None:
        page = desk.page
        await desk.sign_in("ana")
        await desk.open()
        await expect(page.get_by_text("Is the letter right?")).to_be_visible()
        await desk.claim()
        await page.get_by_label("body", exact=True).fill("Dear Ms. Soto")
        await page.get_by_role("button", name="Remove tags 1").click()
        await page.get_by_label("limit").fill("12.5")
        await page.get_by_role("button", name="approve").click()
        await expect(page.get_by_role("status")).to_have_text("Decided: approve.")
        (sent,) = await desk.published()
        assert (sent["decision"], sent["by"], sent["limit"]) == ("approve", "ana", 12.5)
        assert sent["value"] == {"subject": "Yes", "body": "Dear Ms. Soto", "tags": ["y"]}
        await expect(page.locator(".trail")).to_contain_text("/body")

    on_desk(nats_url, script)


def test_what_a_task_shows_is_text_and_never_html(nats_url: str) -> None:
    async def script(desk: Desk) -> None:
        await desk.sign_in("ana")
        await desk.open()
        await expect(desk.page.get_by_text(EVENT["case"]["note"])).to_be_visible()  # type: ignore[index]
        assert await desk.page.locator("#detail img").count() == 0
        rows = desk.page.locator("#detail table tbody tr")
        assert await rows.all_inner_texts() == ["a\t2", "b\t1"]

    on_desk(nats_url, script)


def test_field_that_is_missing_is_told_beside_it(nats_url: str) -> None:
    async def script(desk: Desk) -> None:
        page = desk.page
        await desk.sign_in("ana")
        await desk.open()
        await desk.claim()
        await page.get_by_role("button", name="approve").click()
        field = page.get_by_label("limit")
        await expect(field).to_have_attribute("aria-invalid", "true")
        await expect(field).to_be_focused()
        problem = page.locator("[id='e:form.limit']")
        await expect(problem).not_to_be_empty()
        assert await desk.values() == []

    on_desk(nats_url, script)


def test_task_that_somebody_else_takes_meanwhile_is_shown_anew(nats_url: str) -> None:
    async def script(desk: Desk) -> None:
        page = desk.page
        await desk.sign_in("ana")
        await desk.open()
        other = await page.context.browser.new_context()  # type: ignore[union-attr]
        second = Desk(await other.new_page(), desk.base, desk.client, desk.values)
        await second.sign_in("bob")
        await second.open()
        await second.claim()
        await expect(page.locator(".facts").last).to_contain_text("with bob")
        await expect(page.get_by_role("button", name="Claim")).to_have_count(0)

    on_desk(nats_url, script)


def test_task_given_to_somebody_else_leaves_the_desk(nats_url: str) -> None:
    async def script(desk: Desk) -> None:
        page = desk.page
        await desk.sign_in("ana")
        await desk.open()
        await desk.claim()
        await page.get_by_label("to", exact=True).select_option("bob")
        await page.get_by_role("button", name="Delegate").click()
        await expect(page.get_by_role("status")).to_have_text("The task is passed on.")
        await expect(page.get_by_text("Choose a task.")).to_be_visible()
        await expect(page.locator("#count")).to_have_text("0 tasks")

    on_desk(nats_url, script)


def test_comment_stands_in_the_history(nats_url: str) -> None:
    async def script(desk: Desk) -> None:
        page = desk.page
        await desk.sign_in("ana")
        await desk.open()
        await page.get_by_label("Write a comment").fill("Who knows this customer?")
        await page.get_by_role("button", name="Comment").click()
        await expect(page.locator(".trail blockquote")).to_have_text("Who knows this customer?")

    on_desk(nats_url, script)


def test_new_task_comes_into_the_list_by_itself(nats_url: str) -> None:
    async def script(desk: Desk) -> None:
        await desk.sign_in("ana")
        await expect(desk.page.locator("#count")).to_have_text("1 task")
        await desk.client.publish("orders", EVENT, id="e2")
        await expect(desk.page.locator("#count")).to_have_text("2 tasks")

    on_desk(nats_url, script)


def test_new_task_that_comes_before_the_page_listens_is_not_missed(nats_url: str) -> None:
    async def script(desk: Desk) -> None:
        has_published = asyncio.Event()

        async def hold(route: Route) -> None:
            await has_published.wait()
            await route.continue_()

        await desk.page.route("**/events", hold)
        await desk.sign_in("ana")
        await expect(desk.page.locator("#count")).to_have_text("1 task")
        await desk.client.publish("orders", EVENT, id="e2")
        while len(await desk.client.tasks()) < 2:
            await asyncio.sleep(0.02)
        has_published.set()
        await expect(desk.page.locator("#count")).to_have_text("2 tasks")

    on_desk(nats_url, script)


def test_search_finds_words_of_a_task(nats_url: str) -> None:
    async def script(desk: Desk) -> None:
        await desk.sign_in("ana")
        await desk.page.get_by_label("Search tasks").fill("no such words")
        await expect(desk.page.locator("#count")).to_have_text("0 tasks")
        await desk.page.get_by_label("Search tasks").fill("large")
        await expect(desk.page.locator("#count")).to_have_text("1 task")

    on_desk(nats_url, script)


def test_desk_works_by_keyboard_alone(nats_url: str) -> None:
    async def script(desk: Desk) -> None:
        page = desk.page
        await page.goto(desk.base)
        await expect(page.get_by_label("Token")).to_be_focused()
        await page.keyboard.type("token-ana")
        await page.keyboard.press("Enter")
        await expect(page.locator("#inbox a")).to_be_visible()
        await page.keyboard.press("j")
        await page.keyboard.press("Enter")
        await expect(page.locator("#detail")).to_be_focused()
        await page.keyboard.press("Tab")
        await expect(page.get_by_role("button", name="Claim")).to_be_focused()
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("form", name="Decision")).to_be_visible()

    on_desk(nats_url, script)


def test_wrong_token_is_told_and_opens_nothing(nats_url: str) -> None:
    async def script(desk: Desk) -> None:
        await desk.page.goto(desk.base)
        await desk.page.get_by_label("Token").fill("wrong")
        await desk.page.get_by_role("button", name="Sign in").click()
        await expect(desk.page.get_by_role("alert")).to_have_text("This token is not known.")
        await expect(desk.page.locator("#desk")).to_be_hidden()

    on_desk(nats_url, script)


def test_second_tab_has_the_session_and_may_act(nats_url: str) -> None:
    async def script(desk: Desk) -> None:
        await desk.sign_in("ana")
        second = Desk(await desk.page.context.new_page(), desk.base, desk.client, desk.values)
        await second.page.goto(desk.base)
        await second.open()
        await second.claim()

    on_desk(nats_url, script)


def test_sign_out_ends_the_session(nats_url: str) -> None:
    async def script(desk: Desk) -> None:
        await desk.sign_in("ana")
        await desk.page.get_by_role("button", name="Sign out").click()
        await expect(desk.page.get_by_label("Token")).to_be_visible()
        await desk.page.reload()
        await expect(desk.page.get_by_label("Token")).to_be_visible()

    on_desk(nats_url, script)


def test_link_with_a_token_signs_in_and_forgets_the_token(nats_url: str) -> None:
    async def script(desk: Desk) -> None:
        await desk.page.goto(desk.base)
        await expect(desk.page.locator("#inbox a")).to_be_visible()
        assert "token" not in desk.page.url
        await desk.page.reload()
        await expect(desk.page.locator("#inbox a")).to_be_visible()

    on_desk(nats_url, script, None)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_has_enough_contrast(nats_url: str, scheme: str) -> None:
    """WCAG 2.2 AA: 4.5 between text and what is behind it."""

    async def script(desk: Desk) -> None:
        await desk.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        await desk.sign_in("ana")
        await desk.open()
        await desk.claim()
        assert await desk.page.evaluate(CONTRAST) == []

    on_desk(nats_url, script)


def test_every_field_has_a_name_and_ids_are_not_doubled(nats_url: str) -> None:
    async def script(desk: Desk) -> None:
        await desk.sign_in("mia")
        await desk.open()
        page = desk.page
        ids = await page.evaluate("[...document.querySelectorAll('[id]')].map(e => e.id)")
        assert sorted(ids) == sorted(set(ids))
        unnamed = await page.evaluate(
            "[...document.querySelectorAll('input,select,textarea')]"
            ".filter(e => !e.labels.length).map(e => e.id)"
        )
        assert unnamed == []

    on_desk(nats_url, script)


CONTRAST = """() => {
  const parse = (text) => text.match(/[\\d.]+/g).map(Number);
  const light = (rgb) => rgb.slice(0, 3).map((c) => c / 255)
    .map((c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (e) => {
    for (; e; e = e.parentElement) {
      const found = parse(getComputedStyle(e).backgroundColor);
      if (found.length < 4 || found[3] === 1) return found;
    }
    return [255, 255, 255];
  };
  return [...document.querySelectorAll("body *")].filter((e) =>
    e.offsetParent && [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim())
  ).map((e) => {
    const pair = [light(parse(getComputedStyle(e).color)), light(behind(e))];
    const [a, b] = pair.sort((x, y) => y - x);
    return [e.outerHTML.slice(0, 80), (a + 0.05) / (b + 0.05)];
  }).filter(([, ratio]) => ratio < 4.5);
}"""
