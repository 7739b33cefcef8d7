"""What questions to models use: tokens and money, known afterwards and estimated before.

Money is counted in billionths of a dollar, so that sums are exact. An estimate is meant to be too
high rather than too low: budgets reserve it before a question is asked.
"""

import math
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import msgspec

NANO = 1_000_000_000
MESSAGE_TOKENS = 8
"""What the marks around a message take, at most."""
OUTPUT_MAX = 4096
"""The longest answer within a budget when the agent has no `max_tokens`."""
_CHEAP = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ ")


class Amount(NamedTuple):
    """Tokens, and billionths of a dollar."""

    tokens: int = 0
    nano_usd: int = 0

    def plus(self, other: "Amount") -> "Amount":
        """Return the sum."""
        return Amount(self.tokens + other.tokens, self.nano_usd + other.nano_usd)

    def times(self, count: int) -> "Amount":
        """Return the amount so many times."""
        return Amount(self.tokens * count, self.nano_usd * count)

    @property
    def usd(self) -> float:
        """Dollars."""
        return self.nano_usd / NANO


class Price(NamedTuple):
    """Dollars for a million tokens."""

    input: float
    output: float
    cached: float | None = None
    """For tokens of the prompt that the server has seen before; None: as the others."""

    def of(self, tokens_in: int, tokens_out: int, cached_in: int = 0) -> int:
        """Return what tokens cost in billionths of a dollar, rounded up."""
        cached = self.input if self.cached is None else self.cached
        fresh = max(tokens_in - cached_in, 0)
        # A dollar for a million tokens is a thousand billionths for one.
        dollars = fresh * self.input + cached_in * cached + tokens_out * self.output
        return math.ceil(dollars * 1000)


def price_of(given: Mapping[str, Any] | None) -> Price | None:
    """Return a price from data with `input`, `output` and maybe `cached`; None when unknown."""
    if given is None or "input" not in given or "output" not in given:
        return None
    cached = given.get("cached")
    return Price(
        float(given["input"]), float(given["output"]), None if cached is None else float(cached)
    )


def prompt_tokens(messages: Iterable[Mapping[str, Any]], *more: Any) -> int:
    """Return how many tokens messages, and schemas or tools beside them, have at most.

    Two letters or spaces are taken for a token, and every other byte for one of its own: digits
    and characters of other scripts often are.
    """
    total = 0
    for message in messages:
        total += MESSAGE_TOKENS + _text_tokens(msgspec.json.encode(message))
    for each in more:
        total += 0 if each is None else _text_tokens(msgspec.json.encode(each))
    return total


def _text_tokens(text: bytes) -> int:
    cheap = len(text) - len(text.translate(None, bytes(_CHEAP)))
    return len(text) - cheap + math.ceil(cheap / 2)
