"""`schedule`: put cheap operations first, and say which agents may run at the same time.

    %a = agent.llm … (prompt = %p)                    // slow
    %b = agent.model @m (%x)                          // fast, needs nothing of %a
    %c = agent.llm … (prompt = %q)                    // %q is made of %b

becomes

    %b = agent.model @m (%x)         {kumeo.wave = 0 : i64}
    %a = agent.llm … (prompt = %p)   {kumeo.wave = 0 : i64}
    %c = agent.llm … (prompt = %q)   {kumeo.wave = 1 : i64}

The *wave* of an operation that holds agents is the length of the longest chain of such operations
of the same block that must be over before it starts. Two operations of a block with one wave may
overlap; a back end may start a wave when the one before is over, or each operation as soon as what
it reads is there.

The order in a block: what is ready is taken by cost (an estimate, see `agent.cost`), then by the
order of the program. Operations without a cost come first, so conditions and the data of prompts
are there before the first agent runs. Constants and data stay near the front.

Why it is sound. An operation moves only if it is discardable: it observes no failure and changes
nothing, so nobody can tell when it ran. All others, those that act and the operations that hold
or call one, keep their order. These are the only ones that observe a failure of the activation, so
the first observed failure is the same, and so are the messages and their order per key. What an
operation reads stands before it, so it reads the same values. Nothing enters or leaves a block:
sites, iteration paths and the set of calls stay.

A read of the outside world does not change its place relative to an act whose answer the program
waits for: it could read what the act has written. Acts never share a wave with another act; they
run in the order of the program. A read may share a wave with an act without an answer (an `emit`).
"""

import heapq
from dataclasses import dataclass
from typing import ClassVar

from xdsl.context import Context
from xdsl.dialects.builtin import IntegerAttr, i64
from xdsl.ir import Block, Operation
from xdsl.traits import IsTerminator

from kumeo.analysis.estimates import cost_of
from kumeo.analysis.levels import ACTIVATIONS
from kumeo.analysis.placement import is_awaited_act, makers
from kumeo.analysis.walk import walk_ops
from kumeo.dialects.agent.base import AgentOp
from kumeo.dialects.facts import facts_of
from kumeo.passes.base import OpPass

WAVE = "kumeo.wave"
"""Attribute of operations that hold agents: see above."""


@dataclass(frozen=True)
class SchedulePass(OpPass):
    """Order each block by cost and number the agents that may run at the same time."""

    name = "schedule"
    LEVELS: ClassVar[tuple[str, ...]] = ACTIVATIONS

    waves: bool = True
    """Write `kumeo.wave` on operations that hold agents."""

    def apply_to(self, ctx: Context, root: Operation) -> None:
        """Order every body below `root` that holds agents."""
        for block in _bodies(root):
            needs = _needs(block)
            order = _by_cost(block, needs)
            self._reorder(block, order)
            if self.waves:
                self._number(block, order, needs)

    def _reorder(self, block: Block, order: list[Operation]) -> None:
        end = block.last_op
        assert end is not None, "a body ends in a terminator"
        moved = sum(old is not new for old, new in zip(block.ops, order, strict=False))
        if not moved:
            return
        self.count("operations moved", moved)
        for op in order:
            op.detach()
            block.insert_op_before(op, end)

    def _number(self, block: Block, order: list[Operation], needs: "Needs") -> None:
        """Set the waves and tell which agents share one."""
        waves = _waves(order, needs)
        numbers = {op: wave for op, wave in waves.items() if takes_time(op)}
        for op in order:
            op.attributes.pop(WAVE, None)
        by_wave: dict[int, list[Operation]] = {}
        for op, wave in numbers.items():
            op.attributes[WAVE] = IntegerAttr(wave, i64)
            by_wave.setdefault(wave, []).append(op)
        self.count("operations with a wave", len(numbers))
        for together in by_wave.values():
            if len(together) > 1:
                names = ", ".join(_named(op) for op in together)
                self.remark(together[0], f"may run at the same time: {names}")
        read_waves = _waves(order, {op: set(makers(op, block)) for op in order})
        for op, wave in numbers.items():
            if read_waves[op] < wave:
                self.remark(
                    op, f"{_named(op)} reads nothing of what it waits for: an act is before it"
                )


