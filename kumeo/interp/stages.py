"""The meaning of stages: where a token goes, and the ops that say what is observed.

An activation begins in the entry stage of its source and goes on until it is done. One scope of
observed failures goes with it through all stages, as do its time, configuration and event. Inline
edges, messages and parking mean the same here: they decide where and when a stage runs, not what it
does. A token carries its values one by one, failures too.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeAlias

from xdsl.ir import Block, Operation

from kumeo.dialects.agent import (
    BranchOp,
    FailureOfOp,
    ObserveOp,
    StageEnd,
    StageOp,
    SwitchOp,
    WatchOp,
)
from kumeo.dialects.data.constants import from_attribute
from kumeo.dialects.workflow import OnOp, WorkflowOp
from kumeo.interp.evaluate import Frame, Program, Routine, Rule, Scope, Step
from kumeo.interp.values import Failure, Value

Body: TypeAlias = OnOp | StageOp
"""What events start: a whole program, or the first stage of one."""


class Exit(NamedTuple):
    """How a stage goes on: what chooses an edge, and for each edge its stage and its values."""

    choose: Callable[[Sequence[Value]], int]
    """Returns the edge for the values of all operands."""
    edges: tuple[tuple[str | None, slice], ...]
    """The symbol of the next stage, and which operands it gets."""


def bodies_of(workflow: WorkflowOp) -> list[Body]:
    """Return what events start, in program order."""
    return [
        op
        for op in workflow.body.block.ops
        if isinstance(op, OnOp) or (isinstance(op, StageOp) and op.is_entry)
    ]


def next_stage(program: Program, frame: Frame) -> tuple[Block, list[Value]] | None:
    """Return the body that follows the one that `frame` has run, and its arguments."""
    session, last = program.session, program.body.last_op
    if not isinstance(last, StageEnd):
        return None
    found: Exit = session.once(last, lambda: _exit(last))
    operands = frame.read(program.main.results)
    name, chosen = found.edges[found.choose(operands)] if found.edges else (None, slice(0))
    if name is None:
        return None
    stage = session.symbols[name]
    assert isinstance(stage, StageOp), "the verifier checks what an edge names"
    return stage.body.block, operands[chosen]


def _exit(op: StageEnd) -> Exit:
    start = len(op.operands) - len(op.passed)
    edges: list[tuple[str | None, slice]] = []
    for edge in op.edges:
        end = start + len(edge.values)
        edges.append((edge.target, slice(start, end)))
        start = end
    match op:
        case BranchOp():
            return Exit(_choose_branch, tuple(edges))
        case SwitchOp():
            return Exit(_chooser(op), tuple(edges))
        case _:
            return Exit(_only_way, tuple(edges))


def _only_way(values: Sequence[Value]) -> int:
    return 0


def _choose_branch(values: Sequence[Value]) -> int:
    condition = values[0]
    if isinstance(condition, Failure):
        return 2
    return 0 if condition else 1


def _chooser(op: SwitchOp) -> Callable[[Sequence[Value]], int]:
    kind = op.subject.type
    cases = {
        from_attribute(value, kind): index
        for index, values in enumerate(op.case_values)
        for value in values
    }
    failed = len(op.edges) - 1
    default = failed - 1 if op.default is not None else failed

    def choose(values: Sequence[Value]) -> int:
        subject = values[0]
        return failed if isinstance(subject, Failure) else cases.get(subject, default)

    return choose


def watch(op: WatchOp, program: Program) -> Step:
    """Run the region in a scope of its own and give the first failure observed until now."""
    (before,) = program.slots([op.before])
    first, outputs = program.slots([op.first])[0], program.slots(op.outputs)
    code = program.code(op.body)
    assert code is not None, "the verifier checks that the region has a block"

    def step(frame: Frame) -> Routine:
        inner = frame.inside(Scope())
        yield code.run(inner)
        observed = inner.scope.first
        known = frame.registers[before]
        frame.write(outputs, inner.read(code.results))
        frame.registers[first] = known if known or observed is None else _told(observed)

    return step


def _told(failure: Failure) -> Value:
    """Return what the handler of a `try` gets to know."""
    return {"message": failure.message, "agent": failure.agent or ""}


def observe(op: ObserveOp, program: Program) -> Step:
    """Observe the value if it is a failure."""
    (slot,) = program.slots([op.value])

    def step(frame: Frame) -> None:
        value = frame.registers[slot]
        if isinstance(value, Failure):
            frame.scope.observe(value)

    return step


def failure_of(op: FailureOfOp, program: Program) -> Step:
    """Give the failure that the value holds."""
    (slot,) = program.slots([op.value])
    (result,) = program.slots([op.result])
    none = Failure("no-failure", "the value is not a failure")

    def step(frame: Frame) -> None:
        value = frame.registers[slot]
        frame.registers[result] = value if isinstance(value, Failure) else none

    return step


RULES: dict[type[Operation], Rule] = {WatchOp: watch, ObserveOp: observe, FailureOfOp: failure_of}
