"""`Playing`: requests in, responses out; plays the script and keeps what was asked."""

import asyncio
import dataclasses
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any, cast

import msgspec

from kumeo_runtime.testing.fake_models import ollama, openai
from kumeo_runtime.testing.fake_models.asked import Asked, Json
from kumeo_runtime.testing.fake_models.decisions import Decisions
from kumeo_runtime.testing.fake_models.dialect import Complaint, Counter, Dialect, Stamp
from kumeo_runtime.testing.fake_models.http import Headers, HttpRequest, HttpResponse, ResetError
from kumeo_runtime.testing.fake_models.script import Player, Reply, Script
from kumeo_runtime.testing.fake_models.sending import headers_of, sent_stream, sent_whole

AGENT = "X-Kumeo-Agent"
"""The header that names the agent of a question, where a client sends it."""
REQUESTS = "/fake/requests"
"""Where another process reads what was asked."""
_OPENAI, _OLLAMA = openai.OpenAiChat(), ollama.OllamaChat()
_DIALECTS: Mapping[str, Dialect] = {
    "/chat/completions": _OPENAI,
    "/decisions": Decisions(),
    "/api/chat": _OLLAMA,
}
_NO_RULE = Complaint("no rule of the script fits this question", code="no_rule")
_NO_JSON = Complaint("We could not parse the JSON body of your request.")
_SOME_MODELS = ("fake",)


@dataclasses.dataclass(slots=True)
class Heard:
    """One request for an answer, and what became of it."""

    path: str
    headers: Headers
    body: Any
    asked: Asked | None = None
    """What it asks; None when it was refused."""
    rule: int | None = None
    """The rule of the script that answered; -1: what holds otherwise; None: none."""
    status: int = 0
    seconds: float = 0.0
    """How long it took, from the last byte of the request to the last byte handed over."""

    def to_json(self) -> Json:
        """Return it as JSON data; what a key unlocks is nobody's business."""
        headers = {name: self.headers[name] for name in self.headers if name != "authorization"}
        told = {"rule": self.rule, "status": self.status, "seconds": self.seconds}
        return {"path": self.path, "headers": headers, "body": self.body, **told}


