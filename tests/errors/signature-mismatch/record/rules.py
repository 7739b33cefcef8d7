"""Code of the case."""

from dataclasses import dataclass


@dataclass
class Line:
    sku: str
    price: int


def score(line: Line) -> float:
    return line.price * 2.0


def count(line: object, least: int) -> int:
    return least


class Watch:
    def on_event(self, line: object) -> float:
        return 0.0
