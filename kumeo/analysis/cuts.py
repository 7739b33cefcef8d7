"""Where a program is cut into stages, and which values are live there.

    plan = plan_cuts(body)
    plan.heavy        // ops that do the work of agents and stay whole: a stage holds one of them
    plan.split        // statements whose regions become stages, because heavy ops are in them
    plan.before[op]   // values that `op` or something behind it reads

Liveness is one walk backwards. What is read behind an `if` is live in both of its regions, and what
a handler reads is live in the whole body of its `try`. Constants are never live: each stage makes
its own. The time is linear in the ops and in the live values at the cuts, which are the result.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Block, Operation, SSAValue

from kumeo.analysis.walk import walk_ops
from kumeo.dialects.agent import AgentOp
from kumeo.dialects.data.failure import never_fails
from kumeo.dialects.facts import PURE, own_facts
from kumeo.dialects.workflow import CallOp, IfOp, MatchOp, SubworkflowOp, TryOp

Live = dict[SSAValue, None]
"""A set of values that keeps its order."""


@dataclass
class CutPlan:
    """Facts about one body, found before it is changed."""

    heavy: set[Operation] = field(default_factory=set[Operation])
    split: set[Operation] = field(default_factory=set[Operation])
    cheap: set[Operation] = field(default_factory=set[Operation])
    """Ops without operands that each stage does again for itself."""
    safe: set[Operation] = field(default_factory=set[Operation])
    """Ops of `split` whose condition never fails."""
    wanted: dict[Operation, tuple[int, ...]] = field(
        default_factory=dict[Operation, tuple[int, ...]]
    )
    """For each op of `split`, the results that somebody reads."""
    before: dict[Operation, tuple[SSAValue, ...]] = field(
        default_factory=dict[Operation, tuple[SSAValue, ...]]
    )
    """For each heavy op, what it and everything behind it reads."""
    after: dict[Operation, tuple[SSAValue, ...]] = field(
        default_factory=dict[Operation, tuple[SSAValue, ...]]
    )
    """For each op of `split`, what is read behind it, without its own results."""
    at_start: dict[Block, tuple[SSAValue, ...]] = field(
        default_factory=dict[Block, tuple[SSAValue, ...]]
    )
    """For each block of an op of `split`, what it and everything behind it reads."""


def plan_cuts(body: Block, working: "Working") -> CutPlan:
    """Return where a body is cut and what is live there."""
    return _Planner(body, working).plan


class Working:
    """Answers which ops hold the work of an agent, also through calls of subworkflows."""

    def __init__(self, module: ModuleOp) -> None:
        self._callees = {op.symbol: op for op in module.ops if isinstance(op, SubworkflowOp)}
        self._known: dict[str, bool] = {}

    def works_itself(self, op: Operation) -> bool:
        """Return whether `op` is an agent or calls one; what it calls may be unknown."""
        if isinstance(op, CallOp):
            return self._callee_works(op.callee_name)
        return isinstance(op, AgentOp)

    def _callee_works(self, name: str) -> bool:
        if name not in self._known:
            self._known[name] = True
            callee = self._callees.get(name)
            body = () if callee is None else walk_ops(callee)
            self._known[name] = callee is None or any(self.works_itself(op) for op in body)
        return self._known[name]


class _Planner:
    def __init__(self, body: Block, working: Working) -> None:
        self.plan = CutPlan()
        self._holding = _holders(body, working)
        self._numbers: dict[SSAValue, int] = {}
        self._block(body, {})

    def _block(self, block: Block, behind: Live) -> Live:
        """Return what is live at the start of a block; `behind` is live at its end."""
        self._classify(block)
        live = dict(behind)
        for op in reversed(block.ops):
            for result in op.results:
                live.pop(result, None)
            if op in self.plan.split:
                live = self._split(op, live)
            elif op not in self.plan.cheap:
                self._add(live, free_values(op) if op.regions else op.operands)
            if op in self.plan.heavy:
                self.plan.before[op] = self._ordered(live)
        for argument in block.args:
            live.pop(argument, None)
        return live

    def _classify(self, block: Block) -> None:
        """Sort the ops of a block into kinds and number its values in program order."""
        for value in (*block.args, *(result for op in block.ops for result in op.results)):
            self._numbers[value] = len(self._numbers)
        for op in block.ops:
            if op in self._holding:
                is_split = isinstance(op, IfOp | MatchOp | TryOp)
                (self.plan.split if is_split else self.plan.heavy).add(op)
            elif is_cheap(op):
                self.plan.cheap.add(op)

    def _split(self, op: Operation, behind: Live) -> Live:
        plan = self.plan
        plan.after[op] = self._ordered(behind)
        plan.wanted[op] = tuple(i for i, r in enumerate(op.results) if r.first_use is not None)
        if isinstance(op, TryOp):
            handler = self._block(op.handler.block, behind)
            plan.at_start[op.handler.block] = self._ordered(handler)
            return self._block(op.body.block, {**behind, **handler})
        if never_fails(op.operands[0]):
            plan.safe.add(op)
        live = dict(behind)
        for block in (block for region in op.regions for block in region.blocks):
            start = self._block(block, behind)
            plan.at_start[block] = self._ordered(start)
            live |= start
        self._add(live, op.operands)
        return live

    def _add(self, live: Live, values: Iterable[SSAValue]) -> None:
        for value in values:
            if value.owner not in self.plan.cheap:
                live[value] = None

    def _ordered(self, live: Live) -> tuple[SSAValue, ...]:
        return tuple(sorted(live, key=self._numbers.__getitem__))


def _holders(body: Block, working: Working) -> set[Operation]:
    """Return every op of a body that is an agent, calls one or holds one."""
    found: set[Operation] = set()
    for op in (inner for root in body.ops for inner in walk_ops(root)):
        if not working.works_itself(op):
            continue
        around: Operation | None = op
        while around is not None and around not in found:
            found.add(around)
            around = None if around.parent is body else around.parent_op()
    return found


def is_cheap(op: Operation) -> bool:
    """Return whether an op can be done again anywhere: it reads nothing and cannot fail."""
    is_plain = bool(op.results) and not op.operands and not op.regions
    return is_plain and not isinstance(op, AgentOp) and own_facts(op) == PURE


def free_values(op: Operation) -> Iterator[SSAValue]:
    """Yield the values that an op and its regions read from outside, each at least once."""
    inside: set[SSAValue] = set()
    for inner in walk_ops(op):
        yield from (value for value in inner.operands if value not in inside)
        if inner is not op:
            inside.update(inner.results)
        for region in inner.regions:
            for block in region.blocks:
                inside.update(block.args)
