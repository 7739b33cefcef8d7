"""`Dialect`: one protocol of the fake server; and how tokens are counted."""

import re
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
from msgspec import UNSET

from kumeo_runtime.testing.fake_models.asked import Asked, Json, text_of
from kumeo_runtime.testing.fake_models.script import Counts, Reply, Script

_TOKEN = re.compile(r"\w{1,8}|[^\w\s]")
_CACHE_STEP = 128
_PIECES, _PIECE_MAX = 16, 1 << 16


@dataclass(frozen=True, slots=True)
class Complaint:
    """Why a request is refused."""

    message: str
    status: int = 400
    param: str | None = None
    code: str | None = None


@dataclass(frozen=True, slots=True)
class Stamp:
    """What distinguishes one response: its number, the time, and how long it took."""

    number: int
    now: float
    seconds: float


class Dialect(ABC):
    """How one protocol asks and answers. It keeps nothing."""

    stream_type = "application/json"
    """The content type of a stream."""

    @abstractmethod
    def check(self, body: Any, script: Script) -> Complaint | None:
        """Return why the body of a request is refused, or None."""

    @abstractmethod
    def asked(self, body: Json, agent: str) -> Asked:
        """Return what a body that was checked asks."""

    @abstractmethod
    def error(self, complaint: Complaint) -> Json:
        """Return the body of a response with an error."""

    @abstractmethod
    def whole(self, asked: Asked, reply: Reply, counts: Counts | None, stamp: Stamp) -> Json:
        """Return the body of a whole answer."""

    def stream(
        self, asked: Asked, reply: Reply, counts: Counts | None, stamp: Stamp
    ) -> Sequence[bytes]:
        """Return the pieces of a streamed answer."""
        raise TypeError(f"{type(self).__name__} has no streams")  # its requests never ask for one

    def stream_error(self, message: str) -> bytes:
        """Return the piece that ends a stream with an error."""
        return msgspec.json.encode(self.error(Complaint(message, 500))) + b"\n"


@dataclass
class Counter:
    """Counts tokens, and those of a prefix that was seen before."""

    cache_from: int
    _seen: set[int] = field(default_factory=set[int])

    def counts(self, asked: Asked, reply: Reply) -> Counts | None:
        """Return what an answer reports."""
        if reply.usage is not UNSET:
            return reply.usage
        tokens = [token for message in asked.messages for token in tokens_of(text_of(message))]
        calls = sum(len(tokens_of(f"{c.name} {c.arguments}")) for c in reply.tool_calls)
        said = calls + sum(
            len(tokens_of(text)) for text in (reply.refusal, reply.thinking, reply.content())
        )
        cached = self._cached(asked.model, tokens)
        return Counts(len(tokens) + 3 * len(asked.messages), max(1, said), cached)

    def _cached(self, model: str, tokens: list[str]) -> int:
        """Return how many tokens begin another prompt, and remember this one."""
        known, running = 0, hash(model)
        for end in range(_CACHE_STEP, len(tokens) + 1, _CACHE_STEP):
            running = hash((running, *tokens[end - _CACHE_STEP : end]))
            known = end if running in self._seen else known
            self._seen.add(running)
        return known if known >= self.cache_from else 0


def tokens_of(text: str | None) -> list[str]:
    """Return the tokens of a text, as the fake counts them."""
    return _TOKEN.findall(text[: 1 << 20]) if text else []


def cut(text: str, pieces: int | None) -> list[str]:
    """Return a text in pieces; it is all there."""
    count = pieces or max(min(_PIECES, len(tokens_of(text[:256]))), -(-len(text) // _PIECE_MAX), 1)
    size = max(1, -(-len(text) // count))
    return [text[at : at + size] for at in range(0, len(text), size)]
