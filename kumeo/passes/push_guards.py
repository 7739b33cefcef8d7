"""`push-guards`: ask cheap questions before costly agents run.

    %p = data.format "Read {{ body }}." (body = %body)
    %r = agent.llm "ollama/llama3" (prompt = %p) …
    workflow.if %short { … %r … } else { … }          // only the first branch reads %r

becomes

    workflow.if %short {
      %p = data.format "Read {{ body }}." (body = %body)
      %r = agent.llm "ollama/llama3" (prompt = %p) …
      … %r …
    } else { … }

It does three things in each block.

1. A discardable costly operation (an agent, or an `if`, `foreach` or `try` that holds agents, such
   as one with `when:`) moves into the only region that reads it, with the operations between it
   and its readers, and with those that nothing else needs. Regions that run at most once per run
   of their op take part: the branches of `if` and `match`, the handler of a `try`, the fallback of
   an agent. The body of a `foreach` would run the agent again for each element, and the body of a
   `try` runs anyway: neither takes part.
2. `cheap and costly` needs its right side only if the left one does not decide. With such a
   condition `if` becomes `if cheap { if costly … }` when the other branch is small enough to be
   written twice; elsewhere it becomes the value of `if cheap -> costly else false`. `or` is alike.
   Then 1. applies.
3. Pure operations that conditions of the block need move above the first costly operation.

Why it is sound. Sinking removes runs and adds none: the region runs at most once, in the same
iteration path, and the site stays, so calls are a subset. A result that is not computed has no
reader on the path taken. A failure is a value: an agent that is discardable observes none, neither
where it was nor where it goes, so what it crosses makes no difference; `facts_of` says that it and
all in its regions, its fallback included, are discardable. Operations that act never move, so the
order of what is observed stays. An `if` whose condition failed observes that failure when a region
acts: what moves in does not act. Splitting keeps every failure: a failed left side is the failure
of the whole as before, a failed right side fails the inner `if`, whose branches act when they did
before, and it stands where the outer one stood. `costly and cheap` is *not* turned around: if the
left side failed, and the right one were false, a failure that was observed would not be any more.
Hoisting moves pure operations inside a block that runs them anyway.

A read of the outside world does not move behind an act whose answer the program waits for (a
person, a call of user code that acts): it could read what the act has written. The language allows
that order, so `across-acts` permits it. An agent that moves behind a condition starts later when
the branch is taken; that is the price of not running it when it is not.
"""

from dataclasses import dataclass
from typing import ClassVar

from xdsl.context import Context
from xdsl.ir import Block, Operation, Region

from kumeo.analysis.estimates import is_costly
from kumeo.analysis.levels import ACTIVATIONS
from kumeo.analysis.placement import (
    ALWAYS_TEXT,
    Placement,
    Target,
    makers,
    place,
)
from kumeo.analysis.walk import walk_ops
from kumeo.dialects.agent.base import AgentOp
from kumeo.dialects.base import KumeoOp
from kumeo.dialects.data.ops_scalars import LogicOp
from kumeo.dialects.facts import PURE, facts_of
from kumeo.passes.base import OpPass
from kumeo.passes.split_conditions import split_condition


