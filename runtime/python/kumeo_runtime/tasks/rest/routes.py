"""The routes of the service: what answers them, what they take, and the OpenAPI document."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec

from kumeo_runtime import __version__
from kumeo_runtime.tasks.rest import shapes

V1 = "/api/v1"
TASK = f"{V1}/tasks/{{id}}"
CSRF = "X-Kumeo-CSRF"
EVENTS = "text/event-stream"


class Parameter(NamedTuple):
    """A parameter of a query."""

    name: str
    schema: Mapping[str, Any]
    meaning: str


class Route(NamedTuple):
    """One route. `name` is that of the method that answers."""

    method: str
    path: str
    name: str
    summary: str
    answer: Any = None
    """Struct of the body of the answer; None answers 204."""
    body: Any = None
    query: tuple[Parameter, ...] = ()
    is_open: bool = False
    """Whether it needs no token."""
    content: str = "application/json"

    @property
    def is_step(self) -> bool:
        """Whether it changes a task, and so needs the revision."""
        return self.method == "POST" and "{id}" in self.path


STATUS = {"type": "string", "enum": ["open", "mine", "all"], "default": "open"}
LIST = (
    Parameter("status", STATUS, "`mine` are those that I have; `all` are closed ones, too"),
    Parameter("q", {"type": "string", "maxLength": 200}, "words that the task holds"),
    Parameter("limit", {"type": "integer", "minimum": 1, "maximum": 500, "default": 50}, "most"),
    Parameter("after", {"type": "string"}, "`next` of the page before"),
)

ROUTES: tuple[Route, ...] = (
    Route("GET", f"{V1}/me", "me", "Who I am", shapes.Me),
    Route("GET", f"{V1}/tasks", "tasks", "Tasks that I may see", shapes.Page, query=LIST),
    Route("GET", TASK, "task", "One task", shapes.Detail),
    Route("GET", f"{TASK}/audit", "audit", "What was done with a task", shapes.Audit),
    Route("POST", f"{TASK}/claim", "claim", "Take a task", shapes.Detail, shapes.Empty),
    Route("POST", f"{TASK}/release", "release", "Give it back", shapes.Detail, shapes.Release),
    Route("POST", f"{TASK}/delegate", "delegate", "Pass it on", shapes.Detail, shapes.Delegate),
    Route("POST", f"{TASK}/comment", "comment", "Write a comment", shapes.Detail, shapes.Comment),
    Route("POST", f"{TASK}/decide", "decide", "Decide it", shapes.Detail, shapes.Decide),
    Route("POST", f"{TASK}/withdraw", "withdraw", "End it unanswered", None, shapes.Withdraw),
    Route("GET", f"{V1}/events", "events", "Changes of tasks, as they come", content=EVENTS),
    Route(
        "POST",
        f"{V1}/session",
        "log_in",
        "Open a session",
        shapes.Session,
        shapes.Credentials,
        is_open=True,
    ),
    Route("GET", f"{V1}/session", "session", "My session, after a reload", shapes.Session),
    Route("DELETE", f"{V1}/session", "log_out", "End the session"),
    Route("GET", "/api/openapi.json", "openapi", "This document", dict[str, Any], is_open=True),
)

_PROBLEMS = {
    400: "the request cannot be read",
    401: "there is no valid token or session",
    403: "not allowed: role, origin or CSRF header",
    404: "there is no such task",
    409: "the task has changed, is closed, or somebody else has it",
    413: "the body is too large",
    415: "the body is no JSON",
    421: "the service does not answer for this host",
    422: "fields do not fit",
    428: "`If-Match` with the revision is missing",
    429: "too many failed logins",
    503: "the store cannot be reached now",
}
_ALWAYS = (400, 421, 503)


def openapi(workflow: str, cookie: str) -> dict[str, Any]:
    """Return the document (OpenAPI 3.1); `cookie` is the name of that of a session."""
    structs = [each for route in ROUTES for each in (route.answer, route.body) if _is_struct(each)]
    kinds = list(dict.fromkeys([*structs, shapes.Problem]))
    _, schemas = msgspec.json.schema_components(kinds, ref_template="#/components/schemas/{name}")
    paths: dict[str, dict[str, Any]] = {}
    for route in ROUTES:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route)
    schemes = {
        "token": {"type": "http", "scheme": "bearer"},
        "session": {"type": "apiKey", "in": "cookie", "name": cookie},
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": f"Tasks of {workflow}", "version": __version__},
        "paths": paths,
        "components": {"schemas": schemas, "securitySchemes": schemes},
    }


def _operation(route: Route) -> dict[str, Any]:
    security: list[dict[str, list[str]]] = [] if route.is_open else [{"token": []}, {"session": []}]
    made: dict[str, Any] = {
        "operationId": route.name,
        "summary": route.summary,
        "security": security,
        "parameters": _parameters(route),
        "responses": _responses(route),
    }
    if route.body is not None:
        content = {"application/json": {"schema": _schema(route.body)}}
        made["requestBody"] = {"required": True, "content": content}
    return made


def _parameters(route: Route) -> list[dict[str, Any]]:
    text = {"type": "string"}
    found: list[dict[str, Any]] = [
        {"name": p.name, "in": "query", "schema": p.schema, "description": p.meaning}
        for p in route.query
    ]
    if "{id}" in route.path:
        found.append({"name": "id", "in": "path", "required": True, "schema": text})
    if route.is_step:
        meaning = "the revision of the task that was seen"
        found.append(
            {
                "name": "If-Match",
                "in": "header",
                "required": True,
                "schema": text,
                "description": meaning,
            }
        )
    if route.method != "GET" and not route.is_open:
        meaning = "needed with the cookie, not with a token"
        found.append({"name": CSRF, "in": "header", "schema": text, "description": meaning})
    return found


def _responses(route: Route) -> dict[str, Any]:
    known = {*_ALWAYS, *(() if route.is_open else (401, 403))}
    if "{id}" in route.path:
        known.add(404)
    if route.body is not None:
        known |= {413, 415, 422}
    if route.is_step:
        known |= {409, 428}
    known |= {429} if not route.is_open or route.name == "log_in" else set()
    known |= {401, 403} if route.name == "log_in" else set()
    problem = {"application/problem+json": {"schema": _schema(shapes.Problem)}}
    failed = {str(s): {"description": _PROBLEMS[s], "content": problem} for s in sorted(known)}
    return {**_success(route), **failed}


def _success(route: Route) -> dict[str, Any]:
    if route.content == EVENTS:
        return {"200": {"description": "events", "content": {EVENTS: {"schema": {}}}}}
    if route.answer is None:
        return {"204": {"description": "done"}}
    content = {route.content: {"schema": _schema(route.answer)}}
    return {"200": {"description": "done", "content": content}}


def _schema(kind: Any) -> dict[str, Any]:
    if _is_struct(kind):
        return {"$ref": f"#/components/schemas/{kind.__name__}"}
    return {"type": "object"}


def _is_struct(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, msgspec.Struct)