class Playing:
    """Answers the requests of a server by a script."""

    def __init__(
        self, script: Script, clock: Callable[[], float], on_request: Callable[[Heard], None]
    ) -> None:
        self.script = script
        self.heard: list[Heard] = []
        self._player = Player(script)
        self._counter = Counter(script.cache_from)
        self._clock, self._on_request = clock, on_request

    @property
    def unused(self) -> Sequence[int]:
        """The numbers of the rules that have not answered."""
        return self._player.unused()

    async def answer(self, request: HttpRequest) -> HttpResponse:
        """Return the response to a request. Raises: ResetError."""
        path = request.path.removeprefix("/v1")
        dialect = _DIALECTS.get(path)
        if dialect is not None and request.method == "POST":
            return await self._exchange(dialect, request)
        found = self._other(request.method, path, request.body)
        if isinstance(found, Complaint):
            return self._refused(_OLLAMA if path.startswith("/api/") else _OPENAI, found)
        return HttpResponse(200, msgspec.json.encode(found), self._headers())

    async def _exchange(self, dialect: Dialect, request: HttpRequest) -> HttpResponse:
        begun = time.perf_counter()
        heard = Heard(request.path, request.headers, _json_of(request.body))
        self.heard.append(heard)
        try:
            response = await self._response(dialect, heard, begun)
            heard.status = response.status
        finally:
            heard.seconds = time.perf_counter() - begun
            self._on_request(heard)
        if response.pieces is None:
            return response
        return dataclasses.replace(response, pieces=_timed(response.pieces, heard, begun))

    async def _response(self, dialect: Dialect, heard: Heard, begun: float) -> HttpResponse:
        complaint = self._complaint(dialect, heard)
        if complaint is not None:
            return self._refused(dialect, complaint)
        heard.asked = asked = dialect.asked(heard.body, heard.headers.get(AGENT, ""))
        played = self._player.next_reply(asked)
        if played is None:
            return self._refused(dialect, _NO_RULE)
        heard.rule, reply = played
        if reply.wait_s:
            await asyncio.sleep(reply.wait_s)
        if reply.fault.reset_after == 0:
            raise ResetError
        stamp = Stamp(len(self.heard), self._clock(), time.perf_counter() - begun)
        return self._said(dialect, asked, reply, stamp)

    def _said(self, dialect: Dialect, asked: Asked, reply: Reply, stamp: Stamp) -> HttpResponse:
        fault = reply.fault
        headers = headers_of(fault, stamp.now, "application/json")
        if fault.status != 200:
            complaint = Complaint(fault.message, fault.status, code=fault.code)
            return sent_whole(_body(fault.body, dialect.error(complaint)), fault, headers)
        counts = self._counter.counts(asked, reply)
        headers["openai-processing-ms"] = str(int(stamp.seconds * 1000))
        if not asked.is_stream:
            whole = dialect.whole(asked, reply, counts, stamp)
            return sent_whole(_body(fault.body, whole), fault, headers)
        headers["Content-Type"] = dialect.stream_type
        given: Sequence[bytes] | None = None if fault.body is None else [fault.body.encode()]
        parts = given or dialect.stream(asked, reply, counts, stamp)
        return sent_stream(parts, fault, headers, dialect.stream_error(fault.message))

    def _complaint(self, dialect: Dialect, heard: Heard) -> Complaint | None:
        """Return why a question is refused, as the real server would say it."""
        keys, models = self.script.keys, self.script.models
        key = heard.headers.get("Authorization", "").removeprefix("Bearer ")
        if keys is not None and key not in keys:
            return Complaint("Incorrect API key provided.", 401, code="invalid_api_key")
        if heard.body is None:
            return _NO_JSON
        complaint = dialect.check(heard.body, self.script)
        if complaint is not None:
            return complaint
        model = heard.body["model"]
        if models is not None and model not in models:
            text = f"model '{model}' not found"
            return Complaint(text, 404, param="model", code="model_not_found")
        return None

    def _other(self, method: str, path: str, data: bytes) -> Any:
        """Return the body of a response about models, embeddings or requests, or a complaint."""
        names, now = self.script.models or _SOME_MODELS, self._clock()
        body = _json_of(data)
        given = cast(Json, body) if isinstance(body, dict) else {}
        match method, path:
            case "GET", "/models":
                return openai.models_of(names, now)
            case "GET", "/api/tags":
                return ollama.tags_of(names, now)
            case "GET", "/api/version":
                return {"version": "0.0.0-fake"}
            case "GET", "/fake/requests":
                return [heard.to_json() for heard in self.heard]
            case "POST", "/api/show":
                return self._shown(given.get("model"), now)
            case "POST", "/embeddings":
                return openai.embeddings_of(given)
            case "POST", "/api/embed":
                return ollama.embeddings_of(given)
            case _:
                return Complaint(f"Invalid URL ({method} {path})", 404)

    def _shown(self, name: Any, now: float) -> Any:
        models = self.script.models
        if not isinstance(name, str) or not name:
            return Complaint("model is required")
        if models is not None and name not in models:
            return Complaint(f"model '{name}' not found", 404)
        return ollama.shown(name, now)

    def _refused(self, dialect: Dialect, complaint: Complaint) -> HttpResponse:
        body = msgspec.json.encode(dialect.error(complaint))
        return HttpResponse(complaint.status, body, self._headers())

    def _headers(self) -> dict[str, str]:
        return headers_of(Reply().fault, self._clock(), "application/json")


async def _timed(pieces: AsyncIterator[bytes], heard: Heard, begun: float) -> AsyncIterator[bytes]:
    try:
        async for piece in pieces:
            yield piece
    finally:
        heard.seconds = time.perf_counter() - begun


def _json_of(data: bytes) -> Any:
    try:
        return msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _body(given: str | None, made: Json) -> bytes:
    return msgspec.json.encode(made) if given is None else given.encode()
