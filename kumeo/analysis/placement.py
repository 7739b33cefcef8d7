"""Where the values of a block are needed: always, or only in one place that may never be reached.

The *target* of an operation is

- a region, when every reader stands in this region of a later op of the block, and the op runs the
  region at most once (`KumeoOp.optional_regions`);
- a `data.and` or `data.or`, when the values matter only if the first operand does not decide. Then
  the op feeds the second operand, and may also be read in the branch that the condition opens.

An operation has no target if something reads it always, if its readers stand in several branches,
if it acts, or if it is a read of the outside world and an act whose answer the program waits for
stands in between. `Placement.reasons` tells which.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from xdsl.ir import Block, Operation, Region, Use

from kumeo.analysis.walk import walk_ops
from kumeo.dialects.base import KumeoOp
from kumeo.dialects.data.ops_scalars import LogicOp
from kumeo.dialects.facts import facts_of, own_facts
from kumeo.dialects.workflow.control import IfOp

Target: TypeAlias = Region | LogicOp

TRIVIAL_OPS = 8
"""A branch of at most so many operations, its terminator included, may be written twice."""

ACTS_TEXT = "acts, so it runs whether or not a branch reads its result"
ALWAYS_TEXT = "is always read"
SEVERAL_TEXT = "is read in several branches"
REPEATS_TEXT = "is read only inside an operation that may run it more than once, or always"
LEFT_TEXT = (
    "decides a condition from the left, where its failure counts: write the cheap condition first"
)
WAITS_TEXT = (
    "reads the outside world, and would move behind an act whose answer the program waits for"
)


@dataclass
class Placement:
    """The targets of the operations of one block."""

    targets: dict[Operation, Target] = field(default_factory=dict[Operation, Target])
    reasons: dict[Operation, str] = field(default_factory=dict[Operation, str])
    """Why an operation has no target."""
    splits: dict[LogicOp, IfOp] = field(default_factory=dict[LogicOp, IfOp])
    """Conditions that only one `if` reads, and whose deciding branch may be written twice."""


def place(block: Block, across_acts: bool = False) -> Placement:
    """Return where the operations of `block` are needed. Linear in the operations and uses."""
    found = Placement(splits=_splits(block))
    positions, acts = _positions(block)
    for op in reversed(block.ops):
        if not op.results:
            continue
        places = [_read_at(use, block, found) for use in _uses(op)]
        target = _common([place for place in places if place is not None], found)
        if isinstance(target, str):
            found.reasons[op] = target
            continue
        facts = facts_of(op)
        if not facts.discardable:
            found.reasons[op] = ACTS_TEXT
            continue
        host = _host(target, found)
        is_free = facts.deterministic or across_acts
        if not is_free and acts[positions[host]] > acts[positions[op]]:
            found.reasons[op] = WAITS_TEXT
            continue
        found.targets[op] = target
    return found


def is_trivial(region: Region) -> bool:
    """Return whether a branch may be written twice: few operations, none of them with a site.

    Only one of the two runs, so what they do does not matter; sites are unique in a workflow.
    """
    ops = [inner for block in region.blocks for op in block.ops for inner in walk_ops(op)]
    return len(ops) <= TRIVIAL_OPS and all("site" not in op.properties for op in ops)


def _splits(block: Block) -> dict[LogicOp, IfOp]:
    found: dict[LogicOp, IfOp] = {}
    for op in block.ops:
        condition = op.condition.owner if isinstance(op, IfOp) else None
        if not isinstance(op, IfOp) or not isinstance(condition, LogicOp):
            continue
        is_private = condition.result.has_one_use()
        if is_private and is_trivial(deciding_region(op, condition)):
            found[condition] = op
    return found


def deciding_region(op: IfOp, condition: LogicOp) -> Region:
    """Return the branch that runs when the first operand of the condition decides."""
    return op.then_region if condition.DECIDING else op.else_region


def open_region(op: IfOp, condition: LogicOp) -> Region:
    """Return the branch that runs only if both operands of the condition have been asked."""
    return op.else_region if condition.DECIDING else op.then_region


def _positions(block: Block) -> tuple[dict[Operation, int], list[int]]:
    """Return the position of each op, and how many awaited acts stand before each position."""
    positions: dict[Operation, int] = {}
    acts: list[int] = []
    count = 0
    for position, op in enumerate(block.ops):
        positions[op] = position
        acts.append(count)
        count += is_awaited_act(op)
    return positions, acts


def is_awaited_act(op: Operation) -> bool:
    """Return whether the op holds an act with results: once it is over, the world has changed."""
    return any(inner.results and not own_facts(inner).discardable for inner in walk_ops(op))


def _uses(op: Operation) -> Iterable[Use]:
    return (use for result in op.results for use in result.uses)


def _read_at(use: Use, block: Block, found: Placement) -> Target | str | None:
    """Return the place in which a use needs its value, or why there is none.

    None for a use by an op that stands nowhere: who built it may have dropped it.
    """
    user, region = use.operation, None
    while user.parent is not block:
        region = user.parent_region()
        around = user.parent_op()
        if around is None:
            return None
        user = around
    if region is not None:
        optional = user.optional_regions() if isinstance(user, KumeoOp) else ()
        return region if region in optional else REPEATS_TEXT
    if user in found.targets:
        return found.targets[user]
    if isinstance(user, LogicOp):
        return user if use.index == 1 else LEFT_TEXT
    reason = found.reasons.get(user, ALWAYS_TEXT)
    # What keeps a reader in its place keeps what it reads; an act is just a reader.
    return ALWAYS_TEXT if reason == ACTS_TEXT else reason


def _common(places: list[Target | str], found: Placement) -> Target | str:
    """Return the one place in which all readers are, or why there is none."""
    targets = {place for place in places if not isinstance(place, str)}
    reasons = [place for place in places if isinstance(place, str)]
    if reasons or not targets:
        return next((r for r in reasons if r == ALWAYS_TEXT), next(iter(reasons), ALWAYS_TEXT))
    if len(targets) == 1:
        return targets.pop()
    for condition in targets:
        split = None if isinstance(condition, Region) else found.splits.get(condition)
        if split is not None and isinstance(condition, LogicOp):
            inside = open_region(split, condition)
            return condition if targets <= {condition, inside} else SEVERAL_TEXT
    return SEVERAL_TEXT


def _host(target: Target, found: Placement) -> Operation:
    """Return the op of the block at which a value with this target is first needed."""
    if isinstance(target, LogicOp):
        return found.splits.get(target, target)
    host = target.parent_op()
    assert host is not None, "the region belongs to an op of the block"
    return host


def makers(op: Operation, block: Block) -> Iterator[Operation]:
    """Yield the ops of `block` that make what `op` reads, also inside of its regions."""
    for inner in walk_ops(op):
        for value in inner.operands:
            owner = value.owner
            if isinstance(owner, Operation) and owner.parent is block:
                yield owner
