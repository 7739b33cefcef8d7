"""What agents say to models and hear from them, whatever the protocol.

An `Exchange` asks one server. It sends again after faults of the network, and raises `ModelFault`
when there is no answer. It knows nothing about types: what is in a text is read elsewhere.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, TypeAlias

Message: TypeAlias = dict[str, Any]
"""`role`, `content`, and maybe `tool_calls` (as OpenAI writes them) or `tool_call_id`."""
FaultCode: TypeAlias = Literal[
    "timeout",
    "attempt-failed",
    "rate-limited",
    "cut-off",
    "refused",
    "filtered",
    "truncated-stream",
    "too-large",
    "denied",
    "unknown-model",
    "invalid-request",
    "invalid-answer",
    "budget-exceeded",
]


@dataclass(frozen=True, slots=True)
class ToolSpec:
    """A tool that a model may call."""

    name: str
    description: str
    schema: Mapping[str, Any]
    """The JSON schema of its arguments."""


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A call that a model wants, with its arguments as it wrote them."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class DecisionPart:
    """One thing to decide: yes or no, or one of several names."""

    name: str
    """The field of the answer."""
    choices: tuple[str, ...] = ()
    """The names; empty for yes or no."""


@dataclass(frozen=True, slots=True)
class DecisionSpec:
    """What a question of mode `decision` decides; `decisions.decision_of` reads it off a schema."""

    parts: tuple[DecisionPart, ...]


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens that a server says it has used."""

    tokens_in: int = 0
    tokens_out: int = 0
    cached_in: int = 0
    """Tokens of the prompt that the server had seen before; part of `tokens_in`."""
    is_known: bool = True
    """Whether the server has said it."""


UNKNOWN_USAGE = Usage(is_known=False)


@dataclass(frozen=True, slots=True)
class Question:
    """What a model is asked."""

    model: str
    messages: tuple[Message, ...]
    schema: Mapping[str, Any] | None = None
    """The schema of the answer; None for free text."""
    is_strict: bool = True
    """Whether the schema says all about the answer: no maps and no free JSON inside."""
    settings: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """`temperature`, `max_tokens`, `top_p`, `seed`, `stop`; others are not looked at."""
    tools: tuple[ToolSpec, ...] = ()
    decision: DecisionSpec | None = None
    """Set in mode `decision`, beside `schema`, which the answer fits either way."""
    stream: bool = False


@dataclass(frozen=True, slots=True)
class Reply:
    """What a model said."""

    text: str
    tool_calls: tuple[ToolCall, ...] = ()
    finish: str = ""
    """`stop` or `tool_calls`; other ends are faults."""
    usage: Usage = UNKNOWN_USAGE
    model: str = ""
    """The model that the server names."""
    probabilities: Mapping[str, Mapping[str, float]] | None = None
    """For each part of a decision, of each choice; None where the server gives none."""
    seconds: float = 0.0
    """From the first request to the end of the answer."""
    first_s: float | None = None
    """From the first request to the first piece of a stream."""
    lost: int = 0
    """Earlier requests of the question that got no answer, although one may have been computed."""


class ModelFault(Exception):  # noqa: N818 - a fault of the other side, as `Fault` is
    """A question without an answer."""

    def __init__(
        self,
        code: FaultCode,
        message: str,
        usage: Usage | None = None,
        *,
        may_cost: bool = True,
        lost: int = 0,
    ) -> None:
        super().__init__(message)
        self.code: FaultCode = code
        self.message = message
        self.usage = usage
        """What the answer took all the same; None when the server does not say."""
        self.may_cost = may_cost
        """Whether a server may have computed something; what was refused costs nothing."""
        self.lost = lost
        """Requests of the question that may have been computed and of which no usage is known."""


class Exchange(Protocol):
    """One server."""

    async def ask(self, question: Question, *, key: str, deadline: float) -> Reply:
        """Return the answer. Raises: ModelFault.

        `key` is sent with each request of the question; `deadline` is a time of the running loop.
        """
        ...

    async def close(self) -> None:
        """Close connections."""
        ...
