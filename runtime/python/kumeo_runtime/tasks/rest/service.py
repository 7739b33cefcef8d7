"""`TaskService`: the routes and the page on one port."""

import asyncio
import errno
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import msgspec
from aiohttp import web

from kumeo_runtime.client import RuntimeClient
from kumeo_runtime.engine.shared import EngineError
from kumeo_runtime.tasks.people import ANYBODY, ROLES, People, Person, hash_of, new_token, user_name
from kumeo_runtime.tasks.rest.api import Api
from kumeo_runtime.tasks.rest.guard import HEADERS, LOOPBACK, SECURE, Guard, origins_of
from kumeo_runtime.tasks.rest.logins import Logins
from kumeo_runtime.tasks.rest.problems import Refused
from kumeo_runtime.tasks.rest.routes import ROUTES, Route
from kumeo_runtime.transport.api import TransportError

log = logging.getLogger("kumeo.tasks")
PORT = 8480
BODY_MAX = 512 * 1024
STOP_S = 2.0
PAGE = Path(__file__).parent.parent / "page"
KINDS = {
    ".html": "text/html",
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
}
"""Content types of the files of the page; others are not served."""
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class TaskService:
    """Serves the tasks of one workflow.

    people: None serves one user of this machine, on a loopback address alone; `token` is theirs.
    url: where browsers find the service when something stands before it, such as a proxy with TLS.
    """

    def __init__(
        self,
        client: RuntimeClient,
        people: People | None = None,
        *,
        host: str = "127.0.0.1",
        port: int = PORT,
        url: str | None = None,
    ) -> None:
        if people is None and host not in LOOPBACK:
            problem = f"without a people file tasks are served on this machine alone, not on {host}"
            raise EngineError("invalid-setting", problem, "add `--people FILE`")
        if url is not None and not url.lower().startswith(("https://", "http://")):
            fix = "write it as https://tasks.example.com"
            raise EngineError("invalid-setting", f"`{url}` is no address of a service", fix)
        self.host = host
        self.port = port
        self.token = new_token() if people is None else None
        self._url = url
        self._client = client
        self._people = _local(self.token) if self.token is not None else people or People()
        self._runner: web.AppRunner | None = None
        self._guard: Guard | None = None
        self._api: Api | None = None
        self._files = _files()

    @property
    def address(self) -> str:
        """What a person opens; with the token where there is no people file."""
        name = f"[{self.host}]" if ":" in self.host else self.host
        base = self._url.rstrip("/") if self._url else f"http://{name}:{self.port}"
        return f"{base}/" if self.token is None else f"{base}/#token={self.token}"

    async def start(self) -> None:
        """Listen. Raises: EngineError `port-in-use`."""
        app = web.Application(client_max_size=BODY_MAX, middlewares=[self._around])
        for route in ROUTES:
            app.router.add_route(route.method, route.path, self._handler(route))
        app.router.add_route("GET", "/{name:.*}", self._file)
        self._runner = web.AppRunner(
            app, access_log=None, handle_signals=False, shutdown_timeout=STOP_S
        )
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, self.host, self.port).start()
        except OSError as error:
            await self.stop()
            raise _not_listening(self.host, self.port, error) from None
        self.port = self._runner.addresses[0][1]
        self._ready()
        log.info("tasks on %s:%d", self.host, self.port)

    def _ready(self) -> None:
        loop = asyncio.get_running_loop()
        is_secure = (self._url or "").lower().startswith("https://")
        cookie = f"{SECURE if is_secure else ''}kumeo_session_{self.port}"
        origins = origins_of(self.host, self.port, self._url)
        self._guard = Guard(Logins(self._people, loop.time), origins, cookie)
        self._api = Api(self._client, self._people, self._guard, self.token is not None)

    async def stop(self) -> None:
        """Answer what is under way, then listen no more."""
        runner, self._runner = self._runner, None
        if self._api is not None:
            self._api.feed.stop()
        if runner is not None:
            await runner.cleanup()

    # -- requests
    @web.middleware
    async def _around(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Check the place, turn errors into problems, add the headers."""
        try:
            if self._guard is None:
                raise Refused(503, "starting", "the service starts", retry_s=1)
            self._guard.check_place(request)
            answer = await handler(request)
        except Refused as refused:
            answer = refused.response()
        except web.HTTPException as error:
            answer = _of_http(error).response()
        except TransportError as error:
            problem = f"the store cannot be reached: {error.message}"
            answer = Refused(503, "store-unreachable", problem, retry_s=2).response()
        except EngineError as error:
            status = 413 if error.code == "too-large" else 503
            answer = Refused(status, error.code, error.message).response()
        if not answer.prepared:
            answer.headers.update(HEADERS)
        return answer

    def _handler(self, route: Route) -> Handler:
        async def handle(request: web.Request) -> web.StreamResponse:
            assert self._api is not None, "requests come after `start`"
            answer = getattr(self._api, route.name)
            self._people.refresh()
            given: list[Any] = [request]
            if not route.is_open:
                given.append(self._caller(request, route))
            if route.is_step:
                given.append(_revision(request))
            if route.body is not None:
                given.append(await _body(request, route.body))
            return _response(await answer(*given))

        return handle

    def _caller(self, request: web.Request, route: Route) -> Any:
        assert self._guard is not None, "requests come after `start`"
        return self._guard.caller(request, route)

    async def _file(self, request: web.Request) -> web.StreamResponse:
        """Serve a file of the page: a path is a key of a table, never one of the disk."""
        name = request.match_info["name"] or "index.html"
        path = self._files.get(name)
        if path is None:
            raise Refused(404, "not-found", "there is no such page")
        kind = KINDS[path.suffix]
        charset = "utf-8" if kind.startswith("text/") else None
        return web.Response(body=path.read_bytes(), content_type=kind, charset=charset)


def _local(token: str) -> People:
    """Return the one user of this machine."""
    return People([Person(user_name(), (ANYBODY,), ROLES, "", hash_of(token))])


def _files() -> dict[str, Path]:
    found = (path for path in PAGE.rglob("*") if path.is_file() and path.suffix in KINDS)
    return {path.relative_to(PAGE).as_posix(): path for path in found}


def _revision(request: web.Request) -> int:
    text = request.headers.get("If-Match", "").strip().strip('"')
    if not text:
        raise Refused(428, "revision-missing", "send `If-Match` with the revision of the task")
    if not (text.isascii() and text.isdigit() and len(text) < 20):
        raise Refused(400, "invalid-revision", "`If-Match` is the revision, a whole number")
    return int(text)


async def _body(request: web.Request, kind: Any) -> Any:
    if request.content_type != "application/json":
        raise Refused(415, "not-json", "send a body of application/json")
    text = await request.read()
    try:
        return msgspec.json.decode(text, type=kind)
    except msgspec.ValidationError as error:
        raise Refused(422, "invalid", str(error)) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Refused(400, "invalid-json", f"the body is no JSON: {error}") from None


def _response(answer: Any) -> web.StreamResponse:
    if isinstance(answer, web.StreamResponse):
        return answer
    if answer is None:
        return web.Response(status=204)
    return web.Response(body=msgspec.json.encode(answer), content_type="application/json")


def _of_http(error: web.HTTPException) -> Refused:
    codes = {404: "not-found", 405: "wrong-method", 413: "too-large"}
    detail = f"a body has at most {BODY_MAX} bytes" if error.status == 413 else error.reason
    return Refused(error.status, codes.get(error.status, "invalid-request"), detail)


def _not_listening(host: str, port: int, error: OSError) -> EngineError:
    if error.errno == errno.EADDRINUSE:
        problem = f"port {port} on {host} is in use"
        return EngineError("port-in-use", problem, "name another port, or 0 for any free one")
    problem = f"cannot listen on {host}:{port}: {error.strerror}"
    return EngineError("invalid-setting", problem, "name an address of this machine")
