"""`Asked`: what a request asks, whatever the protocol; and values made from a schema."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

Json = dict[str, Any]
_DEPTH = 16


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that was understood."""

    protocol: str
    """`openai`, `ollama` or `decisions`."""
    model: str
    messages: Sequence[Json]
    agent: str = ""
    """The name of the agent, where the request tells it."""
    schema: Any = None
    """The schema of the answer; None for free text, `{}` for any JSON."""
    is_stream: bool = False
    wants_usage: bool = True
    questions: Sequence[Json] = ()
    """The questions of a decision."""

    @property
    def text(self) -> str:
        """All messages, one after the other."""
        return "\n".join(text_of(message) for message in self.messages)

    def guess(self) -> Any:
        """Return a value that fits: from the schema, or the first choice of each question."""
        if self.questions:
            return [_first_choice(question) for question in self.questions]
        return value_of(self.schema) if self.schema else "guessed"


def record_of(value: Any) -> Json:
    """Return a JSON object; an empty one for anything else."""
    return cast(Json, value) if isinstance(value, dict) else {}


def list_of(value: Any) -> list[Any]:
    """Return a JSON array; an empty one for anything else."""
    return cast(list[Any], value) if isinstance(value, list) else []


def text_of(message: Json) -> str:
    """Return the text of a message, also of one in parts."""
    content = message.get("content")
    if isinstance(content, str):
        return content
    parts = cast(list[Json], content or [])
    return "".join(str(part.get("text") or part.get("data") or "") for part in parts)


def _first_choice(question: Json) -> Any:
    match question["type"]:
        case "choice":
            return question["choices"][0]["value"]
        case "score":
            return question["levels"][0]["label"]
        case _:
            return True


def value_of(schema: Any, root: Any = None, depth: int = 0) -> Any:
    """Return a small value that fits a JSON schema.

    >>> value_of({"type": "object", "properties": {"a": {"enum": ["x", "y"]}}})
    {'a': 'x'}
    """
    root = schema if root is None else root
    if not isinstance(schema, dict) or depth > _DEPTH:
        return None
    known = cast(Json, schema)
    for key in ("const", "default"):
        if key in known:
            return known[key]
    if "enum" in known:
        return known["enum"][0]
    if "$ref" in known:
        return value_of(_found(known["$ref"], root), root, depth + 1)
    for key in ("anyOf", "oneOf", "allOf"):
        if key in known:
            return value_of(known[key][0], root, depth + 1)
    return _of_type(known, root, depth)


def _of_type(schema: Json, root: Any, depth: int) -> Any:
    kind = schema.get("type", "object" if "properties" in schema else "null")
    name: Any = list_of(kind)[0] if isinstance(kind, list) else kind
    match name:
        case "object":
            parts = cast(Json, schema.get("properties", {}))
            return {name: value_of(part, root, depth + 1) for name, part in parts.items()}
        case "array":
            least = schema.get("minItems", 0)
            return [value_of(schema.get("items"), root, depth + 1) for _ in range(least)]
        case "string":
            formats = {"date-time": "2026-01-01T00:00:00Z", "date": "2026-01-01"}
            text = formats.get(schema.get("format", ""), "text")
            return text.ljust(schema.get("minLength", 0), ".")[: schema.get("maxLength")]
        case "integer" | "number":
            return schema.get("minimum", 0)
        case "boolean":
            return True
        case _:
            return None


def _found(reference: str, root: Any) -> Any:
    found: Any = root
    for step in reference.removeprefix("#").strip("/").split("/"):
        found = record_of(found).get(step) if step else found
    return found
