"""What the routes answer. Every method has the name of its route and gets who asks."""

import asyncio
import base64
import contextlib
from typing import Any

import msgspec
from aiohttp import web

from kumeo_runtime.client import RuntimeClient
from kumeo_runtime.tasks.actions import Actions, Current
from kumeo_runtime.tasks.answers import Given
from kumeo_runtime.tasks.inbox import Inbox, Listed, Order, is_mine, matches, order_of
from kumeo_runtime.tasks.people import ANYBODY, People, Person
from kumeo_runtime.tasks.rest import shapes
from kumeo_runtime.tasks.rest.feed import Feed
from kumeo_runtime.tasks.rest.guard import HEADERS, Caller, Guard
from kumeo_runtime.tasks.rest.problems import Refused
from kumeo_runtime.tasks.rest.routes import EVENTS, openapi
from kumeo_runtime.tasks.rest.views import detail_of, event_of, row_of
from kumeo_runtime.tasks.rules import Refusal, may_see, may_see_trail
from kumeo_runtime.transport.api import TransportError

LIMIT, LIMIT_MAX = 50, 500
ALIVE_S = 15.0
LISTENERS_MAX = 200
_write = msgspec.json.encode
_read_order = msgspec.json.Decoder(Order).decode


class Api:
    """The answers of one service."""

    def __init__(self, client: RuntimeClient, people: People, guard: Guard, is_local: bool) -> None:
        self.actions = Actions(client, people, via="rest")
        self.feed = Feed(client.shared)
        self._inbox = Inbox(client.shared)
        self._workflow = client.workflow.name
        self._people = people
        self._guard = guard
        self._is_local = is_local
        self._openapi = openapi(self._workflow, guard.cookie)

    # -- sessions
    async def me(self, request: web.Request, caller: Caller) -> shapes.Me:
        """Say who asks."""
        return self._me(caller.person)

    async def log_in(self, request: web.Request, body: shapes.Credentials) -> web.Response:
        """Open a session for a token."""
        person = self._guard.logins.person(body.token, request.remote or "")
        secret, session = self._guard.logins.open(person)
        answer = web.Response(
            body=_write(shapes.Session(session.csrf, self._me(person))),
            content_type="application/json",
        )
        self._guard.set_cookie(answer, secret)
        return answer

    async def session(self, request: web.Request, caller: Caller) -> shapes.Session:
        """Give a page that was loaded anew its CSRF token."""
        if caller.session is None:
            raise Refused(404, "no-session", "a token has no session")
        return shapes.Session(caller.session.csrf, self._me(caller.person))

    async def log_out(self, request: web.Request, caller: Caller) -> web.Response:
        """End the session."""
        if caller.secret is not None:
            self._guard.logins.close(caller.secret)
        answer = web.Response(status=204)
        self._guard.delete_cookie(answer)
        return answer

    def _me(self, person: Person) -> shapes.Me:
        people = [each for each in self._people.all.values() if self._people.takes(each.name)]
        teams = [group for group in self._people.groups if self._people.takes(group)]
        return shapes.Me(
            person.name,
            tuple(group for group in person.groups if group != ANYBODY),
            person.roles,
            self._workflow,
            self._is_local,
            tuple(sorted(each.name for each in people)),
            tuple(teams),
        )

    # -- looking
    async def tasks(self, request: web.Request, caller: Caller) -> shapes.Page:
        """List tasks."""
        status, limit = _status(request), _limit(request)
        await self._inbox.refresh()
        words, person = request.query.get("q", ""), caller.person
        found = [
            each
            for each in self._inbox.seen_by(person)
            if _is_wanted(each, status, person) and matches(each.state, words)
        ]
        after = _after(request)
        left = found if after is None else [e for e in found if order_of(e) > after]
        page = left[:limit]
        more = _cursor(page[-1]) if limit < len(left) else None
        return shapes.Page([row_of(e.state, e.revision) for e in page], more, len(found))

    async def task(self, request: web.Request, caller: Caller) -> shapes.Detail:
        """Show one task."""
        return self._detail(await self._seen(request, caller), caller)

    async def audit(self, request: web.Request, caller: Caller) -> shapes.Audit:
        """Show what was done with a task."""
        id = _id(request)
        found = await self.actions.find(id)
        state = None if isinstance(found, Refusal) else found.state
        if not may_see_trail(caller.person, state):
            raise _hidden(state is None)
        trail = await self.actions.store.trail(id)
        if not trail.entries and state is None:
            raise Refused(404, "unknown-task", f"there is no task {id}")
        return shapes.Audit(id, [event_of(each) for each in trail.entries], trail.is_intact)

    async def openapi(self, request: web.Request) -> dict[str, Any]:
        """Describe the service."""
        return self._openapi

    async def _seen(self, request: web.Request, caller: Caller) -> Current:
        id = _id(request)
        found = await self.actions.find(id)
        if isinstance(found, Refusal):
            self._inbox.drop(id)
            raise Refused.of(found)
        if not may_see(caller.person, found.state):
            raise _hidden(False)
        return found

    def _detail(self, current: Current, caller: Caller) -> shapes.Detail:
        schemas = self.actions.forms.schemas(current.state.task.site)
        return detail_of(current, caller.person, schemas)

    # -- steps
    async def claim(
        self, request: web.Request, caller: Caller, revision: int, body: shapes.Empty
    ) -> shapes.Detail:
        """Take a task."""
        found = await self.actions.claim(caller.person, _id(request), revision)
        return self._done(found, caller)

    async def release(
        self, request: web.Request, caller: Caller, revision: int, body: shapes.Release
    ) -> shapes.Detail:
        """Give a task back."""
        found = await self.actions.release(caller.person, _id(request), revision, body.comment)
        return self._done(found, caller)

    async def delegate(
        self, request: web.Request, caller: Caller, revision: int, body: shapes.Delegate
    ) -> shapes.Detail:
        """Pass a task on."""
        task, text = _id(request), body.comment
        found = await self.actions.delegate(caller.person, task, body.to, revision, text)
        return self._done(found, caller)

    async def comment(
        self, request: web.Request, caller: Caller, revision: int, body: shapes.Comment
    ) -> shapes.Detail:
        """Write a comment."""
        found = await self.actions.comment(caller.person, _id(request), body.comment, revision)
        return self._done(found, caller)

    async def decide(
        self, request: web.Request, caller: Caller, revision: int, body: shapes.Decide
    ) -> shapes.Detail:
        """Decide a task."""
        given = Given(body.decision, body.form, body.value)
        task, text = _id(request), body.comment
        found = await self.actions.decide(caller.person, task, given, revision, text)
        return self._done(found, caller)

    async def withdraw(
        self, request: web.Request, caller: Caller, revision: int, body: shapes.Withdraw
    ) -> None:
        """End a task without an answer."""
        found = await self.actions.withdraw(caller.person, _id(request), body.reason, revision)
        if isinstance(found, Refusal):
            raise Refused.of(found)

    def _done(self, found: Current | Refusal, caller: Caller) -> shapes.Detail:
        if isinstance(found, Refusal):
            raise Refused.of(found)
        return self._detail(found, caller)

    # -- events
    async def events(self, request: web.Request, caller: Caller) -> web.StreamResponse:
        """Send a line for every change of a task that the caller may see."""
        if self.feed.listeners >= LISTENERS_MAX:
            raise Refused(503, "busy", "too many listen", retry_s=30)
        queue = await self.feed.listen()
        answer = web.StreamResponse(headers={**HEADERS, "Content-Type": EVENTS})
        try:
            await answer.prepare(request)
            await answer.write(b": hello\n\n")
            await self._send_events(answer, queue, caller)
        except ConnectionError:
            pass  # The browser has gone.
        finally:
            self.feed.leave(queue)
        return answer

    async def _send_events(self, answer: web.StreamResponse, queue: Any, caller: Caller) -> None:
        while True:
            entry = None
            try:
                async with asyncio.timeout(ALIVE_S):
                    entry = await queue.get()
                if entry is None:
                    return
            except TimeoutError:
                await answer.write(b": alive\n\n")
            if not self._is_still(caller):
                return
            if entry is None:
                continue
            with contextlib.suppress(TransportError):
                found = await self.actions.find(entry.task)
                if isinstance(found, Current) and may_see(caller.person, found.state):
                    event = {"task": entry.task, "action": entry.action, "by": entry.by}
                    event |= {"revision": found.revision, "status": found.state.label}
                    await answer.write(b"event: task\ndata: " + _write(event) + b"\n\n")

    def _is_still(self, caller: Caller) -> bool:
        """Say whether who listens still has the same rights, and has not signed out."""
        self._people.refresh()
        is_in = caller.secret is None or self._guard.logins.is_open(caller.secret)
        return is_in and self._people.all.get(caller.person.name) == caller.person


