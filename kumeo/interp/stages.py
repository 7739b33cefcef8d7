"""The meaning of stages: where a token goes, and the ops that say what is observed.

An activation begins in the entry stage of its source and goes on until it is done. One scope of
observed failures goes with it through all stages, as do its time, configuration and event. Inline
edges, messages and parking mean the same here: they decide where and when a stage runs, not what it
does. A token carries its values one by one, failures too.

At the level `messaging` bodies are handlers and steps. Between two handlers values go through the
layout of their edge, and the event itself is known further on only if the edge carries it.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from xdsl.ir import Block, Operation

from kumeo.dialects.agent import (
    INLINE,
    BranchOp,
    FailureOfOp,
    ObserveOp,
    StageEnd,
    StageOp,
    SwitchOp,
    WatchOp,
)
from kumeo.dialects.data.constants import from_attribute
from kumeo.dialects.messaging import EdgeOp, HandlerOp, JournalOp, ServiceOp, StepOp
from kumeo.dialects.workflow import OnOp, SourceOp, WorkflowOp
from kumeo.interp.evaluate import Frame, Program, Routine, Rule, Scope, Step
from kumeo.interp.messaging.wire import Layout
from kumeo.interp.values import Failure, Value

if TYPE_CHECKING:
    from kumeo.interp.session import Session

Body: TypeAlias = OnOp | StageOp | HandlerOp
"""What events start: a whole program, or the first piece of one."""


class Exit(NamedTuple):
    """How a stage goes on: what chooses an edge, and for each edge how, where to and with what."""

    choose: Callable[[Sequence[Value]], int]
    """Returns the edge for the values of all operands."""
    edges: tuple[tuple[str, str | None, slice], ...]
    """Mode, symbol of what comes next, and which operands it gets."""


class Way(NamedTuple):
    """The edge on which a token has left a stage."""

    mode: str
    target: str
    values: list[Value]


def bodies_of(workflow: WorkflowOp) -> list[Body]:
    """Return what events start, in program order."""
    found: list[Body] = []
    for op in workflow.body.block.ops:
        if isinstance(op, OnOp) or (isinstance(op, StageOp) and op.is_entry):
            found.append(op)
        elif isinstance(op, ServiceOp):
            found += [handler for handler in op.handlers if _is_started(handler, workflow)]
    return found


def sources_of(body: Body) -> tuple[str, ...]:
    """Return the names of the sources that a body reads."""
    return body.read_names if isinstance(body, HandlerOp) else body.source_names


def _is_started(handler: HandlerOp, workflow: WorkflowOp) -> bool:
    sources = {op.symbol for op in workflow.body.block.ops if isinstance(op, SourceOp)}
    return any(name in sources for name in handler.read_names)


def way_out(program: Program, frame: Frame) -> Way | None:
    """Return how a token goes on from the body that `frame` has run; None when it is done."""
    last = program.body.last_op
    if not isinstance(last, StageEnd):
        return None
    found: Exit = program.session.once(last, lambda: _exit(last))
    if not found.edges:
        return None
    operands = frame.read(program.main.results)
    mode, name, chosen = found.edges[found.choose(operands)]
    return None if name is None else Way(mode, name, operands[chosen])


def next_stage(program: Program, frame: Frame) -> tuple[Block, list[Value]] | None:
    """Return the body that follows the one that `frame` has run, and its arguments."""
    way = way_out(program, frame)
    if way is None:
        return None
    symbols = program.session.symbols
    following = symbols.get(way.target)
    if isinstance(following, StageOp):
        return following.body.block, way.values
    if way.mode == INLINE:
        return step_after(program, way.target).body.block, way.values
    assert isinstance(following, EdgeOp), "the verifier checks what an edge names"
    layout = layout_of(program.session, following)
    values = layout.read(layout.write(way.values))
    handler = reader_of(program.session, following.symbol)
    frame.activation.arrive(handler, following.carries_event is not None)
    return handler.body.block, values


def step_after(program: Program, name: str) -> StepOp:
    """Return a step of the service that a body stands in."""
    body = program.body.parent_op()
    service = None if body is None else body.parent_op()
    assert isinstance(service, ServiceOp), "the verifier checks where handlers and steps stand"
    return program.session.once((service, name), lambda: service.steps[name])


def layout_of(session: "Session", edge: EdgeOp) -> Layout:
    """Return the layout of the messages of an edge."""
    return session.once(edge, lambda: Layout(edge))


def reader_of(session: "Session", edge: str) -> HandlerOp:
    """Return the handler that reads an edge: there is exactly one."""
    return session.once(("reader", edge), lambda: _readers(session.workflow)[edge])


def _readers(workflow: WorkflowOp) -> dict[str, HandlerOp]:
    services = [op for op in workflow.body.block.ops if isinstance(op, ServiceOp)]
    handlers = [handler for service in services for handler in service.handlers]
    return {name: handler for handler in handlers for name in handler.read_names}


def _exit(op: StageEnd) -> Exit:
    start = len(op.operands) - len(op.passed)
    edges: list[tuple[str, str | None, slice]] = []
    for edge in op.edges:
        end = start + len(edge.values)
        edges.append((edge.mode, edge.target, slice(start, end)))
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


def journal(op: JournalOp, program: Program) -> Step:
    """Run the agent inside: without faults every attempt is made once, recorded or not."""
    (result,) = program.slots([op.result])
    code = program.code(op.body)
    assert code is not None, "the verifier checks that the region has a block"

    def step(frame: Frame) -> Routine:
        yield code.run(frame)
        frame.write((result,), frame.read(code.results))

    return step


RULES: dict[type[Operation], Rule] = {
    WatchOp: watch,
    ObserveOp: observe,
    FailureOfOp: failure_of,
    JournalOp: journal,
}
