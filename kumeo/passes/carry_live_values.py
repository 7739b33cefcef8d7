"""`carry-live-values`: let messages carry what is read behind them, but for what is cheap to make.

    messaging.edge @run.b message (tx : !tx, amount : f64) carries_event
    // every sender: %amount = data.get %tx["amount"]

becomes

    messaging.edge @run.b message (tx : !tx) carries_event
    // the handler: %amount = data.get %tx["amount"]

Three things leave a message:

- a value that nothing behind the edge reads;
- a value that every sender makes in the same way from other values of the message, by at most
  `ops_max` operations on data: the handler makes it again. Calls of functions and operations with
  regions are not made again. Neither is what a parked task shows: the sender needs it;
- the payload of the event, when no failure can have been observed before and none can be behind:
  then nobody will ever report this event. The mark is put back where it is needed.

Arguments of steps that nothing reads go, too, and operations on data that nothing reads after that.

Sound because operations on data are strict and deterministic: from equal values, failures among
them, they give an equal value or an equal failure, and failures of data are not observed where they
are made. The time of an activation goes with every message, so `workflow.now` is equal as well.
Agents are never moved, copied or erased.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Block, BlockArgument, Operation, SSAValue

from kumeo.analysis.messaging import Body, MessagingGraph, messaging_graphs, waiting_agent
from kumeo.analysis.observing import may_observe
from kumeo.dialects.data import CallOp
from kumeo.dialects.data.op import DataOp
from kumeo.dialects.messaging import HandlerOp
from kumeo.dialects.workflow import NowOp
from kumeo.passes.base import KumeoPass
from kumeo.passes.messaging_edits import drop_argument, values_of, ways_into


@dataclass(frozen=True)
class CarryLiveValuesPass(KumeoPass):
    """Let messages carry what is read behind them, but for what is cheap to make."""

    name = "carry-live-values"
    LEVELS: ClassVar[tuple[str, ...]] = ("messaging",)

    ops_max: int = 8
    """Operations that a handler makes again for one value; 0 carries all values."""

    def __post_init__(self) -> None:
        """Refuse a number that means nothing."""
        if self.ops_max < 0:
            raise ValueError("`ops-max` is not negative")

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        """Shorten the messages of each workflow."""
        for graph in messaging_graphs(op):
            self._drop_unread(graph)
            for handler in [body for body in graph.order if isinstance(body, HandlerOp)]:
                self._make_again(graph, handler)
            self._drop_unread(graph)
            self._mark_events(graph)

    def _drop_unread(self, graph: MessagingGraph) -> None:
        """Receivers come first, so what only fed an unread value is unread by then."""
        for body in reversed(graph.order):
            block = body.body.block
            self.count("operations erased", erase_unread(block))
            edge = graph.edge_of(body) if isinstance(body, HandlerOp) else None
            if isinstance(body, HandlerOp) and edge is None:
                continue
            for argument in reversed(block.args):
                if argument.uses:
                    continue
                if edge is not None:
                    name = edge.fields[argument.index].name
                    self.remark(edge, f"`{name}` is not carried: nothing reads it")
                    self.count("values dropped")
                drop_argument(graph, body, argument.index)

    def _make_again(self, graph: MessagingGraph, handler: HandlerOp) -> None:
        edge = graph.edge_of(handler)
        if edge is None or self.ops_max == 0:
            return
        block = handler.body.block
        shown = shown_values(handler) if edge.is_parked else ()
        for argument in reversed(block.args):
            sent = [values_of(way) for way in ways_into(graph, handler)]
            recipes = {recipe_of(values, argument.index, self.ops_max) for values in sent}
            if argument in shown or len(recipes) != 1 or None in recipes:
                continue
            anchor = block.first_op
            assert anchor is not None, "a body has a terminator"
            again = _copy(sent[0], argument, anchor)
            again.name_hint = again.name_hint or argument.name_hint
            argument.replace_all_uses_with(again)
            name = edge.fields[argument.index].name
            self.remark(edge, f"`{name}` is not carried: its handler makes it again")
            self.count("values made again")
            drop_argument(graph, handler, argument.index)

    def _mark_events(self, graph: MessagingGraph) -> None:
        observing = {body: may_observe(body) for body in graph.order}
        before, behind = dict(observing), dict(observing)
        for body in graph.order:
            for after in followers(graph, body):
                before[after] = before[after] or before[body]
        for body in reversed(graph.order):
            behind[body] = behind[body] or any(behind[b] for b in followers(graph, body))
        for edge in graph.edges.values():
            senders = [way.body for way in graph.senders[edge.symbol]]
            readers = graph.readers.get(edge.symbol, [])
            is_needed = any(before[b] for b in senders) or any(behind[b] for b in readers)
            if not is_needed and edge.carries_event is not None:
                self.remark(edge, "the event is not carried: no failure can be reported")
                self.count("events dropped")
            edge.put(carries_event=is_needed)


def followers(graph: MessagingGraph, body: Body) -> list[Body]:
    """Return the bodies that a body leads to."""
    return [after for way in graph.leaving[body] for after in graph.next_bodies(way)]


def shown_values(handler: HandlerOp) -> Sequence[SSAValue]:
    """Return what the agent that waits reads: the task shows it to those who answer."""
    waiting = waiting_agent(handler.body.block)
    return () if waiting is None else tuple(waiting.operands)


def is_simple(op: Operation) -> bool:
    """Return whether an op is cheap and gives the same value at every place of an activation."""
    if isinstance(op, NowOp):
        return True
    return isinstance(op, DataOp) and not op.regions and not isinstance(op, CallOp)


def erase_unread(block: Block) -> int:
    """Erase operations on data that nothing reads; return how many."""
    unread = 0
    for op in reversed(list(block.ops)):
        is_read = not op.results or any(result.uses for result in op.results)
        if not is_read and isinstance(op, DataOp | NowOp):
            op.detach()
            op.erase()
            unread += 1
    return unread


def recipe_of(values: Sequence[SSAValue], place: int, ops_max: int) -> Hashable | None:
    """Return how one value of a message is made from the others, or None if it is not.

    Equal recipes on equal messages give equal values. Of equal values only the first is carried.
    """
    first = values.index(values[place])
    if first < place:
        return first
    known = {value: index for index, value in reversed(list(enumerate(values))) if index != place}
    known.pop(values[place], None)
    budget = [ops_max]
    return _recipe(values[place], known, budget)


def _recipe(value: SSAValue, known: dict[SSAValue, int], budget: list[int]) -> Hashable | None:
    if value in known:
        return known[value]
    owner = value.owner
    budget[0] -= 1
    if not isinstance(owner, Operation) or not is_simple(owner) or budget[0] < 0:
        return None
    parts = tuple(_recipe(operand, known, budget) for operand in owner.operands)
    if None in parts:
        return None
    return (owner.name, frozenset(owner.properties.items()), tuple(owner.result_types), *parts)


def _copy(values: Sequence[SSAValue], argument: BlockArgument, anchor: Operation) -> SSAValue:
    """Make the value of an argument again before `anchor`, from the other arguments."""
    value = values[argument.index]
    pairs = list(zip(values, argument.block.args, strict=True))
    others = [pair for pair in pairs if pair[1] is not argument]
    return _copy_value(value, dict(reversed(others)), anchor)


def _copy_value(value: SSAValue, known: dict[SSAValue, SSAValue], anchor: Operation) -> SSAValue:
    if value in known:
        return known[value]
    owner = value.owner
    block = anchor.parent_block()
    assert isinstance(owner, Operation), "there is a recipe"
    assert block is not None, "the anchor stands in a body"
    operands = {operand: _copy_value(operand, known, anchor) for operand in owner.operands}
    copy = owner.clone(operands)
    block.insert_op_before(copy, anchor)
    known[value] = copy.results[0]
    return known[value]
