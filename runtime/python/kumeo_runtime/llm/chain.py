"""The chain of engines of an agent: which one is asked first, and which ones follow.

    fallback      the first one, and the next ones in order when it gives no answer
    round_robin   begins at a place that follows from the activation, then goes round

The place follows from the id of the activation, so every delivery of an event asks the same engine.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Literal, TypeAlias

from kumeo_runtime.llm.api import Exchange
from kumeo_runtime.llm.usage import Price

Strategy: TypeAlias = Literal["fallback", "round_robin"]


@dataclass(frozen=True, slots=True)
class Link:
    """One engine of a chain."""

    place: int
    engine: str
    model: str
    exchange: Exchange
    price: Price | None = None
    server: str = ""
    """The address of its server: what a test server says is no answer of a real one."""


def engines_of(engine: str, settings: Any) -> tuple[str, ...]:
    """Return the engines of an agent, the first one first."""
    return tuple(settings.get("engines") or (engine,))


def order_of(links: Sequence[Link], strategy: Strategy, activation: str) -> list[Link]:
    """Return the engines in the order in which an activation asks them."""
    first = _place(activation, len(links)) if strategy == "round_robin" else 0
    return [*links[first:], *links[:first]]


def _place(activation: str, count: int) -> int:
    digest = blake2b(activation.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") % count
