"""Walks over nested IR without recursion, so that depth is never a crash."""

from collections.abc import Iterator
from enum import Enum
from typing import NamedTuple

from xdsl.ir import Operation, Region

MAX_NESTING = 128
"""Deepest nesting of regions that the tools accept; xDSL itself works recursively."""


class Step(Enum):
    """What a walk has come to; DONE follows the last region of an op that has regions."""

    OP = "op"
    ENTER = "enter"
    LEAVE = "leave"
    DONE = "done"


class Event(NamedTuple):
    """A step of a walk: an op, a region of an op that begins or ends, or the end of an op."""

    step: Step
    op: Operation
    region: Region | None = None


def walk_events(root: Operation) -> Iterator[Event]:
    """Yield the ops below `root` in program order, with the borders of their regions."""
    work: list[Iterator[Event]] = [_visit(root)]
    while work:
        event = next(work[-1], None)
        if event is None:
            work.pop()
            continue
        yield event
        if event.step is Step.ENTER and event.region is not None:
            work.append(_inside(event.op, event.region))
        elif event.step is Step.OP and event.op.regions:
            work.append(_regions(event.op))


def _visit(op: Operation) -> Iterator[Event]:
    yield Event(Step.OP, op)


def _regions(op: Operation) -> Iterator[Event]:
    for region in op.regions:
        yield Event(Step.ENTER, op, region)
    yield Event(Step.DONE, op)


def _inside(op: Operation, region: Region) -> Iterator[Event]:
    for block in region.blocks:
        for child in block.ops:
            yield Event(Step.OP, child)
    yield Event(Step.LEAVE, op, region)


def walk_ops(root: Operation) -> Iterator[Operation]:
    """Yield `root` and the ops below it in program order."""
    stack: list[Operation] = [root]
    while stack:
        op = stack.pop()
        yield op
        if op.regions:
            children = [c for region in op.regions for b in region.blocks for c in b.ops]
            stack.extend(reversed(children))
