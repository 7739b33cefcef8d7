"""Source locations that survive rewrites: xDSL 0.74 gives new ops an unknown location.

`KeepLocations` wraps a rewrite pattern: each op that it makes gets the location of the op that was
matched. `fuse` joins the locations of ops that become one.
"""

from typing import cast

from xdsl.dialects.builtin import (
    ArrayAttr,
    CallSiteLoc,
    FileLineColLoc,
    FusedLoc,
    LocationAttr,
    NameLoc,
    NoneAttr,
    UnknownLoc,
)
from xdsl.ir import Attribute, Operation
from xdsl.pattern_rewriter import PatternRewriter, RewritePattern

_MAX = 16
"""A constant that thousands of lines share would carry, and fuse again, thousands of places."""


class KeepLocations(RewritePattern):
    """Apply another pattern and give the ops it makes a location."""

    def __init__(self, pattern: RewritePattern) -> None:
        self.pattern = pattern

    def match_and_rewrite(self, op: Operation, rewriter: PatternRewriter, /) -> None:
        """Apply the pattern to `op`."""
        location = op.location
        made: list[Operation] = []
        handlers = rewriter.operation_insertion_handler
        handlers.append(made.append)
        try:
            self.pattern.match_and_rewrite(op, rewriter)
        finally:
            handlers.pop()
        settle(made, location)


def settle(made: list[Operation], location: LocationAttr) -> None:
    """Give `location` to the ops of `made` that have none, and to the ops inside them."""
    if isinstance(location, UnknownLoc):
        return
    for op in made:
        for inner in op.walk():
            if isinstance(inner.location, UnknownLoc):
                inner.location = location


def fuse(first: LocationAttr, second: LocationAttr) -> LocationAttr:
    """Return one location for an op that does the work of two; it names the first places only."""
    if isinstance(first, FusedLoc) and len(cast(ArrayAttr[Attribute], first.locations)) >= _MAX:
        return first
    parts = dict.fromkeys([*_parts(first), *_parts(second)])
    match list(parts)[:_MAX]:
        case []:
            return UnknownLoc()
        case [only]:
            return only
        case several:
            return FusedLoc(tuple(several), NoneAttr())


def _parts(location: Attribute) -> list[LocationAttr]:
    """Return the locations that a location is made of; none for an unknown one."""
    match location:
        case UnknownLoc():
            return []
        case FusedLoc(metadata=NoneAttr()):
            inner = cast(ArrayAttr[Attribute], location.locations)
            return [part for loc in inner for part in _parts(loc)]
        case FileLineColLoc() | NameLoc() | CallSiteLoc() | FusedLoc():
            return [location]
        case _:
            return []
