"""A Bayesian network as a file spells it: names and numbers with their places, not yet checked."""

import math
from dataclasses import dataclass
from typing import NamedTuple

from kumeo.frontend.signatures.report import FileReport


class Token(NamedTuple):
    """A name or number of the file. `number` is NaN for a name."""

    text: str
    start: int
    end: int
    number: float = math.nan


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
    flat: tuple[Token, ...] | None
    rows: tuple[tuple[tuple[Token, ...], tuple[Token, ...]], ...] = ()
    default: tuple[Token, ...] = ()


@dataclass(frozen=True)
class RawNetwork:
    """All declarations in file order. `child_slowest` is the order of flat tables."""

    variables: tuple[RawVariable, ...]
    tables: tuple[RawTable, ...]
    child_slowest: bool


def as_number(token: Token, report: FileReport) -> Token:
    """Return the token with its number; a text that is no finite number ends the reading."""
    try:
        value = float(token.text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value) or "_" in token.text:
        raise report.fatal(f"`{token.text[:40]}` is not a number", token.start, token.end)
    return token._replace(number=value)
