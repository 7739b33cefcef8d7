"""The chat of an Ollama server."""

from collections.abc import Mapping
from typing import Any

import msgspec

from kumeo_runtime.llm.api import UNKNOWN_USAGE, Question, Reply, ToolCall
from kumeo_runtime.llm.capabilities import Capabilities
from kumeo_runtime.llm.openai import check_error, tools_of
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

OPTIONS: Mapping[str, str] = {
    "temperature": "temperature",
    "max_tokens": "num_predict",
    "top_p": "top_p",
    "seed": "seed",
    "stop": "stop",
}


class OllamaWire(Wire):
    """Ollama's chat."""

    path = "/api/chat"

    def body(self, question: Question, can: Capabilities) -> Body:
        """Return the body of a request."""
        form = "text" if question.schema is None else can.form_of(question)
        messages = with_schema(question) if form in ("json", "none") else question.messages
        body: Body = {
            "model": question.model,
            "messages": _messages(messages),
            "stream": question.stream,
        }
        given = question.settings
        options = {
            theirs: given[ours]
            for ours, theirs in OPTIONS.items()
            if given.get(ours) is not None and ours not in can.without
        }
        body |= {"options": options} if options else {}
        body |= {"format": "json"} if form == "json" else {}
        body |= {"format": _format(question, can)} if form == "native" else {}
        return body | ({"tools": tools_of(question.tools)} if question.tools else {})

    def reply(self, body: Any) -> Reply:
        """Return the reply in a response. Raises: ModelFault."""
        check_error(body)
        part(body, "message")
        stream = OllamaStream()
        stream.take(body)
        return stream.reply()

    def stream(self) -> Stream:
        """Return what puts a streamed response together."""
        return OllamaStream()


class OllamaStream(Stream):
    """Lines of JSON, the last one with `done`. A whole response is a stream of one line."""

    def __init__(self) -> None:
        self._text: list[str] = []
        self._calls: list[ToolCall] = []
        self._finish: str | None = None
        self._usage = UNKNOWN_USAGE
        self._model = ""

    def line(self, line: bytes) -> None:
        """Take one line. Raises: ModelFault when it tells an error."""
        if line.strip():
            self.take(parsed(line))

    def take(self, piece: Any) -> None:
        """Take one piece. Raises: ModelFault when it tells an error."""
        check_error(piece)
        message = entry(piece, "message")
        self._model = name_of(piece, "model") or self._model
        self._text.append(self.kept(text_of(entry(message, "content"))))
        for call in items(message, "tool_calls"):
            self._calls.append(_call(call, len(self._calls)))
        if entry(piece, "done") is True:
            self.is_complete = True
            self._finish = name_of(piece, "done_reason") or "stop"
            counts = count_of(piece, "prompt_eval_count"), count_of(piece, "eval_count")
            self._usage = usage_of(*counts)

    def reply(self) -> Reply:
        """Return what was said. Raises: ModelFault when it is no answer."""
        text, calls = "".join(self._text), tuple(self._calls)
        finish = "tool_calls" if calls and self._finish == "stop" else self._finish
        made = Reply(text, calls, finish or "", self._usage, self._model)
        return finished(text, finish, None, self._usage, made)


def _format(question: Question, can: Capabilities) -> Any:
    is_strict = question.is_strict and can.strict
    return portable(question.schema) if is_strict else question.schema


def _messages(messages: Any) -> list[dict[str, Any]]:
    """Return messages as Ollama takes them: arguments are objects, results name their tool."""
    names: dict[str, str] = {}
    made: list[dict[str, Any]] = []
    for message in messages:
        calls = message.get("tool_calls")
        if calls:
            names |= {call["id"]: call["function"]["name"] for call in calls}
            made.append({**message, "tool_calls": [_sent_call(call) for call in calls]})
        elif message["role"] == "tool":
            name = names.get(message["tool_call_id"], "")
            made.append({"role": "tool", "tool_name": name, "content": message["content"]})
        else:
            made.append(dict(message))
    return made


def _sent_call(call: Mapping[str, Any]) -> dict[str, Any]:
    function = call["function"]
    arguments = _object(function["arguments"])
    return {"id": call["id"], "function": {"name": function["name"], "arguments": arguments}}


def _object(text: str) -> Any:
    """Return arguments as an object; what the model wrote may be none."""
    try:
        return msgspec.json.decode(text, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}


def _call(given: Any, place: int) -> ToolCall:
    function = part(given, "function")
    id, arguments = name_of(given, "id"), arguments_of(function)
    return ToolCall(id or f"call_{place}", name_of(function, "name"), arguments or "{}")