@dataclass(frozen=True)
class PushGuardsPass(OpPass):
    """Move costly agents into the only branch that reads them, behind cheap conditions."""

    name = "push-guards"
    LEVELS: ClassVar[tuple[str, ...]] = ACTIVATIONS

    min_latency_us: int = 1
    """An operation is costly if it takes at least so long, or if it costs money or tokens."""

    across_acts: bool = False
    """Let a read of the outside world move behind an act whose answer the program waits for."""

    def __post_init__(self) -> None:
        """Refuse a time that is negative."""
        if self.min_latency_us < 0:
            raise ValueError("a time is at least 0")

    def apply_to(self, ctx: Context, root: Operation) -> None:
        """Work on every block below `root`, outer blocks first."""
        blocks = [block for region in root.regions for block in region.blocks]
        while blocks:
            block = blocks.pop()
            self._push(block)
            blocks += (b for op in block.ops for region in op.regions for b in region.blocks)

    def _push(self, block: Block) -> None:
        """Split conditions until no more can be split, then sink and hoist."""
        costly = self._costly_ops(block)
        if not costly:
            return
        found = place(block, self.across_acts)
        moving = _moving(block, found, costly)
        while opened := _conditions(moving):
            for condition in opened:
                split_condition(condition, found.splits.get(condition))
                self.count("conditions split")
            costly = self._costly_ops(block)
            found = place(block, self.across_acts)
            moving = _moving(block, found, costly)
        for op in costly:
            self._tell(op, found, moving)
        self._sink(moving, costly)
        self._hoist(block)

    def _costly_ops(self, block: Block) -> dict[Operation, None]:
        return {op: None for op in block.ops if is_costly(op, self.min_latency_us)}

    def _sink(self, moving: dict[Operation, Target], costly: dict[Operation, None]) -> None:
        """Move operations to the start of their regions, in their order."""
        first: dict[Region, Operation | None] = {}
        for op, target in moving.items():
            if not isinstance(target, Region):
                continue
            before = first.setdefault(target, target.block.first_op)
            assert before is not None, "a region ends in a terminator"
            op.detach()
            target.block.insert_op_before(op, before)
            self.count("costly operations moved" if op in costly else "other operations moved")

    def _hoist(self, block: Block) -> None:
        """Move what conditions need above the first costly op."""
        first = next((op for op in block.ops if is_costly(op, self.min_latency_us)), None)
        if first is None:
            return
        for op in _hoistable(block, first, self.min_latency_us):
            op.detach()
            block.insert_op_before(op, first)
            self.count("operations of conditions hoisted")

    def _tell(self, op: Operation, found: Placement, moving: dict[Operation, Target]) -> None:
        """Say what happens to a costly op, unless nothing could be expected to happen."""
        if op in moving:
            self.remark(op, f"{_named(op)} runs only in the branch that reads it")
            return
        reason = found.reasons.get(op, ALWAYS_TEXT)
        if reason != ALWAYS_TEXT:
            self.remark(op, f"{_named(op)} stays where it is: it {reason}")


def _named(op: Operation) -> str:
    """Return the agents in an op, or the name of the op."""
    agents = [f"`{a.agent_id}`" for a in walk_ops(op) if isinstance(a, AgentOp)]
    return (
        f"agent {agents[0]}" if isinstance(op, AgentOp) else f"`{op.name}` of {', '.join(agents)}"
    )


def _conditions(moving: dict[Operation, Target]) -> dict[LogicOp, None]:
    """Return the conditions that must be split before the operations can move."""
    return {target: None for target in moving.values() if isinstance(target, LogicOp)}


def _moving(
    block: Block, found: Placement, costly: dict[Operation, None]
) -> dict[Operation, Target]:
    """Return what moves, in the order of the block.

    These are the costly ops with a target, all that stands between them and their readers, and then
    the operations that only these read.
    """
    moving: set[Operation] = set()
    for op in block.ops:
        reads_moving = any(maker in moving for maker in makers(op, block))
        if op in found.targets and (op in costly or reads_moving):
            moving.add(op)
    for op in reversed(block.ops):
        if op in found.targets and op not in moving:
            readers = [
                u.operation for r in op.results for u in r.uses if u.operation.parent is block
            ]
            if readers and all(reader in moving for reader in readers):
                moving.add(op)
    return {op: found.targets[op] for op in block.ops if op in moving}


def _hoistable(block: Block, first: Operation, min_latency_us: int) -> list[Operation]:
    """Return the pure cheap ops after `first` that conditions need and that do not need it."""
    needed: set[Operation] = set()
    for op in reversed(block.ops):
        is_condition = isinstance(op, KumeoOp) and op.optional_regions() and not _is_agent(op)
        if op in needed or is_condition:
            needed.update(_operands_made(op, block))
    found: dict[Operation, None] = {}
    op = first.next_op
    late: set[Operation] = {first}
    while op is not None:
        free = op in needed and _is_cheap(op, min_latency_us)
        if free and not any(maker in late for maker in makers(op, block)):
            found[op] = None
        else:
            late.add(op)
        op = op.next_op
    return list(found)


def _operands_made(op: Operation, block: Block) -> list[Operation]:
    """Return the ops of `block` that make the operands of `op`, not what its regions read."""
    owners = [value.owner for value in op.operands]
    return [owner for owner in owners if isinstance(owner, Operation) and owner.parent is block]


def _is_cheap(op: Operation, min_latency_us: int) -> bool:
    """Return whether the op is pure, apart from failing, and not costly."""
    facts = facts_of(op)._replace(speculatable=True)
    return facts == PURE and not is_costly(op, min_latency_us)


def _is_agent(op: Operation) -> bool:
    return isinstance(op, AgentOp)
