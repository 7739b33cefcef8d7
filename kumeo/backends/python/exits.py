"""Where a failure ends the whole handler: the rest of the stage does nothing but pass it on.

    floor = f.floor(hours)
    if isinstance(floor, Failure):
        act.observe(floor.blamed_on("enriched"))
        return

Behind such an exit the value is no failure any more, and all that reads it needs no guards. The
exit is right if, were the value a failure, every act in the rest of the stage would be cancelled by
it: then all that the rest does is to observe this one failure, or nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from xdsl.ir import Block, Operation, SSAValue

from kumeo.dialects import data
from kumeo.dialects.agent import (
    AgentOp,
    BranchOp,
    DecideOp,
    DoneOp,
    FailureOfOp,
    GotoOp,
    ObserveOp,
    ProcessOp,
    StageEnd,
    SwitchOp,
)
from kumeo.dialects.agent.stages import DONE, INLINE, Edge
from kumeo.dialects.data.op import DataOp
from kumeo.dialects.facts import facts_of
from kumeo.dialects.messaging import JournalOp
from kumeo.dialects.workflow import EmitOp, ForeachOp, IfOp, MatchOp

if TYPE_CHECKING:
    from kumeo.backends.python.uses import Uses

OPS_MAX = 4_000
"""How many ops are looked at for one value."""


class Exit(NamedTuple):
    """What happens where a value is a failure: it is observed or not, and whose it is."""

    is_observed: bool
    site: str | None


class _Acts(Exception):  # noqa: N818 - ends the search, no error
    """The rest of the stage does something in spite of the failure."""


@dataclass
class _Rest:
    """The rest of a stage, were one value a failure."""

    uses: "Uses"
    poisoned: set[SSAValue]
    """Values that are the failure then."""
    unclear: set[SSAValue] = field(default_factory=set[SSAValue])
    """Values that may be the failure or not."""
    is_observed: bool = False
    left: int = OPS_MAX

    def run(self, ops: Sequence[Operation]) -> None:
        """Follow the failure through ops. Raises: _Acts."""
        for op in ops:
            self.left -= 1
            if self.left < 0:
                raise _Acts
            self._op(op)

    def _op(self, op: Operation) -> None:
        match op:
            case StageEnd():
                self._end(op)
            case JournalOp():
                self.run(list(op.body.block.ops)[:-1])
                self.same(op.result, op.body.block.last_op)
            case EmitOp() | ObserveOp():
                self._act(op)
            case FailureOfOp():
                self._is_like(op.value, op.results)
            case IfOp() | MatchOp() | ForeachOp():
                self._control(op)
            case AgentOp():
                self._agent(op)
            case DataOp():
                self._data(op)
            case _:
                self._other(op)

    def same(self, result: SSAValue, last: Operation | None) -> None:
        """Note that a result is what the end of its region yields."""
        if last is not None:
            self._is_like(last.operands[0], [result])

    def _is_like(self, value: SSAValue, results: Sequence[SSAValue]) -> None:
        if value in self.poisoned:
            self.poisoned.update(results)
        elif value in self.unclear:
            self.unclear.update(results)

    def _act(self, op: EmitOp | ObserveOp) -> None:
        """An act that reads a value is cancelled by the failure, or the exit is wrong."""
        if op.value in self.poisoned:
            self.is_observed = True
        elif isinstance(op, EmitOp) or not self.uses.is_safe(op.value):
            raise _Acts

    def _control(self, op: Operation) -> None:
        head = op.operands[0]
        if head in self.poisoned:
            self.poisoned.update(op.results)
            self.is_observed = self.is_observed or not facts_of(op).discardable
        else:
            self._other(op)

    def _agent(self, op: AgentOp) -> None:
        first = self._first(op.operands)
        is_rules = isinstance(op, DecideOp) and op.operands[0] is not first
        if first is None or is_rules or op.optional_regions():
            self._other(op)
            return
        self.poisoned.add(op.result)
        self.is_observed = self.is_observed or not facts_of(op).discardable

    def _first(self, operands: Sequence[SSAValue]) -> SSAValue | None:
        """Return the operand that is the failure, if none before it can be another one."""
        for value in operands:
            if value in self.poisoned:
                return value
            if value in self.unclear or not self.uses.is_safe(value):
                return None
        return None

    def _data(self, op: DataOp) -> None:
        lazy = (data.AndOp, data.OrOp, data.CoalesceOp, data.SelectOp)
        heads = op.operands[:1] if isinstance(op, lazy) else op.operands
        if self._first(heads) is not None:
            self.poisoned.add(op.result)
        else:
            self._other(op)

    def _other(self, op: Operation) -> None:
        """An op that runs in spite of the failure: it must not act."""
        if not facts_of(op).discardable:
            raise _Acts
        inner = [o for o in op.walk()]
        if any(v in self.poisoned or v in self.unclear for o in inner for v in o.operands):
            self.unclear.update(op.results)

    def _end(self, op: StageEnd) -> None:
        match op:
            case DoneOp():
                return
            case GotoOp():
                self._follow(op.edges[0])
            case BranchOp() | SwitchOp() if op.operands[0] in self.poisoned:
                self._follow(op.edges[-1])
            case _:
                raise _Acts

    def _follow(self, edge: Edge) -> None:
        if edge.mode == DONE:
            return
        step = self.uses.pasted.get(edge.target or "")
        if edge.mode != INLINE or step is None:
            raise _Acts
        for argument, value in zip(step.block.args, edge.values, strict=True):
            self._is_like(value, [argument])
        self.run(list(step.block.ops))


def find_exit(value: SSAValue, uses: "Uses") -> Exit | None:
    """Return how the handler ends if `value` is a failure, or None if it has more to do."""
    owner = value.owner
    block = owner if isinstance(owner, Block) else owner.parent_block()
    begun = None if isinstance(owner, Block) else owner
    rest = _Rest(uses, {value})
    site: str | None = None
    try:
        while block is not None and not isinstance(block.last_op, StageEnd):
            around = block.parent_op()
            if not isinstance(around, ProcessOp | JournalOp) or block is not _body(around):
                return None
            rest.run(_behind(block, begun)[:-1])
            result = around.results[0]
            rest.same(result, block.last_op)
            if result not in rest.poisoned or _has_fallback(around):
                return None
            if isinstance(around, ProcessOp):
                site = site or around.site
            block, begun = around.parent_block(), around
        if block is None:
            return None
        rest.run(_behind(block, begun))
    except _Acts:
        return None
    return Exit(rest.is_observed, site)


def _body(op: ProcessOp | JournalOp) -> Block:
    return op.body.block


def _has_fallback(op: Operation) -> bool:
    return isinstance(op, AgentOp) and bool(op.optional_regions())


def _behind(block: Block, begun: Operation | None) -> list[Operation]:
    """Return the ops of a block behind one of them, or all."""
    ops = list(block.ops)
    return ops if begun is None else ops[ops.index(begun) + 1 :]
