"""Continuations: what follows a block while a body is split, as an edge for the values it yields.

`split_stages.py` says what the edges mean; `stage_splitter.py` makes one continuation for each
statement that it cuts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from xdsl.ir import Operation, SSAValue

from kumeo.dialects.agent import ENDED, MESSAGE, Edge
from kumeo.passes.stage_builder import Flag, OpenStage

Values = Sequence[SSAValue | None]
"""What a block yields, in the open stage; None for what nobody reads."""


class Continuation(Protocol):
    """What follows a block."""

    def edge(self, open: OpenStage, values: Values) -> Edge:
        """Return the way on from the open stage."""
        ...

    def wants(self, index: int) -> bool:
        """Return whether somebody reads the yielded value."""
        ...


class Finish:
    """Nothing follows: the end of the activation."""

    def edge(self, open: OpenStage, values: Values) -> Edge:
        """Return the edge on which the activation is over."""
        return ENDED

    def wants(self, index: int) -> bool:
        """Return False: an activation gives no values."""
        return False


@dataclass(frozen=True)
class Join:
    """A shared stage follows. It takes the results that are read, then values, then flags."""

    name: str
    wanted: tuple[int, ...]
    live: tuple[SSAValue, ...]
    flags: tuple[Flag, ...]

    def edge(self, open: OpenStage, values: Values) -> Edge:
        """Return the message to the shared stage."""
        given = [value for i in self.wanted if (value := values[i]) is not None]
        flags = [open.flag(flag) for flag in self.flags]
        return Edge(MESSAGE, self.name, (*given, *open.get_all(self.live), *flags))

    def wants(self, index: int) -> bool:
        """Return whether the result is read."""
        return index in self.wanted


@dataclass(frozen=True)
class Through:
    """Only the end of a block follows, so its own continuation is taken."""

    op: Operation
    wanted: tuple[int, ...]
    operands: tuple[SSAValue, ...]
    outer: Continuation

    def edge(self, open: OpenStage, values: Values) -> Edge:
        """Return the edge of the continuation for the values that the block around yields."""
        for result, value in zip(self.op.results, values, strict=True):
            if value is not None:
                open.values[result] = value
        return self.outer.edge(open, yielded(open, self.operands, self.outer))

    def wants(self, index: int) -> bool:
        """Return whether the result is read."""
        return index in self.wanted


def yielded(open: OpenStage, operands: Sequence[SSAValue], following: Continuation) -> Values:
    """Return the values of a terminator that somebody reads."""
    wants = following.wants
    return [open.get(value) if wants(i) else None for i, value in enumerate(operands)]
