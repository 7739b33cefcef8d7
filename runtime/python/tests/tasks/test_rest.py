"""The REST service: what it answers, and that it is what its OpenAPI document says."""

import asyncio
import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

import pytest
from jsonschema import Draft202012Validator
from kumeo_runtime.tasks.rest.feed import POLL_S, Feed
from kumeo_runtime.tasks.rest.routes import ROUTES, openapi
from kumeo_runtime.testing.asking import ask, results

Served = Callable[..., None]


def fits(value: Any, name: str) -> None:
    """Check a body against a schema of the document."""
    document = openapi("Asking", "c")
    schema = {"$ref": f"#/components/schemas/{name}", "components": document["components"]}
    checker: Any = Draft202012Validator(schema)
    checker.validate(value)


def test_openapi_has_every_route_and_valid_schemas() -> None:
    document = openapi("Asking", "c")
    found = {(m.upper(), path) for path, item in document["paths"].items() for m in item}
    assert found == {(route.method, route.path) for route in ROUTES}
    for schema in document["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


def test_openapi_is_served(served: Served) -> None:
    async def script(site: Any) -> None:
        status, found = await site.call("GET", "/api/openapi.json", "")
        cookie = f"kumeo_session_{site.service.port}"
        assert (status, found) == (200, json.loads(json.dumps(openapi("Asking", cookie))))

    served(script)


def test_me_says_who_asks(served: Served) -> None:
    async def script(site: Any) -> None:
        status, me = await site.call("GET", "/api/v1/me")
        fits(me, "Me")
        assert (status, me["name"], me["groups"], me["roles"]) == (
            200,
            "ana",
            ["credit"],
            ["worker"],
        )
        assert (me["people"], me["teams"]) == (["ana", "ben", "eve", "max"], ["credit", "sales"])

    served(script)


def test_tasks_lists_those_that_somebody_may_see(served: Served) -> None:
    async def script(site: Any) -> None:
        for who, count in (("ana", 1), ("eve", 0), ("max", 1), ("audrey", 1)):
            status, page = await site.call("GET", "/api/v1/tasks", who)
            fits(page, "Page")
            assert (status, page["total"]) == (200, count)

    served(script)


def test_tasks_status_and_words_choose(served: Served) -> None:
    async def script(site: Any) -> None:
        await site.step("claim")
        wanted = (("mine", "ana", 1), ("mine", "ben", 0), ("open&q=large+e0", "ben", 1))
        for query, who, count in (*wanted, ("open&q=small", "ben", 0)):
            _, page = await site.call("GET", f"/api/v1/tasks?status={query}", who)
            assert (query, page["total"]) == (query, count)
        await site.step("decide", decision="approve")
        for query, count in (("open", 0), ("all", 1)):
            _, page = await site.call("GET", f"/api/v1/tasks?status={query}")
            assert (query, page["total"]) == (query, count)

    served(script)


def test_tasks_pages_hold_each_task_once(served: Served) -> None:
    async def script(site: Any) -> None:
        await ask(site.client, 5)
        found, after = list[str](), ""
        while True:
            _, page = await site.call("GET", f"/api/v1/tasks?limit=2{after}")
            found += [task["event_id"] for task in page["tasks"]]
            if page["next"] is None:
                break
            after = f"&after={page['next']}"
        assert found == ["e0", "e1", "e2", "e3", "e4"]

    served(script)


def test_tasks_next_page_follows_a_task_that_has_left_the_list(served: Served) -> None:
    async def script(site: Any) -> None:
        tasks = await ask(site.client, 4)
        _, first = await site.call("GET", "/api/v1/tasks?limit=2")
        await site.client.decide(tasks[1].id, "approve", by="ana")
        _, second = await site.call("GET", f"/api/v1/tasks?limit=2&after={first['next']}")
        assert [task["event_id"] for task in second["tasks"]] == ["e2", "e3"]

    served(script)


@pytest.mark.parametrize("query", ["after=x", "after=bnVsbA==", f"limit=000000001{'9' * 5000}"])
def test_tasks_query_that_is_no_query_is_refused(served: Served, query: str) -> None:
    async def script(site: Any) -> None:
        status, problem = await site.call("GET", f"/api/v1/tasks?{query}")
        assert (status, problem["code"]) == (400, "invalid-query")

    served(script)


def test_task_has_what_a_person_needs(served: Served) -> None:
    async def script(site: Any) -> None:
        status, task = await site.call("GET", "")
        fits(task, "Detail")
        assert (status, task["title"], task["instructions"]) == (200, "Large order", "Look at it.")
        assert task["input"] == task["edit"] == {"id": "o0", "amount": 0.0, "lines": ["a", "b"]}
        assert set(task["form_schema"]["properties"]) == {"note", "score"}
        assert task["edit_schema"]["required"] == ["id", "amount", "lines"]
        assert (task["decisions"], task["may"]) == (["approve", "reject"], ["claim", "comment"])
        assert (task["priority"], task["due"] > task["asked"]) == (3, True)

    served(script, priority=3, due_s=60.0)


def test_claim_edit_and_decide_over_http(served: Served) -> None:
    async def script(site: Any) -> None:
        status, task = await site.step("claim")
        assert (status, task["holder"], "decide" in task["may"]) == (200, "ana", True)
        value = {**task["edit"], "amount": 3}
        status, task = await site.step("decide", decision="approve", value=value, comment="ok")
        fits(task, "Detail")
        assert (status, task["status"], task["answer"]["value"]["amount"]) == (200, "decided", 3.0)
        (result,) = await results(site.client, 1)
        assert (result["by"], result["value"]["amount"]) == ("ana", 3.0)
        _, audit = await site.call("GET", "audit")
        fits(audit, "Audit")
        assert [entry["action"] for entry in audit["entries"]] == ["asked", "claimed", "decided"]
        assert audit["is_intact"]

    served(script)


def test_release_delegate_comment_and_withdraw_over_http(served: Served) -> None:
    async def script(site: Any) -> None:
        await site.step("claim")
        assert (await site.step("release", comment="lunch"))[1]["holder"] == ""
        assert (await site.step("comment", "ben", comment="who?"))[0] == 200
        assert (await site.step("delegate", "max", to="eve"))[1]["holder"] == "eve"
        assert await site.step("withdraw", "max", reason="sold") == (204, b"")
        assert [letter.code for letter in await site.client.letters()] == ["withdrawn"]

    served(script)


def test_step_on_an_old_revision_tells_the_new_one(served: Served) -> None:
    async def script(site: Any) -> None:
        _, task = await site.call("GET", "")
        headers = {"If-Match": str(task["revision"])}
        await site.step("comment", comment="new")
        status, problem = await site.call("POST", "claim", json={}, headers=headers)
        fits(problem, "Problem")
        _, now = await site.call("GET", "")
        assert (status, problem["code"], problem["revision"]) == (409, "stale", now["revision"])

    served(script)


def test_step_without_a_revision_is_refused(served: Served) -> None:
    async def script(site: Any) -> None:
        status, problem = await site.call("POST", "claim", json={})
        assert (status, problem["code"]) == (428, "revision-missing")

    served(script)


def test_decide_what_does_not_fit_has_errors_by_field(served: Served) -> None:
    async def script(site: Any) -> None:
        await site.step("claim")
        form, value = {"score": "high"}, {"id": "o0"}
        status, problem = await site.step("decide", decision="yes", form=form, value=value)
        fits(problem, "Problem")
        fields = [error["field"] for error in problem["errors"]]
        assert (status, fields) == (422, ["decision", "form.score", "value"])

    served(script)


def test_unknown_task_and_unknown_path_are_not_found(served: Served) -> None:
    async def script(site: Any) -> None:
        for path in ("/api/v1/tasks/nothing", "/api/v1/tasks/*", "/api/v1/nothing", "/nothing"):
            status, problem = await site.call("GET", path)
            fits(problem, "Problem")
            assert (path, status) == (path, 404)

    served(script)


def test_events_tell_of_changes_that_somebody_may_see(served: Served) -> None:
    async def script(site: Any) -> None:
        headers = {"Authorization": "Bearer kt_ana"}
        url = f"{site.base}/api/v1/events"
        async with asyncio.timeout(20), site.http.get(url, headers=headers) as stream:
            await stream.content.readuntil(b"\n\n")
            await site.step("claim")
            line = await stream.content.readuntil(b"\n\n")
        event = json.loads(line.partition(b"data: ")[2])
        assert (event["task"], event["action"], event["by"]) == (site.task, "claimed", "ana")

    served(script)


def test_events_end_after_signing_out(served: Served) -> None:
    async def script(site: Any) -> None:
        _, session = await site.log_in()
        url = f"{site.base}/api/v1/events"
        async with asyncio.timeout(20), site.http.get(url, headers=session) as stream:
            await stream.content.readuntil(b"\n\n")
            assert (await site.call("DELETE", "/api/v1/session", "", headers=session))[0] == 204
            await site.step("claim")
            assert await stream.content.read() == b""

    served(script)


def test_events_are_told_to_both_who_begin_to_listen_at_once() -> None:
    """The second one finds the looking begun, after it has waited for the end of the stream."""

    class Slow:
        def __init__(self) -> None:
            self.infos = iter([(0.0, 3), (0.05, 5)])
            self.read_from: list[int] = []

        async def stream_info(self, name: str) -> Any:
            seconds, last = next(self.infos)
            await asyncio.sleep(seconds)
            return SimpleNamespace(last_seq=last)

        async def read(self, stream: str, subject: str, start: int, most: int) -> list[Any]:
            self.read_from.append(start)
            return []

    async def script() -> list[int]:
        slow = Slow()
        names = SimpleNamespace(tasks="T", audit="a.{}".format)
        feed = Feed(cast(Any, SimpleNamespace(transport=slow, names=names)), poll_s=0.1)
        queues = await asyncio.gather(feed.listen(), feed.listen())
        await asyncio.sleep(0.25)
        for queue in queues:
            feed.leave(queue)
        return slow.read_from

    assert set(asyncio.run(script())) == {4}


def test_events_of_tasks_of_others_are_not_told(served: Served) -> None:
    async def script(site: Any) -> None:
        headers = {"Authorization": "Bearer kt_eve"}
        url = f"{site.base}/api/v1/events"
        async with asyncio.timeout(20), site.http.get(url, headers=headers) as stream:
            await stream.content.readuntil(b"\n\n")
            await site.step("claim")
            await asyncio.sleep(2 * POLL_S)
            await site.step("delegate", "max", to="eve")
            line = await stream.content.readuntil(b"\n\n")
        assert json.loads(line.partition(b"data: ")[2])["action"] == "delegated"

    served(script)


def test_page_is_served_with_its_headers(served: Served) -> None:
    async def script(site: Any) -> None:
        async with site.http.get(site.base + "/") as answer:
            assert (answer.status, answer.content_type) == (200, "text/html")
            assert answer.headers["Content-Security-Policy"].startswith("default-src 'self';")
            assert answer.headers["X-Content-Type-Options"] == "nosniff"

    served(script)


def test_local_user_does_everything_with_the_token_of_the_address(served: Served) -> None:
    async def script(site: Any) -> None:
        token = site.service.address.partition("#token=")[2].removeprefix("kt_")
        _, me = await site.call("GET", "/api/v1/me", token)
        assert (me["is_local"], me["roles"]) == (True, ["worker", "manager", "auditor"])
        _, task = await site.call("GET", "", token)
        assert task["may"] == ["claim", "delegate", "comment", "withdraw"]

    served(script, has_people=False)
