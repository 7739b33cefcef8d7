"""How values of one printed function are used: what is read, how often, and what stands for what.

A first walk, in program order, finds values that are only another name of a value:

    the argument of a step that is pasted in place   what the edge passes
    the argument of a process                        its input
    the result of a process that cannot fail         what its body yields
    a field of a record that is made here            the value of that field

A second walk, backwards, counts the uses of the values that are left. What nobody reads and does
nothing is not printed.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

from xdsl.ir import Attribute, Block, Operation, SSAValue

from kumeo.backends.python.exits import Exit, find_exit
from kumeo.backends.python.narrow import Narrow, narrow_values, projected
from kumeo.backends.python.proofs import cannot_fail
from kumeo.dialects.agent import (
    AgentOp,
    BranchOp,
    DecideOp,
    FailureOfOp,
    ObserveOp,
    ProcessOp,
    StageEnd,
    SwitchOp,
    WatchOp,
)
from kumeo.dialects.agent.stages import INLINE, PARK
from kumeo.dialects.base import KumeoOp
from kumeo.dialects.data import (
    INT,
    CastOp,
    CoalesceOp,
    ConstantOp,
    GetOp,
    OptionType,
    RecordOp,
    RecordType,
    RemOp,
)
from kumeo.dialects.data.op import DataOp
from kumeo.dialects.data.ops_lists import ListRegionOp
from kumeo.dialects.facts import facts_of
from kumeo.dialects.messaging import JournalOp
from kumeo.dialects.workflow import ForeachOp, IfOp, MatchOp, TryOp
from kumeo.dialects.workflow.control import ControlOp


@dataclass(frozen=True)
class Step:
    """A body that control goes to: its arguments, and which of them may be failures."""

    name: str
    block: Block
    failing: tuple[bool, ...]


@dataclass
class Uses:
    """What is known about the values of one function."""

    pasted: Mapping[str, Step]
    """The steps that are printed in the place of the edge to them."""
    alias: dict[SSAValue, SSAValue] = field(default_factory=dict[SSAValue, SSAValue])
    safe: set[SSAValue] = field(default_factory=set[SSAValue])
    """Values that never fail, whatever happens."""
    count: Counter[SSAValue] = field(default_factory=Counter[SSAValue])
    named: set[SSAValue] = field(default_factory=set[SSAValue])
    """Values that are read in a way that needs a name."""
    exits: dict[SSAValue, Exit] = field(default_factory=dict[SSAValue, Exit])
    """Values whose failure ends the handler; behind that they are safe."""
    narrow: dict[SSAValue, Narrow] = field(default_factory=dict[SSAValue, Narrow])
    """Records of which only one field is there."""
    proven: set[Operation] = field(default_factory=set[Operation])
    """Operations that could fail in general but cannot here."""
    live: set[Operation] = field(default_factory=set[Operation])
    _loops: dict[SSAValue, set[Operation | None]] = field(
        default_factory=dict[SSAValue, set[Operation | None]]
    )
    _homes: dict[Operation, Operation | None] = field(
        default_factory=dict[Operation, Operation | None]
    )

    @staticmethod
    def of(step: Step, pasted: Mapping[str, Step]) -> "Uses":
        """Return the uses of the values in a step and in what is pasted into it."""
        uses = Uses(pasted)
        for argument, is_failing in zip(step.block.args, step.failing, strict=True):
            if not is_failing:
                uses.safe.add(argument)
        for argument in step.block.args:
            uses._look_for_exit(argument)
        uses._name_block(step.block)
        narrow_values(uses, step.block)
        uses._count_block(step.block, None)
        uses._count_exits(step.block.args, None)
        return uses

    def resolve(self, value: SSAValue) -> SSAValue:
        """Return the value that `value` is another name of."""
        while value in self.alias:
            value = self.alias[value]
        return value

    def is_safe(self, value: SSAValue) -> bool:
        """Say whether a value never fails."""
        return self.resolve(value) in self.safe

    def is_read(self, value: SSAValue) -> bool:
        """Say whether something that is printed reads a value."""
        return self.count[value] > 0

    def is_only_name(self, op: Operation) -> bool:
        """Say whether an op is nothing but its body, whose value has the name of its result."""
        return isinstance(op, ProcessOp | JournalOp) and op.results[0] in self.alias

    def is_inlined(self, value: SSAValue) -> bool:
        """Say whether a computation may be printed where its value is read."""
        if self.count[value] != 1 or value in self.named:
            return False
        return self._loops[value] == {self._homes[cast(Operation, value.owner)]}

    # -- the first walk

    def _name_block(self, block: Block) -> None:
        for op in block.ops:
            self._name_op(op)

    def _name_op(self, op: Operation) -> None:
        if isinstance(op, ProcessOp):
            self._name_process(op)
            return
        if isinstance(op, JournalOp) and op.agent is not None:
            self._name_block(op.body.block)
            self.alias[op.result] = op.agent.result
            return
        if isinstance(op, StageEnd):
            self._name_edges(op)
            return
        self._name_regions(op)
        if isinstance(op, GetOp):
            self._name_field(op)
        if cannot_fail(op, self.resolve):
            self.proven.add(op)
        if self._never_fails(op):
            self.safe.update(op.results)
        for result in op.results:
            self._look_for_exit(result)

    def _name_regions(self, op: Operation) -> None:
        for region in op.regions:
            for block in region.blocks:
                if isinstance(op, KumeoOp) and op.ARGUMENTS_NEVER_FAIL:
                    self.safe.update(block.args)
                self._name_block(block)

    def _look_for_exit(self, value: SSAValue) -> None:
        """Note that a failure of the value ends the handler, if it does."""
        if value in self.safe or value in self.alias or isinstance(value.owner, FailureOfOp):
            return
        found = find_exit(value, self)
        if found is not None:
            self.exits[value] = found
            self.safe.add(value)

    def _name_process(self, op: ProcessOp) -> None:
        for argument, operand in zip(op.body.block.args, op.inputs, strict=True):
            self.alias[argument] = operand
            if not self.is_safe(operand):
                # Behind the guards of the inputs the argument is no failure.
                del self.alias[argument]
                self.safe.add(argument)
        self._name_block(op.body.block)
        for block in () if op.fallback is None else op.fallback.blocks:
            self._name_block(block)
        last = op.body.block.last_op
        assert last is not None, "the verifier checks the end of the body"
        if all(map(self.is_safe, op.inputs)) and self.is_safe(last.operands[0]):
            self.alias[op.result] = last.operands[0]
        else:
            self._look_for_exit(op.result)

    def _name_edges(self, op: StageEnd) -> None:
        for edge in op.edges:
            step = self.pasted.get(edge.target or "") if edge.mode == INLINE else None
            if step is None:
                continue
            for argument, value in zip(step.block.args, edge.values, strict=True):
                self.alias[argument] = value
            self._name_block(step.block)

    def _name_field(self, op: GetOp) -> None:
        made = self.resolve(op.base).owner
        if not isinstance(made, RecordOp):
            return
        position = made.names.index(op.field.data)
        others = [value for index, value in enumerate(made.values) if index != position]
        if all(map(self.is_safe, others)):
            self.alias[op.result] = made.values[position]

    def _never_fails(self, op: Operation) -> bool:
        if isinstance(op, KumeoOp) and op.RESULTS_NEVER_FAIL:
            return True
        if isinstance(op, DecideOp):
            is_total = op.mode.data == "first_match" and op.default is not None
            return is_total and all(map(self.is_safe, op.inputs))
        is_pure = isinstance(op, DataOp) and (op in self.proven or not op.can_fail())
        if not is_pure and not isinstance(op, ControlOp):
            return False
        yielded = (
            value
            for region in op.regions
            for block in region.blocks
            if block.last_op is not None
            for value in block.last_op.operands
        )
        return all(map(self.is_safe, (*op.operands, *yielded)))

    # -- the second walk

    def _count_block(self, block: Block, loop: Operation | None) -> None:
        for op in reversed(list(block.ops)):
            if op.next_op is not None or isinstance(op, StageEnd):
                self._count_op(op, loop)

    def _count_op(self, op: Operation, loop: Operation | None) -> None:
        self._homes[op] = loop
        if self.is_only_name(op):
            self._count_block(op.regions[0].block, loop)
            return
        self._count_exits(op.results, loop)
        is_needed = isinstance(op, StageEnd) or not facts_of(op).discardable
        if not is_needed and not any(self.count[result] for result in op.results):
            return
        self.live.add(op)
        self._count_regions(op, loop)
        if isinstance(op, StageEnd):
            self._count_edges(op, loop)
            return
        if isinstance(op, FailureOfOp) or is_observed_at_end(op):
            return
        for operand in op.operands:
            self.use(operand, loop)
        self._count_names(op)

    def _count_exits(self, values: Sequence[SSAValue], loop: Operation | None) -> None:
        """An exit that observes the failure is a use of the value."""
        for value in values:
            found = self.exits.get(value)
            if found is not None and found.is_observed:
                self.use(value, loop)

    def _count_edges(self, op: StageEnd, loop: Operation | None) -> None:
        for edge in op.edges:
            step = self.pasted.get(edge.target or "") if edge.mode == INLINE else None
            if step is not None:
                self._count_block(step.block, loop)
                continue
            for value in (*edge.values, *(edge.values if edge.mode == PARK else ())):
                self.use(value, loop)
        heads = len(op.operands) - len(op.passed)
        for value in op.operands[:heads]:
            self.use(value, loop)

    def _count_regions(self, op: Operation, loop: Operation | None) -> None:
        inner = op if isinstance(op, ForeachOp | ListRegionOp) else loop
        for region in reversed(op.regions):
            for block in region.blocks:
                last = block.last_op
                for index, value in enumerate(() if last is None else last.operands):
                    if self._is_yield_read(op, index):
                        self._use_yielded(op, index, value, inner)
                self._count_block(block, inner)

    def _use_yielded(
        self, op: Operation, index: int, value: SSAValue, loop: Operation | None
    ) -> None:
        """Count the use of what a region yields: a part of it where that is enough."""
        part: object = value
        if index < len(op.results) and op.results[index] in self.narrow:
            part = projected(self, op.results[index], value)
        if isinstance(part, SSAValue):
            self.use(part, loop)

    def kind_of(self, value: SSAValue) -> Attribute:
        """Return the type of what the local of a value holds."""
        found = self.narrow.get(value)
        return value.type if found is None else found.kind

    def _is_yield_read(self, op: Operation, index: int) -> bool:
        """Say whether what a region yields at a position matters."""
        if isinstance(op, IfOp | MatchOp | ForeachOp):
            return self.is_read(op.outputs[index])
        if isinstance(op, WatchOp):
            return self.is_read(op.outputs[index])
        return True

    def _count_names(self, op: Operation) -> None:
        """Note the operands that are read twice in one expression."""
        match op:
            case CoalesceOp():
                self.named.add(self.resolve(op.value))
            case GetOp() if isinstance(op.base.type, OptionType):
                self.named.add(self.resolve(op.base))
            case RemOp() if op.lhs.type == INT and not op.can_fail():
                self.named.add(self.resolve(op.lhs))
            case CastOp() if _reads_parts(op):
                self.named.add(self.resolve(op.value))
            case _:
                return

    def use(self, value: SSAValue, loop: Operation | None) -> None:
        """Count one use of a value."""
        found = self.resolve(value)
        self.count[found] += 1
        self._loops.setdefault(found, set()).add(loop)


def is_observed_at_end(op: Operation) -> bool:
    """Say whether the branch that ends the stage looks at the value that an op observes."""
    if not isinstance(op, ObserveOp):
        return False
    parent = op.parent_block()
    last = None if parent is None else parent.last_op
    return isinstance(last, BranchOp | SwitchOp) and last.operands[0] is op.value


def _reads_parts(op: CastOp) -> bool:
    return isinstance(op.value.type, RecordType | OptionType)


def is_scalar_constant(value: SSAValue) -> bool:
    """Say whether a value is a constant that is printed wherever it is read."""
    owner = value.owner
    return isinstance(owner, ConstantOp)


def agents_in(blocks: Sequence[Block]) -> list[AgentOp]:
    """Return the agents in blocks, in program order."""
    return [op for block in blocks for op in block.walk() if isinstance(op, AgentOp)]


__all__ = ["Step", "TryOp", "Uses", "agents_in", "is_scalar_constant"]
