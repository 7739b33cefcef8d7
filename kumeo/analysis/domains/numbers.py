"""Sets of numbers: sorted intervals that do not touch, and perhaps NaN.

    Numbers.between(0, 10)            [0, 10]
    Numbers.between(0, 10).above(3, is_open=True)    (3, 10]

Times and durations are numbers too. Bounds of integers are closed, so `(3, 10]` is `[4, 10]`.
"""

import math
from collections.abc import Iterable
from typing import NamedTuple

INTERVALS_MAX = 16
"""More pieces than this become one: the set then says less, but nothing wrong."""


class Interval(NamedTuple):
    """The numbers from `low` to `high`; an open end does not belong to it."""

    low: float
    high: float
    low_open: bool = False
    high_open: bool = False

    def is_empty(self) -> bool:
        """Say whether no number is inside."""
        if self.low == self.high:
            return self.low_open or self.high_open
        return self.low > self.high

    def meet(self, other: "Interval") -> "Interval":
        """Return the numbers inside both."""
        low, low_open = max((self.low, self.low_open), (other.low, other.low_open))
        high, high_closed = min((self.high, not self.high_open), (other.high, not other.high_open))
        return Interval(low, high, low_open, not high_closed)

    def touches(self, later: "Interval") -> bool:
        """Say whether no number lies between this interval and a later one."""
        if later.low == self.high:
            return not (later.low_open and self.high_open)
        return later.low < self.high


class Numbers(NamedTuple):
    """A set of numbers."""

    parts: tuple[Interval, ...]
    nan: bool = False
    """Whether NaN is among them."""
    integral: bool = False

    @staticmethod
    def between(low: float, high: float, *, integral: bool = False, nan: bool = False) -> "Numbers":
        """Return all numbers from `low` to `high`."""
        return Numbers.of([Interval(low, high)], integral=integral, nan=nan)

    @staticmethod
    def of(parts: Iterable[Interval], *, integral: bool = False, nan: bool = False) -> "Numbers":
        """Return the union of intervals in any order."""
        closed = (_closed(part) for part in parts) if integral else parts
        ordered = sorted((p for p in closed if not p.is_empty()), key=lambda p: (p.low, p.low_open))
        merged: list[Interval] = []
        for part in ordered:
            if merged and (merged[-1].touches(part) or _adjoins(merged[-1], part, integral)):
                merged[-1] = _span(merged[-1], part)
            else:
                merged.append(part)
        if len(merged) > INTERVALS_MAX:
            merged = [_span(merged[0], merged[-1])]
        return Numbers(tuple(merged), nan, integral)

    @property
    def low(self) -> float:
        """The least number."""
        return self.parts[0].low if self.parts else math.inf

    @property
    def high(self) -> float:
        """The greatest number."""
        return self.parts[-1].high if self.parts else -math.inf

    def single(self) -> float | None:
        """Return the only number, or None."""
        if len(self.parts) != 1 or self.nan or self.low != self.high:
            return None
        return self.low

    def meet(self, other: "Numbers") -> "Numbers":
        """Return the numbers in both sets."""
        parts = [a.meet(b) for a in self.parts for b in other.parts]
        integral = self.integral or other.integral
        return Numbers.of(parts, integral=integral, nan=self.nan and other.nan)

    def join(self, other: "Numbers") -> "Numbers":
        """Return the numbers in one of the sets."""
        integral = self.integral and other.integral
        return Numbers.of([*self.parts, *other.parts], integral=integral, nan=self.nan or other.nan)

    def without(self, number: float) -> "Numbers":
        """Return the set without one number."""
        rest = [Interval(-math.inf, number, False, True), Interval(number, math.inf, True, False)]
        met = [a.meet(b) for a in self.parts for b in rest]
        return Numbers.of(met, integral=self.integral, nan=self.nan)

    def below(self, limit: float, *, is_open: bool, nan: bool = False) -> "Numbers":
        """Return the numbers below a limit."""
        return self._inside(Interval(-math.inf, limit, False, is_open), nan)

    def above(self, limit: float, *, is_open: bool, nan: bool = False) -> "Numbers":
        """Return the numbers above a limit."""
        return self._inside(Interval(limit, math.inf, is_open, False), nan)

    def _inside(self, border: Interval, nan: bool) -> "Numbers":
        parts = [part.meet(border) for part in self.parts]
        return Numbers.of(parts, integral=self.integral, nan=self.nan and nan)

    def example(self) -> float:
        """Return a number of the set that reads well; the set is not empty."""
        for wanted in (0.0, 1.0):
            if any(not p.meet(Interval(wanted, wanted)).is_empty() for p in self.parts):
                return int(wanted) if self.integral else wanted
        part = self.parts[0]
        return _example_of(part)


def _closed(part: Interval) -> Interval:
    """Return the interval of integers with closed ends."""
    low, high = part.low, part.high
    if math.isfinite(low):
        low = math.floor(low) + 1 if part.low_open else math.ceil(low)
    if math.isfinite(high):
        high = math.ceil(high) - 1 if part.high_open else math.floor(high)
    return Interval(low, high)


def _adjoins(first: Interval, second: Interval, integral: bool) -> bool:
    return integral and second.low == first.high + 1


def _span(first: Interval, second: Interval) -> Interval:
    """Return the interval from the start of the first to the greater end."""
    high, high_closed = max((first.high, not first.high_open), (second.high, not second.high_open))
    return Interval(first.low, high, first.low_open, not high_closed)


def _example_of(part: Interval) -> float:
    if math.isfinite(part.low) and not part.low_open:
        return part.low
    if math.isfinite(part.high) and not part.high_open:
        return part.high
    if math.isfinite(part.low) and math.isfinite(part.high):
        return (part.low + part.high) / 2
    return part.low + 1 if math.isfinite(part.low) else part.high - 1
