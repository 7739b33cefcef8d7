"""OpenAI's chat completions, and the many servers that speak the same."""

from collections.abc import Sequence
from typing import Any

from kumeo_runtime.llm.api import (
    UNKNOWN_USAGE,
    ModelFault,
    Question,
    Reply,
    ToolCall,
    ToolSpec,
    Usage,
)
from kumeo_runtime.llm.capabilities import Capabilities
from kumeo_runtime.llm.wire import (
    Body,
    Stream,
    Wire,
    count_of,
    entry,
    finished,
    parsed,
    part,
    text_of,
    usage_of,
    with_schema,
)

SETTINGS = ("temperature", "top_p", "seed", "stop")
DONE = b"[DONE]"


class OpenAiWire(Wire):
    """Chat completions."""

    path = "/chat/completions"

    def body(self, question: Question, can: Capabilities) -> Body:
        """Return the body of a request."""
        body: Body = {"model": question.model, "messages": list(question.messages)}
        given = question.settings
        body |= {name: given[name] for name in SETTINGS if given.get(name) is not None}
        if given.get("max_tokens") is not None:
            body[can.max_tokens] = given["max_tokens"]
        if question.tools:
            body["tools"] = tools_of(question.tools)
        if question.schema is not None:
            body |= self._format(question, can)
        if question.stream:
            body["stream"] = True
            body |= {"stream_options": {"include_usage": True}} if can.stream_usage else {}
        return {name: value for name, value in body.items() if name not in can.without}

    def _format(self, question: Question, can: Capabilities) -> Body:
        if can.schema == "native":
            is_strict = question.is_strict and can.strict
            wanted = {"name": "answer", "strict": is_strict, "schema": question.schema}
            return {"response_format": {"type": "json_schema", "json_schema": wanted}}
        told: Body = {"messages": with_schema(question)}
        if can.schema == "json":
            told["response_format"] = {"type": "json_object"}
        return told

    def reply(self, body: Any) -> Reply:
        """Return the reply in a response. Raises: ModelFault."""
        choice = part(part(body, "choices"), 0)
        message = part(choice, "message")
        finish = entry(choice, "finish_reason") or ""
        calls = [_call(each, i) for i, each in enumerate(entry(message, "tool_calls") or ())]
        text, usage = text_of(entry(message, "content")), _usage(entry(body, "usage"))
        made = Reply(text, tuple(calls), finish, usage, str(entry(body, "model") or ""))
        return finished(text, finish, entry(message, "refusal"), usage, made)

    def stream(self) -> Stream:
        """Return what puts a streamed response together."""
        return OpenAiStream()


class OpenAiStream(Stream):
    """Server-sent events: deltas of one message, then the usage, then `[DONE]`."""

    def __init__(self) -> None:
        self._text: list[str] = []
        self._refusal: list[str] = []
        self._calls: dict[int, list[str]] = {}
        self._finish: str | None = None
        self._usage = UNKNOWN_USAGE
        self._model = ""

    def line(self, line: bytes) -> None:
        """Take one line. Raises: ModelFault when it tells an error."""
        name, _, data = line.partition(b":")
        data = data.strip()
        if name != b"data" or not data:
            return
        if data == DONE:
            self.is_complete = True
            return
        chunk = parsed(data)
        if entry(chunk, "error"):
            raise ModelFault("attempt-failed", f"the server ends the answer: {error_text(chunk)}")
        self._model = str(entry(chunk, "model") or self._model)
        if entry(chunk, "usage"):
            self._usage = _usage(entry(chunk, "usage"))
        for choice in entry(chunk, "choices") or ():
            self._take(choice)

    def _take(self, choice: Any) -> None:
        delta = entry(choice, "delta")
        self._text.append(text_of(entry(delta, "content")))
        self._refusal.append(text_of(entry(delta, "refusal")))
        for call in entry(delta, "tool_calls") or ():
            place = entry(call, "index") or 0
            made = self._calls.setdefault(place, ["", "", ""])
            function = entry(call, "function")
            made[0] = made[0] or str(entry(call, "id") or "")
            made[1] = made[1] or str(entry(function, "name") or "")
            made[2] += str(entry(function, "arguments") or "")
        self._finish = entry(choice, "finish_reason") or self._finish

    def reply(self) -> Reply:
        """Return what was said. Raises: ModelFault when it is no answer."""
        text, refusal = "".join(self._text), "".join(self._refusal)
        calls = tuple(
            ToolCall(id or f"call_{place}", name, arguments)
            for place, (id, name, arguments) in sorted(self._calls.items())
        )
        made = Reply(text, calls, self._finish or "", self._usage, self._model)
        return finished(text, self._finish, refusal, self._usage, made)


def tools_of(tools: Sequence[ToolSpec]) -> list[dict[str, Any]]:
    """Return tools as both protocols describe them."""
    return [
        {
            "type": "function",
            "function": {
                "name": tool.name,
                "description": tool.description,
                "parameters": tool.schema,
            },
        }
        for tool in tools
    ]


def error_text(body: Any) -> str:
    """Return what a server says is wrong, on one line."""
    error = entry(body, "error")
    said = entry(error, "message") if isinstance(error, dict) else error
    return " ".join(str(said or "").split())[:200]


def _call(given: Any, place: int) -> ToolCall:
    function = part(given, "function")
    name, arguments = str(part(function, "name")), entry(function, "arguments")
    return ToolCall(str(entry(given, "id") or f"call_{place}"), name, str(arguments or "{}"))


def _usage(given: Any) -> Usage:
    details = entry(given, "prompt_tokens_details")
    return usage_of(
        count_of(given, "prompt_tokens"),
        count_of(given, "completion_tokens"),
        count_of(details, "cached_tokens"),
    )
