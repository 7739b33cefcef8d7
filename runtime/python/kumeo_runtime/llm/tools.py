"""Tools: agents of the workflow that a model may call.

What the model writes as arguments is checked against the types of the tool; it is told what does
not fit, and what went wrong. Each call has a place of its own in the journal, so a tool runs as
often as the journal of its agent says, also after a crash.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec

from kumeo_runtime.decoding import from_json
from kumeo_runtime.llm.api import ToolSpec
from kumeo_runtime.shapes import shape_of
from kumeo_runtime.values import Failure, json_encoder

if TYPE_CHECKING:
    from kumeo_runtime.agents.base import Agent, Call, Path

_encode = json_encoder().encode


@dataclass(frozen=True, slots=True)
class Tool:
    """An agent as a tool."""

    name: str
    agent: "Agent[Any]"
    takes: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Types of the arguments by name, in their order."""
    description: str = ""

    @property
    def schema(self) -> dict[str, Any]:
        """The JSON schema of the arguments."""
        from kumeo_runtime.agents.json_schema import schema_of

        return {
            "type": "object",
            "properties": {name: schema_of(kind) for name, kind in self.takes.items()},
            "required": list(self.takes),
            "additionalProperties": False,
        }

    def arguments(self, text: str) -> dict[str, Any] | Failure:
        """Return the arguments that a model has written, or why they do not fit."""
        try:
            given = msgspec.json.decode(text or "{}")
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return Failure("invalid-arguments", "the arguments are no JSON")
        if not isinstance(given, dict):
            return Failure("invalid-arguments", "the arguments are no object")
        return self._checked(given)  # pyright: ignore[reportUnknownArgumentType]

    def _checked(self, given: dict[str, Any]) -> dict[str, Any] | Failure:
        unknown = [name for name in given if name not in self.takes]
        if unknown:
            names = ", ".join(self.takes) or "none"
            return Failure(
                "invalid-arguments", f"there is no argument `{unknown[0]}`, only {names}"
            )
        found: dict[str, Any] = {}
        for name, kind in self.takes.items():
            if name not in given and not shape_of(kind).is_nullable:
                return Failure("invalid-arguments", f"the argument `{name}` is missing")
            value = from_json(given.get(name), kind)
            if isinstance(value, Failure):
                return Failure("invalid-arguments", f"the argument `{name}`: {value.message}")
            found[name] = value
        return found


class Toolbox:
    """The tools of one agent."""

    def __init__(self, tools: Sequence[Tool]) -> None:
        self.tools = {tool.name: tool for tool in tools}
        self.specs = tuple(ToolSpec(each.name, each.description, each.schema) for each in tools)
        """What models are told about the tools."""

    def acts(self, name: str) -> bool:
        """Say whether a tool does something that may not be done twice."""
        return name in self.tools and self.tools[name].agent.acts

    async def call(self, act: "Call", path: "Path", name: str, arguments: str) -> str:
        """Return the text that the model reads: the result as JSON, or an error."""
        tool = self.tools.get(name)
        if tool is None:
            names = ", ".join(self.tools)
            return _error(f"there is no tool `{name}`, only {names}")
        given = tool.arguments(arguments)
        if isinstance(given, Failure):
            return _error(given.message)
        agent: Any = tool.agent
        found = agent(act, path=path, **given) if agent.journaled else agent(act, **given)
        value = await found if hasattr(found, "__await__") else found
        if isinstance(value, Failure):
            return _error(f"{value.code}: {value.message}")
        text = _encode(value)
        return _error(text.message) if isinstance(text, Failure) else text.decode()


def _error(message: str) -> str:
    return msgspec.json.encode({"error": message}).decode()
