"""What a value is while a program runs: plain Python data, or a `Failure`.

    type of the IR          Python value
    i1 i64 f64              bool, int, float
    str, enum               str
    bytes                   bytes
    time, duration          int (microseconds; a time counts from 1970 UTC)
    option<T>               a value of T, or None
    list<T>, map<T>         list, dict with string keys
    record<{...}>           dict with the field names as keys
    json                    None, bool, int, float, str, list, dict

Values are never changed in place. *Any* value may be a failure instead: see `Failure`.
"""

from dataclasses import dataclass, replace
from typing import Any

Value = Any
"""Plain data as in the table above, or a `Failure`."""

Path = tuple[int, ...]
"""The iteration path: indexes of the `foreach` elements being handled, outermost first."""


@dataclass(frozen=True, slots=True)
class Failure:
    """The value of something that went wrong. It cancels what reads it and nothing else."""

    code: str
    message: str
    agent: str | None = None
    """The site of the agent that failed; None when a data operation failed."""
    handled: bool = False
    """Whether a fallback has dealt with it already: it still cancels, but nobody reports it."""

    def blamed_on(self, site: str) -> "Failure":
        """Return this failure with `site` as its agent, unless an agent is named already."""
        return self if self.agent is not None else replace(self, agent=site)

    def to_json(self) -> dict[str, str]:
        """Return what an `on_error` target is told about this failure."""
        return {"code": self.code, "message": self.message, "agent": self.agent or ""}


class CannotRunError(Exception):
    """The work of an agent cannot be run here: its file or its runtime is missing."""
