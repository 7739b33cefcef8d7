"""What is sent to a model server, and how its responses are read: one `Wire` for each protocol.

A wire turns a question into the body of a request, and the body of a response, whole or in pieces,
into a reply. It knows nothing about connections, retries or types of answers.
"""

from abc import ABC, abstractmethod
from typing import Any, TypeAlias, cast

import msgspec

from kumeo_runtime.llm.api import ModelFault, Question, Reply, Usage
from kumeo_runtime.llm.capabilities import Capabilities

Body: TypeAlias = dict[str, Any]
CUT_OFF = "the answer was cut off: it is longer than `max_tokens`"
EMPTY = "the answer of the model is empty"
FILTERED = "the model's filter removed the answer"
TEXT_MAX = 8 << 20
"""The longest answer that comes in pieces, in characters."""
ENDS = frozenset(
    {"", "stop", "tool_calls", "function_call", "tool_use", "stop_sequence", "end_turn"}
    | {"eos", "eos_token", "complete"}
)
"""Why a model stops when it has said all; a whole response need not say it."""
LONG = frozenset({"length", "max_tokens", "model_length"})
FILTERS = frozenset({"content_filter", "safety"})
TRUNCATED = "the answer ends before the model says that it is complete"


class Wire(ABC):
    """One way of talking to a server."""

    path: str
    """Where questions go, behind the base address."""

    @abstractmethod
    def body(self, question: Question, can: Capabilities) -> Body:
        """Return the body of a request."""

    @abstractmethod
    def reply(self, body: Any) -> Reply:
        """Return the reply in a whole response. Raises: ModelFault for one that is none."""

    @abstractmethod
    def stream(self) -> "Stream":
        """Return what puts a streamed response together."""


class Stream(ABC):
    """A response that comes in pieces."""

    is_complete = False
    """Whether the model has said that there is no more."""
    _size = 0

    def kept(self, text: str) -> str:
        """Return a piece of the answer. Raises: ModelFault when the answer is too large."""
        self._size += len(text)
        if self._size > TEXT_MAX:
            raise ModelFault("too-large", f"the answer has more than {TEXT_MAX} characters")
        return text

    @abstractmethod
    def line(self, line: bytes) -> None:
        """Take one line. Raises: ModelFault when it tells an error."""

    @abstractmethod
    def reply(self) -> Reply:
        """Return what was said. Raises: ModelFault when it is no answer."""


def finished(text: str, finish: str | None, refusal: Any, usage: Usage, reply: Reply) -> Reply:
    """Return a reply if the model has ended it well. Raises: ModelFault."""
    if refusal:
        raise ModelFault("refused", f"the model refuses: {refusal!s:.200}", usage)
    if finish is None:
        raise ModelFault("truncated-stream", TRUNCATED, usage)
    end = finish.lower()
    if end in LONG:
        raise ModelFault("cut-off", CUT_OFF, usage)
    if end in FILTERS:
        raise ModelFault("filtered", FILTERED, usage)
    if end not in ENDS:
        raise ModelFault("attempt-failed", f"the model did not end well: `{finish:.40}`", usage)
    if not text.strip() and not reply.tool_calls:
        raise ModelFault("attempt-failed", EMPTY, usage)
    return reply


def parsed(data: bytes) -> Any:
    """Return the JSON of a response. Raises: ModelFault."""
    try:
        return msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise ModelFault("attempt-failed", "the response of the model is no JSON") from None


def entry(body: Any, key: str) -> Any:
    """Return an entry of an object; None where there is none."""
    # Called for every piece of a stream: a cast would cost a call.
    return body.get(key) if isinstance(body, dict) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]


def part(body: Any, key: str | int) -> Any:
    """Return a part of a response. Raises: ModelFault."""
    try:
        return body[key]
    except (LookupError, TypeError):
        problem = f"the response of the model has no `{key}`"
        raise ModelFault("attempt-failed", problem) from None


def items(body: Any, key: str) -> list[Any]:
    """Return the items of an array in an object; none where there is no array."""
    found = entry(body, key)
    return cast(list[Any], found) if isinstance(found, list) else []


def name_of(body: Any, key: str) -> str:
    """Return a text in an object; an empty one where there is none."""
    found = entry(body, key)
    return found if isinstance(found, str) else ""


def arguments_of(function: Any) -> str:
    """Return the arguments of a call as text; some servers give an object."""
    found = entry(function, "arguments")
    if isinstance(found, str):
        return found
    return "" if found is None else msgspec.json.encode(found).decode()


def text_of(content: Any) -> str:
    """Return content as text; some servers give it in parts."""
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        parts = cast(list[Any], content)
        return "".join(name_of(each, "text") for each in parts)
    return ""


def count_of(body: Any, key: str) -> int | None:
    """Return a number of tokens; None where it is not told."""
    found = entry(body, key)
    is_count = isinstance(found, int) and not isinstance(found, bool) and found >= 0
    return found if is_count else None


def usage_of(tokens_in: int | None, tokens_out: int | None, cached_in: int | None = 0) -> Usage:
    """Return what was used; unknown if one of both numbers is not told."""
    if tokens_in is None or tokens_out is None:
        return Usage(tokens_in or 0, tokens_out or 0, cached_in or 0, is_known=False)
    return Usage(tokens_in, tokens_out, cached_in or 0)


def with_schema(question: Question) -> list[dict[str, Any]]:
    """Return the messages with the schema in words, for servers that take no schema."""
    schema = msgspec.json.encode(question.schema).decode()
    text = f"Answer only with JSON that fits this JSON schema: {schema}"
    messages = [dict(message) for message in question.messages]
    if messages and messages[0].get("role") == "system":
        messages[0]["content"] = f"{messages[0]['content']}\n\n{text}"
        return messages
    return [{"role": "system", "content": text}, *messages]
