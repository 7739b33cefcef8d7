"""What a network and a server do wrong, by a seed: for the in-memory transport."""

from dataclasses import dataclass, field
from random import Random
from typing import Literal, TypeAlias

Way: TypeAlias = Literal["request", "answer", "delivery"]
"""A request to the store (publish, ack, nak, in-progress), its answer, or a delivery."""


@dataclass(slots=True)
class Faults:
    """Probabilities from 0 to 1; equal seeds give equal faults. Switch off with `is_on = False`.

    A subclass may override the methods for a planned fault.
    """

    seed: int = 0
    lost_request: float = 0.0
    lost_answer: float = 0.0
    lost_delivery: float = 0.0
    twice: float = 0.0
    """A delivery arrives two times."""
    delay_s: float = 0.0
    """Longest way of a message; what is sent later may arrive earlier."""
    full: float = 0.0
    """A publish is refused as if the stream had no room."""
    is_on: bool = True
    rng: Random = field(init=False)

    def __post_init__(self) -> None:
        self.rng = Random(self.seed)

    def trips(self, way: Way) -> tuple[float, ...]:
        """Return after how many seconds a message arrives: empty when lost, two when doubled."""
        if not self.is_on:
            return (0.0,)
        if self.rng.random() < self._loss(way):
            return ()
        if way == "delivery" and self.rng.random() < self.twice:
            return (self._delay(), self._delay())
        return (self._delay(),)

    def is_full(self) -> bool:
        """Return whether the next publish finds no room."""
        return self.is_on and self.rng.random() < self.full

    def _loss(self, way: Way) -> float:
        by_way = {"request": self.lost_request, "answer": self.lost_answer}
        return by_way.get(way, self.lost_delivery)

    def _delay(self) -> float:
        return self.rng.random() * self.delay_s if self.delay_s else 0.0
