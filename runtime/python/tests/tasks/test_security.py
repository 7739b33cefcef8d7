"""What the service refuses: who has no token, no role, another origin, no CSRF header, …"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from kumeo_runtime.client import RuntimeClient
from kumeo_runtime.engine.shared import EngineError
from kumeo_runtime.tasks.people import added, hash_of, load_people, save_people
from kumeo_runtime.tasks.rest.logins import FAILED_MAX
from kumeo_runtime.tasks.rest.routes import ROUTES
from kumeo_runtime.tasks.rest.service import BODY_MAX, TaskService
from kumeo_runtime.testing.asking import asking

Served = Callable[..., None]


def test_every_route_but_the_open_ones_wants_a_token(served: Served) -> None:
    async def script(site: Any) -> None:
        for route in ROUTES:
            path = route.path.replace("{id}", site.task)
            status, _ = await site.call(route.method, path, "", json={})
            assert route.is_open or status == 401, (path, status)
        assert [route.name for route in ROUTES if route.is_open] == ["log_in", "openapi"]
        assert (await site.call("POST", "/api/v1/session", "", json={"token": "guess"}))[0] == 401

    served(script)


def test_wrong_role_reads_and_changes_nothing(served: Served) -> None:
    async def script(site: Any) -> None:
        assert (await site.call("GET", "", "eve"))[0] == 403
        assert (await site.call("GET", "audit", "eve"))[0] == 403
        assert (await site.call("GET", "", "audrey"))[0] == 200
        for who, act, body in (
            ("eve", "claim", {}),
            ("audrey", "claim", {}),
            ("audrey", "comment", {"comment": "x"}),
            ("ana", "withdraw", {"reason": "x"}),
        ):
            status, problem = await site.step(act, who, **body)
            assert (who, act, status, problem["code"]) == (who, act, 403, "forbidden")

    served(script)


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1"])
def test_foreign_origin_is_refused(served: Served, origin: str) -> None:
    async def script(site: Any) -> None:
        _, session = await site.log_in()
        for path in ("/api/v1/me", "/api/openapi.json"):
            status, problem = await site.call(
                "GET", path, "", headers={**session, "Origin": origin}
            )
            assert (status, problem["code"]) == (403, "foreign-origin")
        headers = {"Origin": origin}
        status, _ = await site.call(
            "POST", "/api/v1/session", "", json={"token": "kt_ana"}, headers=headers
        )
        assert status == 403

    served(script)


def test_own_origin_is_taken(served: Served) -> None:
    async def script(site: Any) -> None:
        _, session = await site.log_in()
        for origin in (site.base, site.base.replace("127.0.0.1", "localhost")):
            headers = {**session, "Origin": origin}
            assert (await site.call("GET", "/api/v1/me", "", headers=headers))[0] == 200

    served(script)


def test_request_of_another_site_is_refused_by_its_fetch_header(served: Served) -> None:
    async def script(site: Any) -> None:
        headers = {"Sec-Fetch-Site": "cross-site"}
        assert (await site.call("GET", "/api/v1/me", headers=headers))[0] == 403

    served(script)


def test_session_without_its_csrf_header_changes_nothing(served: Served) -> None:
    async def script(site: Any) -> None:
        cookie, session = await site.log_in()
        assert "HttpOnly" in cookie
        assert "SameSite=Strict" in cookie
        _, task = await site.call("GET", "", "", headers=session)
        for csrf in (None, "", "guess", "\udcff"):
            headers = {"Cookie": session["Cookie"], "If-Match": str(task["revision"])}
            headers |= {} if csrf is None else {"X-Kumeo-CSRF": csrf}
            status, problem = await site.call("POST", "claim", "", json={}, headers=headers)
            assert (status, problem["code"]) == (403, "csrf")
        headers = {**session, "If-Match": str(task["revision"])}
        assert (await site.call("POST", "claim", "", json={}, headers=headers))[0] == 200

    served(script)


def test_session_that_was_closed_is_over(served: Served) -> None:
    async def script(site: Any) -> None:
        _, session = await site.log_in()
        status, found = await site.call("GET", "/api/v1/session", "", headers=session)
        assert (status, found["csrf"]) == (200, session["X-Kumeo-CSRF"])
        assert (await site.call("DELETE", "/api/v1/session", "", headers=session))[0] == 204
        assert (await site.call("GET", "/api/v1/me", "", headers=session))[0] == 401

    served(script)


def test_person_who_is_removed_is_out_at_once(served: Served, tmp_path: Path) -> None:
    async def script(site: Any) -> None:
        _, session = await site.log_in()
        path = tmp_path / "people.json"
        save_people(path, [each for each in load_people(path) if each.name != "ana"])
        assert (await site.call("GET", "/api/v1/me", "", headers=session))[0] == 401
        assert (await site.call("GET", "/api/v1/me", "ana"))[0] == 401
        assert (await site.call("GET", "/api/v1/me", "ben"))[0] == 200

    served(script)


def test_new_token_ends_the_sessions_of_the_old_one(served: Served, tmp_path: Path) -> None:
    async def script(site: Any) -> None:
        _, session = await site.log_in()
        path = tmp_path / "people.json"
        people = {person.name: person for person in load_people(path)}
        changed = msgspec.structs.replace(people["ana"], token_sha256=hash_of("kt_new"))
        save_people(path, added(people.values(), changed))
        assert (await site.call("GET", "/api/v1/me", "", headers=session))[0] == 401
        assert (await site.call("GET", "/api/v1/me", "new"))[0] == 200

    served(script)


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", "evil.example:80"])
def test_wrong_host_is_refused(served: Served, host: str) -> None:
    async def script(site: Any) -> None:
        for path in ("/", "/api/v1/me", "/api/openapi.json"):
            status, problem = await site.call("GET", path, headers={"Host": host})
            assert (status, problem["code"]) == (421, "wrong-host")

    served(script)


@pytest.mark.parametrize(
    "path",
    [
        "../rest/service.py",
        "..%2frest%2fservice.py",
        "%2e%2e/people.py",
        "/etc/passwd",
        "a/../../x",
    ],
)
def test_path_outside_of_the_page_is_not_found(served: Served, path: str) -> None:
    async def script(site: Any) -> None:
        from yarl import URL

        url = URL(f"{site.base}/{path}", encoded=True)
        async with site.http.get(url) as answer:
            assert (answer.status, answer.content_type) == (404, "application/problem+json")

    served(script)


def test_huge_body_is_refused(served: Served) -> None:
    async def script(site: Any) -> None:
        body = json.dumps({"comment": "x" * BODY_MAX})
        headers = {"If-Match": "1", "Content-Type": "application/json"}
        status, problem = await site.call("POST", "comment", data=body, headers=headers)
        assert (status, problem["code"]) == (413, "too-large")

    served(script)


def test_body_of_a_form_or_broken_json_is_refused(served: Served) -> None:
    async def script(site: Any) -> None:
        for kind, body, wanted in (
            ("text/plain", b'{"token": "kt_ana"}', 415),
            ("application/x-www-form-urlencoded", b"token=kt_ana", 415),
            ("application/json", b'{"token": ', 400),
            ("application/json", b'{"token": 3}', 422),
            ("application/json", b'{"token": "kt_ana", "more": 1}', 422),
            ("application/json", b"[" * 100_000, 422),
        ):
            headers = {"Content-Type": kind}
            status, _ = await site.call("POST", "/api/v1/session", "", data=body, headers=headers)
            assert (kind, body[:20], status) == (kind, body[:20], wanted)

    served(script)


def test_guesses_of_tokens_are_limited(served: Served) -> None:
    async def script(site: Any) -> None:
        _, session = await site.log_in("ben")
        for _ in range(FAILED_MAX):
            assert (await site.call("GET", "/api/v1/me", "guess"))[0] == 401
        status, problem = await site.call("GET", "/api/v1/me", "guess")
        assert (status, problem["code"]) == (429, "too-many-logins")
        assert (await site.call("GET", "/api/v1/me", "ana"))[0] == 200
        assert (await site.call("GET", "/api/v1/me", "", headers=session))[0] == 200

    served(script)


def test_without_a_people_file_only_this_machine_is_served() -> None:
    with pytest.raises(EngineError) as found:
        TaskService(RuntimeClient(asking()), None, host="0.0.0.0")
    assert (found.value.code, "--people" in found.value.fix) == ("invalid-setting", True)
