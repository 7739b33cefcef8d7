"""The plan of an explanation: facts, tables of values, a picture. All output forms read it."""

import math
from dataclasses import dataclass
from typing import TypeAlias

from kumeo.backends.graph.model import Graph

Value: TypeAlias = str | int | float | bool | None
"""What a cell holds; None is shown as a blank."""


@dataclass(frozen=True)
class Section:
    """A table of values under a title. `name` is its key in JSON."""

    name: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]
    notes: tuple[str, ...] = ()
    """Sentences below the title."""
    lines: tuple[str, ...] = ()
    """A drawing in text that stands in place of rows."""


@dataclass(frozen=True)
class Explanation:
    """What is told about one file."""

    title: str
    kind: str
    facts: tuple[tuple[str, Value], ...]
    """Headline facts with their names."""
    sections: tuple[Section, ...]
    picture: Graph | None = None
    hints: tuple[str, ...] = ()
    """What to ask next."""


def number_text(value: int | float) -> str:
    """Return a number as people read it: three digits that count, thousands apart."""
    if isinstance(value, int):
        return f"{value:,}"
    if not math.isfinite(value):
        return str(value)
    if value.is_integer() and abs(value) < 1e6:
        return f"{int(value):,}"
    return f"{value:.4f}" if 0.001 <= abs(value) < 1000 else f"{value:.3g}"


def cell_text(value: Value) -> str:
    """Return one cell as text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if isinstance(value, str) else number_text(value)


def count_of(amount: int, word: str, plural: str = "") -> str:
    """Return `1 state`, `2 states`."""
    return f"{amount:,} {word if amount == 1 else plural or word + 's'}"
