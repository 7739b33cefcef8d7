"""`agent-dce`: remove agents and operations whose results nothing reads.

    %p = agent.llm "ollama/llama3" (prompt = %t) id "a" site "a" : (!data.str) -> !data.str
    %q = data.call "upper"(%p) : !data.str      // nothing reads %q: both are removed
    workflow.emit %x : f64 to @t site "e"       // stays: it acts

Results of `if`, `match` and `foreach` that nothing reads are dropped with what only they needed. An
agent that judges something (a model, a decision, a language model) is removed with the warning
`removed-agent`: its answer was perhaps meant to be read.

Sound by the effect facts and because failure is a value:

- Only *discardable* ops go, by their own facts and those of everything inside: nothing that emits,
  asks a person, keeps state or calls something that does. The messages stay the same, and the set
  of calls shrinks.
- A failure of what was removed could be observed only by an op that reads it, directly or through
  other ops. Whatever acts is live, and so is all that it reads, so no such op exists.
- What acts is the same before and after in every statement, so a condition that fails is observed
  as before.
- A `try` observes its own results, so it keeps them all if one of them is read or if its handler
  acts. Else the handler cannot do anything that shows, and they go.

Liveness starts from the ops that act and goes backwards over operands, over the yielded values of
results that are read, and outwards to the ops around. Each op is visited once.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import ClassVar

from xdsl.context import Context
from xdsl.ir import Block, Operation, Region, SSAValue
from xdsl.rewriter import Rewriter
from xdsl.traits import IsTerminator

from kumeo.analysis.acting import Acting
from kumeo.analysis.levels import ACTIVATIONS
from kumeo.analysis.places import point_of
from kumeo.analysis.walk import walk_ops
from kumeo.dialects.agent import AgentOp
from kumeo.dialects.workflow import ControlOp, TryOp
from kumeo.dialects.workflow.canonicalize import with_results
from kumeo.passes.base import OpPass
from kumeo.passes.errors import RemovedAgent


@dataclass(frozen=True)
class AgentDcePass(OpPass):
    """Remove agents and operations whose results nothing reads."""

    name = "agent-dce"
    LEVELS: ClassVar[tuple[str, ...]] = ACTIVATIONS

    def apply_to(self, ctx: Context, root: Operation) -> None:
        """Find what is live inside `root` and remove the rest."""
        live = _Liveness(root, Acting(root))
        live.find()
        ops = [op for op in walk_ops(root) if op is not root]
        self._explain(ops, live)
        for op in reversed([op for op in ops if isinstance(op, ControlOp) and op in live.ops]):
            self._drop_results(op, live)
        outermost = [op for op in ops if live.is_outermost_dead(op)]
        for op in reversed(outermost):
            self.count("operations removed", sum(1 for _ in walk_ops(op)))
            Rewriter.erase_op(op)

    def _explain(self, ops: list[Operation], live: "_Liveness") -> None:
        for op in ops:
            if not isinstance(op, AgentOp):
                continue
            if op in live.ops:
                if op.result.first_use is None:
                    self.remark(op, f"agent `{op.agent_id}` stays although unread: it acts")
                continue
            self.count("agents removed")
            self.remark(op, f"agent `{op.agent_id}` is removed: nothing reads its result")
            if op.JUDGES:
                self.report(RemovedAgent(point_of(op), op.agent_id))

    def _drop_results(self, op: ControlOp, live: "_Liveness") -> None:
        kept = [i for i, result in enumerate(op.results) if result in live.values]
        if len(kept) == len(op.results):
            return
        self.count("results dropped", len(op.results) - len(kept))
        new = with_results(op, kept)
        # The readers of a dropped result are removed after this.
        values: list[SSAValue | None] = [None] * len(op.results)
        for index, result in zip(kept, new.results, strict=True):
            values[index] = result
        Rewriter.replace_op(op, new, values, safe_erase=False)
        live.ops.add(new)


def is_end(op: Operation) -> bool:
    """Return whether `op` ends a block."""
    return op.has_trait(IsTerminator, value_if_unregistered=False)


@dataclass
class _Liveness:
    """Which ops have to stay, and which results of control flow are read."""

    root: Operation
    acting: Acting
    ops: set[Operation] = field(default_factory=set[Operation])
    values: set[SSAValue] = field(default_factory=set[SSAValue])
    todo: list[Operation | SSAValue] = field(default_factory=list[Operation | SSAValue])

    def find(self) -> None:
        """Mark everything that is live."""
        self.ops.add(self.root)
        self.todo += [end.operands[i] for end in _ends(self.root) for i in range(len(end.operands))]
        self.todo += [op for op in walk_ops(self.root) if self.acting.acts_itself(op)]
        while self.todo:
            item = self.todo.pop()
            if isinstance(item, Operation):
                self._mark_op(item)
            else:
                self._mark_value(item)

    def is_outermost_dead(self, op: Operation) -> bool:
        """Return whether `op` can go and stands in something that stays."""
        return op not in self.ops and op.parent_op() in self.ops and not is_end(op)

    def _mark_op(self, op: Operation) -> None:
        if op in self.ops:
            return
        self.ops.add(op)
        self.todo += op.operands
        around = op.parent_op()
        if around is not None:
            self.todo.append(around)
        if not isinstance(op, ControlOp):
            self.todo += _ends(op)
        elif isinstance(op, TryOp) and self._handler_acts(op):
            self._mark_all_results(op)

    def _mark_value(self, value: SSAValue) -> None:
        owner = value.owner
        if value in self.values or isinstance(owner, Block):
            return
        self.values.add(value)
        self.todo.append(owner)
        if isinstance(owner, TryOp):
            self._mark_all_results(owner)
        elif isinstance(owner, ControlOp):
            position = owner.results.index(value)
            self.todo += [end.operands[position] for end in _ends(owner)]

    def _mark_all_results(self, op: TryOp) -> None:
        self.values.update(op.results)
        self.todo += [value for end in _ends(op) for value in end.operands]

    def _handler_acts(self, op: TryOp) -> bool:
        return any(self.acting.acts(inner) for inner in _ops_in(op.handler))


def _ops_in(region: Region) -> Iterator[Operation]:
    for block in region.blocks:
        yield from block.ops


def _ends(op: Operation) -> list[Operation]:
    """Return the terminators of the regions of `op`."""
    blocks = [block for region in op.regions for block in region.blocks]
    return [block.last_op for block in blocks if block.last_op is not None]
