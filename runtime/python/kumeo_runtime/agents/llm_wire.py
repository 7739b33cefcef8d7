"""What language models are sent and send back: OpenAI chat completions and Ollama's chat.

A `Wire` turns a question into the body of a request, and the body of a response into an answer.
It knows nothing about types, attempts or connections.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias, cast

from kumeo_runtime.agents.json_schema import Schema
from kumeo_runtime.values import Fault

Message: TypeAlias = dict[str, str]
CUT_OFF = "the answer was cut off: it is longer than `max_tokens`"


@dataclass(frozen=True, slots=True)
class Question:
    """What a model is asked."""

    model: str
    messages: tuple[Message, ...]
    schema: Schema | None = None
    """The schema of the answer; None for free text."""
    is_strict: bool = True
    settings: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class Reply:
    """What a model said."""

    text: str
    tokens_in: int = 0
    tokens_out: int = 0


class Wire(ABC):
    """One way of talking to a server."""

    path: str
    """Where requests go, behind the base address."""

    @abstractmethod
    def body(self, question: Question) -> dict[str, Any]:
        """Return the body of the request."""

    @abstractmethod
    def reply(self, body: Any) -> Reply:
        """Return the answer in a response. Raises: Fault for one that is none."""


class OpenAiWire(Wire):
    """Chat completions of OpenAI, and of the many servers that speak the same."""

    path = "/chat/completions"

    def body(self, question: Question) -> dict[str, Any]:
        """Return the body of the request."""
        names = ("temperature", "max_tokens", "top_p", "seed", "stop")
        chosen = {name: question.settings[name] for name in names if name in question.settings}
        body: dict[str, Any] = {
            "model": question.model,
            "messages": list(question.messages),
            **chosen,
        }
        if question.schema is not None:
            wanted = {"name": "answer", "strict": question.is_strict, "schema": question.schema}
            body["response_format"] = {"type": "json_schema", "json_schema": wanted}
        return body

    def reply(self, body: Any) -> Reply:
        """Return the answer in a response. Raises: Fault for one that is none."""
        choice = _part(_part(body, "choices"), 0)
        message = _part(choice, "message")
        refusal = _entry(message, "refusal")
        if refusal:
            raise Fault("attempt-failed", f"the model refuses: {refusal!s:.200}")
        reason = _entry(choice, "finish_reason")
        if reason == "length":
            raise Fault("attempt-failed", CUT_OFF)
        if reason == "content_filter":
            raise Fault("attempt-failed", "the model's filter removed the answer")
        used = _entry(body, "usage")
        text = _text(_part(message, "content"))
        return Reply(text, _count(used, "prompt_tokens"), _count(used, "completion_tokens"))


class OllamaWire(Wire):
    """The chat of an Ollama server."""

    path = "/api/chat"
    OPTIONS = {
        "temperature": "temperature",
        "max_tokens": "num_predict",
        "top_p": "top_p",
        "seed": "seed",
        "stop": "stop",
    }

    def body(self, question: Question) -> dict[str, Any]:
        """Return the body of the request."""
        given = question.settings
        options = {theirs: given[ours] for ours, theirs in self.OPTIONS.items() if ours in given}
        body: dict[str, Any] = {
            "model": question.model,
            "messages": list(question.messages),
            "stream": False,
        }
        if options:
            body["options"] = options
        if question.schema is not None:
            body["format"] = question.schema
        return body

    def reply(self, body: Any) -> Reply:
        """Return the answer in a response. Raises: Fault for one that is none."""
        message = _part(body, "message")
        if _entry(body, "done") is False:
            raise Fault("attempt-failed", "the answer is not complete")
        if _entry(body, "done_reason") == "length":
            raise Fault("attempt-failed", CUT_OFF)
        text = _text(_part(message, "content"))
        return Reply(text, _count(body, "prompt_eval_count"), _count(body, "eval_count"))


WIRES: dict[str, Wire] = {"ollama": OllamaWire()}
"""Providers that do not speak like OpenAI."""


def wire_of(provider: str) -> Wire:
    """Return how to talk to a provider."""
    return WIRES.get(provider) or OpenAiWire()


def _part(body: Any, key: str | int) -> Any:
    try:
        return body[key]
    except (LookupError, TypeError):
        raise Fault("attempt-failed", f"the response of the model has no `{key}`") from None


def _text(content: Any) -> str:
    if isinstance(content, str) and content.strip():
        return content
    raise Fault("attempt-failed", "the answer of the model is empty")


def _entry(body: Any, key: str) -> Any:
    return cast(dict[str, Any], body).get(key) if isinstance(body, dict) else None


def _count(body: Any, key: str) -> int:
    found = _entry(body, key)
    return found if isinstance(found, int) else 0
