"""A Bayesian network as a file spells it: names and numbers with their places, not yet checked."""

import math
import re
from dataclasses import dataclass
from typing import NamedTuple

from kumeo.frontend.signatures.report import FileReport

_ITEM = re.compile(r"[^\s,|]+")


class Token(NamedTuple):
    """A name or number of the file. `number` is NaN for a name."""

    text: str
    start: int
    end: int
    number: float = math.nan


class Numbers(NamedTuple):
    """A list of numbers. Their places are found again only when a fault needs them."""

    values: tuple[float, ...]
    text: str
    start: int

    def places(self) -> list[tuple[int, int]]:
        """Return where each number starts and ends."""
        spans = (match.span() for match in _ITEM.finditer(self.text))
        return [(self.start + start, self.start + end) for start, end in spans]


@dataclass(frozen=True)
class RawVariable:
    """A declared variable. `count` is the announced number of states, if there is one."""

    name: Token
    states: tuple[Token, ...]
    count: int | None = None


@dataclass(frozen=True)
class RawTable:
    """The numbers of one variable: a `flat` list, or rows by parent states and a default row."""

    child: Token
    parents: tuple[Token, ...]
    flat: Numbers | None
    rows: tuple[tuple[tuple[Token, ...], Numbers], ...] = ()
    default: Numbers | None = None


@dataclass(frozen=True)
class RawNetwork:
    """All declarations in file order. `child_slowest` is the order of flat tables."""

    variables: tuple[RawVariable, ...]
    tables: tuple[RawTable, ...]
    child_slowest: bool


def as_numbers(text: str, start: int, report: FileReport) -> Numbers:
    """Return the numbers of a text; one that is no finite number ends the reading."""
    try:
        values = tuple(map(float, text.replace(",", " ").replace("|", " ").split()))
    except ValueError:
        values = (math.nan,)
    if not all(map(math.isfinite, values)) or "_" in text:
        for match in _ITEM.finditer(text):
            as_number(Token(match[0], start + match.start(), start + match.end()), report)
    return Numbers(values, text, start)


def as_number(token: Token, report: FileReport) -> Token:
    """Return the token with its number; a text that is no finite number ends the reading."""
    try:
        value = float(token.text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value) or "_" in token.text:
        raise report.fatal(f"`{token.text[:40]}` is not a number", token.start, token.end)
    return token._replace(number=value)
