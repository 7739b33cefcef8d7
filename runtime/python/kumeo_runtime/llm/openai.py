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
from kumeo_runtime.llm.portable import portable
from kumeo_runtime.llm.wire import (
    Body,
    Stream,
    Wire,
    arguments_of,
    count_of,
    entry,
    finished,
    items,
    name_of,
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
            body |= _format(question, can)
        if question.stream:
            body["stream"] = True
            body |= {"stream_options": {"include_usage": True}} if can.stream_usage else {}
        return {name: value for name, value in body.items() if name not in can.without}

    def reply(self, body: Any) -> Reply:
        """Return the reply in a response. Raises: ModelFault."""
        check_error(body)
        choice = part(part(body, "choices"), 0)
        message = part(choice, "message")
        finish = name_of(choice, "finish_reason")
        calls = [_call(each, i) for i, each in enumerate(items(message, "tool_calls"))]
        text, usage = text_of(entry(message, "content")), _usage(entry(body, "usage"))
        made = Reply(text, tuple(calls), finish, usage, name_of(body, "model"))
        return finished(text, finish, entry(message, "refusal"), usage, made)

    def stream(self) -> Stream:
        """Return what puts a streamed response together."""
        return OpenAiStream()


class OpenAiStream(Stream):
    """Server-sent events: deltas of one message, then the usage, then `[DONE]`.

    Some servers do not stream: they give a whole response to every question.
    """

    def __init__(self) -> None:
        self._whole: list[bytes] = []
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
        if self._whole or (line.lstrip().startswith(b"{") and not self._text):
            self.kept(line.decode("utf-8", "replace"))
            self._whole.append(line)
            return
        if name != b"data" or not data:
            return
        if data == DONE:
            self.is_complete = True
            return
        chunk = parsed(data)
        check_error(chunk)
        self._model = name_of(chunk, "model") or self._model
        if entry(chunk, "usage"):
            self._usage = _usage(entry(chunk, "usage"))
        for choice in items(chunk, "choices"):
            self._take(choice)

    def _take(self, choice: Any) -> None:
        delta = entry(choice, "delta")
        self._text.append(self.kept(text_of(entry(delta, "content"))))
        self._refusal.append(self.kept(text_of(entry(delta, "refusal"))))
        for call in items(delta, "tool_calls"):
            self._take_call(call)
        self._finish = name_of(choice, "finish_reason") or self._finish

    def _take_call(self, call: Any) -> None:
        """Take a piece of a call. Servers that do not number calls give each one whole."""
        place, function = entry(call, "index"), entry(call, "function")
        number = place if isinstance(place, int) else len(self._calls)
        made = self._calls.setdefault(number, ["", "", ""])
        made[0] = made[0] or name_of(call, "id")
        made[1] = made[1] or name_of(function, "name")
        made[2] += self.kept(arguments_of(function))

    def reply(self) -> Reply:
        """Return what was said. Raises: ModelFault when it is no answer."""
        if self._whole:
            return OpenAiWire().reply(parsed(b"\n".join(self._whole)))
        text, refusal = "".join(self._text), "".join(self._refusal)
        calls = tuple(
            ToolCall(id or f"call_{place}", name, arguments or "{}")
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


def check_error(body: Any) -> None:
    """Refuse a response, or a piece of one, that tells an error. Raises: ModelFault."""
    if entry(body, "error"):
        problem = f"the server ends the answer: {error_text(body)}"
        raise ModelFault("attempt-failed", problem)


def _format(question: Question, can: Capabilities) -> Body:
    form = can.form_of(question)
    if form == "native":
        is_strict = question.is_strict and can.strict
        schema = portable(question.schema) if is_strict else question.schema
        wanted = {"name": "answer", "strict": is_strict, "schema": schema}
        return {"response_format": {"type": "json_schema", "json_schema": wanted}}
    told: Body = {"messages": with_schema(question)}
    if form == "json":
        told["response_format"] = {"type": "json_object"}
    return told


def _call(given: Any, place: int) -> ToolCall:
    function = part(given, "function")
    id, arguments = name_of(given, "id"), arguments_of(function)
    return ToolCall(id or f"call_{place}", name_of(function, "name"), arguments or "{}")


def _usage(given: Any) -> Usage:
    details = entry(given, "prompt_tokens_details")
    return usage_of(
        count_of(given, "prompt_tokens"),
        count_of(given, "completion_tokens"),
        count_of(details, "cached_tokens"),
    )
