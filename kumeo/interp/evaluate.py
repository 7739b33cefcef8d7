"""How a program is executed: blocks of steps, registers, and rules that turn ops into steps.

    rule:     (op, program) -> step      made once per op, when its block first runs
    step:     (frame) -> None            an op without control: reads and writes registers
              (frame) -> routine         an op that runs regions
    routine:  a generator; each routine that it yields is run to its end before it goes on

Failure is a value: `strict` makes the step of every op that needs all its operands. A failing
operand becomes the result, and the operation itself is not tried.

Nesting of regions and calls is kept on an explicit stack by `drive`, never on Python's own.
"""

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias

from xdsl.ir import Block, Operation, Region, SSAValue

from kumeo.dialects.data.failures import DataFailure
from kumeo.interp.values import Failure, Path, Value

if TYPE_CHECKING:
    from kumeo.interp.session import Activation, Session

Routine: TypeAlias = Generator["Routine", None, None]
Step: TypeAlias = Callable[["Frame"], Routine | None]
Rule: TypeAlias = Callable[[Any, "Program"], Step]
Rules: TypeAlias = Mapping[type[Operation], Rule]


def drive(routine: Routine) -> None:
    """Run a routine and all the routines it asks for."""
    stack = [routine]
    while stack:
        asked = next(stack[-1], None)
        if asked is None:
            stack.pop()
        else:
            stack.append(asked)


@dataclass
class Scope:
    """Where failures are observed: an activation, or the body of a `try`."""

    first: Failure | None = None
    """The first observed failure in program order."""

    def observe(self, failure: Failure) -> None:
        """Take notice of a failure. Later ones and handled ones make no difference."""
        if self.first is None and not failure.handled:
            self.first = failure


@dataclass(frozen=True, slots=True)
class Frame:
    """Where execution stands: the values so far, and the place in the program."""

    registers: list[Value]
    activation: "Activation"
    scope: Scope
    path: Path = ()
    prefix: str = ""
    """The sites of the enclosing `workflow.call`s, each followed by `/`."""

    def read(self, slots: Sequence[int]) -> list[Value]:
        """Return the values of some registers."""
        registers = self.registers
        return [registers[slot] for slot in slots]

    def write(self, slots: Sequence[int], values: Sequence[Value]) -> None:
        """Set registers."""
        for slot, value in zip(slots, values, strict=True):
            self.registers[slot] = value

    def fail(self, slots: Sequence[int], failure: Failure) -> None:
        """Set registers to a failure."""
        for slot in slots:
            self.registers[slot] = failure

    def inside(self, scope: Scope) -> "Frame":
        """Return this frame with another scope; the registers are the same list."""
        return replace(self, scope=scope)

    def at_index(self, index: int) -> "Frame":
        """Return this frame one iteration deeper; the registers are the same list."""
        return replace(self, path=(*self.path, index))


class Code:
    """One block, ready to run. Branches that never run are never prepared."""

    def __init__(self, block: Block, program: "Program") -> None:
        self._block = block
        self._program = program
        last = block.last_op
        self.arguments = program.slots(block.args)
        self.results = () if last is None else program.slots(last.operands)
        """Registers of the values that the terminator yields."""

    @cached_property
    def steps(self) -> list[Step]:
        """The steps of all ops but the terminator."""
        ops = list(self._block.ops)[:-1]
        return [self._program.link(op) for op in ops]

    def run(self, frame: Frame) -> Routine:
        """Run the block; afterwards the registers in `results` hold what it yields."""
        for step in self.steps:
            asked = step(frame)
            if asked is not None:
                yield asked


@dataclass
class Program:
    """One isolated body with a register for each value in it, nested regions included."""

    body: Block
    session: "Session"
    numbers: dict[SSAValue, int] = field(default_factory=dict[SSAValue, int])

    def __post_init__(self) -> None:
        for value in values_in(self.body):
            self.numbers[value] = len(self.numbers)

    @cached_property
    def main(self) -> Code:
        """The body itself."""
        return Code(self.body, self)

    def registers(self) -> list[Value]:
        """Return a fresh list of registers."""
        return [None] * len(self.numbers)

    def slots(self, values: Sequence[SSAValue]) -> tuple[int, ...]:
        """Return the registers of values."""
        return tuple(self.numbers[value] for value in values)

    def code(self, region: Region) -> Code | None:
        """Return the code of a region, or None when it is empty."""
        block = region.blocks.first
        return None if block is None else Code(block, self)

    def link(self, op: Operation) -> Step:
        """Return the step that executes `op`."""
        rule = rule_of(self.session.rules, type(op))
        return self.session.traced(op, rule(op, self), self.slots(op.results))


def rule_of(rules: Rules, kind: type[Operation]) -> Rule:
    """Return the rule of a class of ops, else that of the nearest class that it extends."""
    return next((rules[cls] for cls in kind.__mro__ if cls in rules), without_meaning)


def values_in(body: Block) -> Iterator[SSAValue]:
    """Yield every value that a body defines."""
    blocks = [body]
    while blocks:
        block = blocks.pop()
        yield from block.args
        for op in block.ops:
            yield from op.results
            blocks.extend(inner for region in op.regions for inner in region.blocks)


def strict(op: Operation, program: Program, function: Callable[..., Value]) -> Step:
    """Return the step of an op with one result that needs all its operands.

    The first failing operand, in order, is the result. `function` may raise DataFailure.
    """
    operands = program.slots(op.operands)
    (result,) = program.slots(op.results)

    def step(frame: Frame) -> None:
        registers = frame.registers
        values = [registers[slot] for slot in operands]
        for value in values:
            if value.__class__ is Failure:
                registers[result] = value
                return
        try:
            registers[result] = function(*values)
        except DataFailure as failure:
            registers[result] = Failure(failure.code, failure.message)
        except RecursionError:
            registers[result] = Failure("too-deep", "the value is nested too deeply")

    return step


def first_failure(values: Sequence[Value]) -> Failure | None:
    """Return the first value that is a failure, in order."""
    for value in values:
        if isinstance(value, Failure):
            return value
    return None


def without_meaning(op: Operation, program: Program) -> Step:
    """Return the step of an op that has no rule: its results fail."""
    results = program.slots(op.results)
    failure = Failure("not-executable", f"the interpreter has no rule for `{op.name}`")

    def step(frame: Frame) -> None:
        frame.fail(results, failure)

    return step