# -- queries


def _id(request: web.Request) -> str:
    """Return the task of a path. What could be a filter of the store names no task."""
    id = request.match_info["id"]
    if not id.isascii() or not id.replace("-", "").replace("_", "").isalnum() or len(id) > 100:
        raise Refused(404, "unknown-task", "there is no such task")
    return id


def _hidden(is_unknown: bool) -> Refused:
    if is_unknown:
        return Refused(404, "unknown-task", "there is no such task")
    return Refused(403, "forbidden", "the task is for somebody else")


def _status(request: web.Request) -> str:
    status = request.query.get("status", "open")
    if status not in ("open", "mine", "all"):
        raise Refused(400, "invalid-query", "`status` is one of open, mine, all")
    return status


def _limit(request: web.Request) -> int:
    text = request.query.get("limit", str(LIMIT))
    if not (text.isascii() and text.isdigit() and len(text) < 9 and 1 <= int(text) <= LIMIT_MAX):
        raise Refused(400, "invalid-query", f"`limit` is a number from 1 to {LIMIT_MAX}")
    return int(text)


def _is_wanted(each: Listed, status: str, person: Person) -> bool:
    state = each.state
    if status == "mine":
        return is_mine(person, state)
    return status == "all" or state.status == "open"


def _cursor(last: Listed) -> str:
    """Return the place of a task in the list, which stays when the task leaves the list."""
    return base64.urlsafe_b64encode(_write(order_of(last))).decode()


def _after(request: web.Request) -> Order | None:
    text = request.query.get("after")
    try:
        return None if text is None else _read_order(base64.urlsafe_b64decode(text))
    except (ValueError, msgspec.DecodeError):
        raise Refused(400, "invalid-query", "`after` is the `next` of a page") from None
