"""Budgets in tokens and dollars that fail closed.

Before a question the worst case is reserved: an estimate of the prompt, and the longest answer.
Afterwards the reservation becomes what was used. What nobody reports stays at the worst case. With
`per: "event"` the sum is in the journal of the call; with `per: "hour"` or `"day"` it is in the
store, shared by all workers, and survives restarts.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from kumeo_runtime.llm.usage import NANO, OUTPUT_MAX, Amount, Price
from kumeo_runtime.values import Fault

Per: TypeAlias = Literal["event", "hour", "day"]
PERIODS: Mapping[Per, int] = {"hour": 3600, "day": 86_400}
CODE = "budget-exceeded"
ANSWER_MIN = 16
"""The shortest answer that is worth a question, in tokens."""


@dataclass(frozen=True, slots=True)
class Limit:
    """What may be used in a period; None stands for any amount."""

    tokens: int | None = None
    nano_usd: int | None = None
    per: Per = "event"

    def admits(self, used: Amount) -> bool:
        """Return whether the sum is within the limit."""
        return (self.tokens is None or used.tokens <= self.tokens) and (
            self.nano_usd is None or used.nano_usd <= self.nano_usd
        )

    def text(self) -> str:
        """Return the limit as users write it."""
        parts = [] if self.tokens is None else [f"{self.tokens} tokens"]
        parts += [] if self.nano_usd is None else [f"{self.nano_usd / NANO:g} USD"]
        return f"{' and '.join(parts)} per {self.per}"


def limits_of(settings: Mapping[str, Any]) -> tuple[Limit, ...]:
    """Return the limits in the settings of an agent."""
    found: list[Limit] = []
    given = settings.get("budget")
    if given:
        usd = given.get("usd")
        nano = None if usd is None else round(float(usd) * NANO)
        found.append(Limit(given.get("tokens"), nano, given.get("per", "event")))
    if settings.get("max_price") is not None:
        found.append(Limit(nano_usd=round(float(settings["max_price"]) * NANO)))
    return tuple(found)


def charge(price: Price | None, tokens_in: int, tokens_out: int, cached_in: int = 0) -> Amount:
    """Return what an answer took. Without a price it costs nothing that is known."""
    cost = 0 if price is None else price.of(tokens_in, tokens_out, cached_in)
    return Amount(tokens_in + tokens_out, cost)


def answer_max(
    limits: tuple[Limit, ...], price: Price | None, prompt: int, spent: Amount, given: int | None
) -> int | None:
    """Return the longest answer that may be asked for: what is given, else what the budget leaves.

    Only `per: "event"` shortens an answer. None: there is no limit at all. Raises: Fault.
    """
    if not limits:
        return given
    for limit in limits:
        if limit.nano_usd is not None and price is None:
            said = "`prices` of a `provider` block, or the file of KUMEO_MODELS, says it"
            message = f"the price of the model is not known, so {limit.text()} cannot hold: {said}"
            raise Fault(CODE, message)
    if given is not None:
        return given
    most = OUTPUT_MAX
    for limit in limits:
        if limit.per == "event":
            most = min(most, _left(limit, price, prompt, spent))
    if most < ANSWER_MIN:
        raise Fault(CODE, exceeded(limits[0]))
    return most


def _left(limit: Limit, price: Price | None, prompt: int, spent: Amount) -> int:
    most = OUTPUT_MAX
    if limit.tokens is not None:
        most = min(most, limit.tokens - spent.tokens - prompt)
    if limit.nano_usd is not None and price is not None and price.output > 0:
        left = limit.nano_usd - spent.nano_usd - price.of(prompt, 0)
        most = min(most, int(left / (price.output * 1000)))
    return most


def exceeded(limit: Limit) -> str:
    """Return what to say when the next question does not fit."""
    return f"another question may take more than {limit.text()}"
