"""Changes of the messaging level that several passes make: values of ways, arguments of bodies."""

from collections.abc import Sequence
from typing import TypeVar

from xdsl.dialects.builtin import ArrayAttr, IntegerAttr, i64
from xdsl.ir import SSAValue

from kumeo.analysis.messaging import MessagingGraph, Way
from kumeo.dialects.agent import StageEnd
from kumeo.dialects.messaging import HandlerOp, StepOp

T = TypeVar("T")


def ways_into(graph: MessagingGraph, body: HandlerOp | StepOp) -> list[Way]:
    """Return the ways that lead to a body; none for one that events start."""
    if isinstance(body, StepOp):
        return graph.entering[body]
    edge = graph.edge_of(body)
    return [] if edge is None else graph.senders[edge.symbol]


def values_of(way: Way) -> tuple[SSAValue, ...]:
    """Return what a way passes now."""
    return way.end.edges[way.place].values


def drop_argument(graph: MessagingGraph, body: HandlerOp | StepOp, place: int) -> None:
    """Take an argument that nothing reads from a body, its layout, and all who send it."""
    edge = graph.edge_of(body) if isinstance(body, HandlerOp) else None
    if edge is not None:
        edge.set_fields(without(edge.fields, place))
    body.set_failing(without(body.failing, place))
    for way in ways_into(graph, body):
        replace_values(way.end, way.place, without(values_of(way), place))
    block = body.body.block
    block.erase_arg(block.args[place])


def without(items: Sequence[T], place: int) -> list[T]:
    """Return a list without one of its items."""
    return [item for index, item in enumerate(items) if index != place]


def replace_values(end: StageEnd, place: int, values: Sequence[SSAValue]) -> None:
    """Let one edge of a terminator pass other values."""
    edges = [edge.values for edge in end.edges]
    edges[place] = tuple(values)
    heads = end.operands[: len(end.operands) - len(end.passed)]
    end.operands = [*heads, *(value for passed in edges for value in passed)]
    end.counts = ArrayAttr([IntegerAttr(len(passed), i64) for passed in edges])