Needs = dict[Operation, set[Operation]]
"""By operation: the ones of its block that must be over before it starts."""


def takes_time(op: Operation) -> bool:
    """Return whether the op holds an agent, or an act whose answer the program waits for."""
    return is_awaited_act(op) or any(isinstance(inner, AgentOp) for inner in walk_ops(op))


def _bodies(root: Operation) -> list[Block]:
    """Return the blocks below `root` that are programs, and hold an agent or an awaited act."""
    found: list[Block] = []
    todo = [block for region in root.regions for block in region.blocks]
    while todo:
        block = todo.pop()
        last = block.last_op
        # Without anything that takes time the order would stay, and there is nothing to number.
        is_program = last is not None and last.has_trait(IsTerminator)
        if is_program and any(takes_time(op) for op in block.ops):
            found.append(block)
        todo += (b for op in block.ops for region in op.regions for b in region.blocks)
    return found


def _needs(block: Block) -> Needs:
    """Return what must be over before each op: what it reads, and the order of acts.

    Acts form a chain. A read of the outside world keeps its side of each awaited act.
    """
    needs: Needs = {}
    last_act: Operation | None = None
    last_awaited: Operation | None = None
    reads: list[Operation] = []
    for op in _without_end(block):
        needs[op] = set(makers(op, block))
        facts = facts_of(op)
        if facts.discardable:
            if not facts.deterministic:
                needs[op].update(_one(last_awaited))
                reads.append(op)
            continue
        needs[op].update(_one(last_act))
        last_act = op
        if is_awaited_act(op):
            needs[op].update(reads)
            last_awaited, reads = op, []
    return needs


def _one(op: Operation | None) -> tuple[Operation, ...]:
    return () if op is None else (op,)


def _without_end(block: Block) -> list[Operation]:
    return list(block.ops)[:-1]


def _by_cost(block: Block, needs: Needs) -> list[Operation]:
    """Return the ops in their new order: of what is ready, the cheapest, then the earliest."""
    ops = _without_end(block)
    ranks = {op: (*_price(op), position) for position, op in enumerate(ops)}
    waiting = {op: len(needs[op]) for op in ops}
    readers: dict[Operation, list[Operation]] = {op: [] for op in ops}
    for op in ops:
        for needed in needs[op]:
            readers[needed].append(op)
    ready = [(ranks[op], at) for at, op in enumerate(ops) if not waiting[op]]
    heapq.heapify(ready)
    positions = {op: at for at, op in enumerate(ops)}
    order: list[Operation] = []
    while ready:
        op = ops[heapq.heappop(ready)[1]]
        order.append(op)
        for reader in readers[op]:
            waiting[reader] -= 1
            if not waiting[reader]:
                heapq.heappush(ready, (ranks[reader], positions[reader]))
    return order


def _price(op: Operation) -> tuple[int, float, int]:
    cost = cost_of(op)
    return (cost.latency_us, cost.price_usd, cost.tokens)


def _waves(order: list[Operation], needs: Needs) -> dict[Operation, int]:
    """Return how many operations that take time must be over, one after the other, before each."""
    waves: dict[Operation, int] = {}
    after: dict[Operation, int] = {}
    for op in order:
        waves[op] = max((after[needed] for needed in needs[op]), default=0)
        after[op] = waves[op] + takes_time(op)
    return waves


def _named(op: Operation) -> str:
    agents = [f"`{inner.agent_id}`" for inner in walk_ops(op) if isinstance(inner, AgentOp)]
    return agents[0] if isinstance(op, AgentOp) else f"`{op.name}`"
