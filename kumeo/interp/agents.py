"""The meaning of the `agent` ops.

All agents follow one course:

1. An operand that is a failure *cancels* the agent: the failure is the result and no call is made.
   If the agent acts, the failure is observed.
2. Up to `policy.attempts` attempts are made, numbered from 1. Each is a call. The first that does
   not fail gives the result. Time-outs and delays take no time here: a failed attempt stands for
   both.
3. If all failed, the fallback region runs and its value is the result. A fallback that yields no
   value has handled the matter, by an emit say: the result is then a failure marked as handled,
   which cancels its readers and is never reported.
4. Without a fallback the result is the last failure.

A person who does not answer in time has a step between 2 and 3: see `reviews.py`.
"""

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from xdsl.ir import Operation

from kumeo.dialects.agent import (
    AgentOp,
    AggregateOp,
    BayesOp,
    DecideOp,
    InferOp,
    ModelOp,
    ProcessOp,
    ReviewOp,
)
from kumeo.dialects.data import RecordType
from kumeo.dialects.data.failures import DataFailure
from kumeo.dialects.settings import strings_of
from kumeo.interp import decide
from kumeo.interp.aggregate import REDUCERS, Aggregate
from kumeo.interp.answers import Compute, agent_name, attempt
from kumeo.interp.evaluate import (
    Code,
    Frame,
    Program,
    Routine,
    Rule,
    Step,
    drive,
    first_failure,
    strict,
)
from kumeo.interp.results import canonical_json
from kumeo.interp.reviews import TIMEOUT, after_timeout
from kumeo.interp.stubs import stub
from kumeo.interp.values import CannotRunError, Failure, Value
from kumeo.interp.wire import from_json, to_json

Work: TypeAlias = Callable[[Any, Program], Compute]
"""Makes the work of one op; agents that are not in `WORK` are answered from outside."""


def agent(op: AgentOp, program: Program) -> Step:
    """Run an agent by the course above."""
    if isinstance(op, InferOp):
        return _infer(op, program)
    make = WORK.get(type(op))
    return _course(op, program, None if make is None else make(op, program))


def _infer(op: InferOp, program: Program) -> Step:
    """Run a numeric program on one event. It is no call: the agents that read it are."""

    def function(*values: Value) -> Value:
        from kumeo.interp.infer import event_row
        from kumeo.interp.infer.files import RunFiles

        try:
            return event_row(op, values, RunFiles(program.session))
        except CannotRunError:
            return from_json(stub(op.result.type, program.session.world.seed, op.site), kind)

    kind = op.result.type
    return strict(op, program, function)


def computed_by(make: Work) -> Rule:
    """Return the rule of a kind of agents that compute their answer: `make` gives their work."""
    return lambda op, program: _course(op, program, make(op, program))


def _course(op: AgentOp, program: Program, compute: Compute | None) -> Step:
    operands = program.slots(op.operands)
    (result,) = program.slots([op.result])
    fallback = None if op.fallback is None else program.code(op.fallback)
    attempts = 1 if op.policy is None else op.policy.attempts

    def step(frame: Frame) -> Routine | None:
        values = frame.read(operands)
        cancelled = first_failure(needed(op, values))
        if cancelled is not None:
            cancel(op, frame, cancelled)
            outcome = cancelled
        else:
            outcome = _try_all(op, compute, values, frame, attempts)
            if isinstance(op, ReviewOp) and isinstance(outcome, Failure):
                outcome = _unanswered(op, outcome, values, frame, attempts)
        frame.registers[result] = outcome
        if isinstance(outcome, Failure) and cancelled is None and fallback is not None:
            return fall_back(op, fallback, result, outcome, frame)
        _trace(op, frame, outcome)
        return None

    return step


def needed(op: AgentOp, values: Sequence[Value]) -> Sequence[Value]:
    """Return the operands whose failure matters: all, but for a decision by first match."""
    return decide.needed(op, values) if isinstance(op, DecideOp) else values


def cancel(op: AgentOp, frame: Frame, failure: Failure) -> None:
    """Observe the failure that cancels an agent, if the agent acts."""
    if frame.activation.session.effects.acts(op):
        frame.scope.observe(failure)


def _try_all(
    op: AgentOp, compute: Compute | None, values: Sequence[Value], frame: Frame, attempts: int
) -> Value:
    outcome: Value = None
    for number in range(1, attempts + 1):
        outcome = attempt(op, compute, values, frame, number)
        if not isinstance(outcome, Failure):
            break
    return outcome


def _unanswered(
    op: ReviewOp, failure: Failure, values: Sequence[Value], frame: Frame, attempts: int
) -> Value:
    if failure.code != TIMEOUT:
        return failure
    now_us = frame.activation.now_us
    return after_timeout(
        op, failure, values, lambda: attempt(op, None, values, frame, attempts + 1), now_us
    )


def fall_back(op: AgentOp, code: Code, result: int, failure: Failure, frame: Frame) -> Routine:
    """Run the fallback of an agent that failed; one without a value has handled the matter."""
    yield code.run(frame)
    handled = Failure(failure.code, failure.message, failure.agent, handled=True)
    value = frame.read(code.results)[0] if code.results else handled
    frame.registers[result] = value
    _trace(op, frame, value)


def _trace(op: AgentOp, frame: Frame, value: Value) -> None:
    session = frame.activation.session
    if session.world.trace == "agents":
        session.keep(op, agent_name(op), frame, value, op.result.type)


def _process(op: ProcessOp, program: Program) -> Compute:
    """Run the region on registers of its own: it sees only its arguments."""
    inner = program.session.program(op.body.block)

    def compute(values: Sequence[Value], frame: Frame) -> Value:
        registers = inner.registers()
        own = Frame(registers, frame.activation, frame.scope, frame.path, frame.prefix)
        own.write(inner.main.arguments, values)
        drive(inner.main.run(own))
        (value,) = own.read(inner.main.results)
        if isinstance(value, Failure):
            raise DataFailure(value.code, value.message)
        return value

    return compute


def _model(op: ModelOp, program: Program) -> Compute:
    """Run the model file; the module with NumPy and ONNX Runtime is loaded by the first call."""

    def compute(values: Sequence[Value], frame: Frame) -> Value:
        from kumeo.interp.models import predict

        return predict(op, program.session, values)

    return compute


def _bayes(op: BayesOp, program: Program) -> Compute:
    """Ask the network; the module with NumPy is loaded by the first call."""

    def compute(values: Sequence[Value], frame: Frame) -> Value:
        from kumeo.interp.networks import ask

        return ask(op, program.session, values)

    return compute


def _decide(op: DecideOp, program: Program) -> Compute:
    """Decide by rules or criteria."""
    return lambda values, frame: decide.decide(op, values)


def _aggregate(op: AggregateOp, program: Program) -> Compute:
    """Apply the event to the state of its key; each site has a state of its own."""
    reducers = [REDUCERS[name] for name in strings_of(op.reducers)]
    kind = op.result.type
    assert isinstance(kind, RecordType), "the verifier checks the result"

    def compute(values: Sequence[Value], frame: Frame) -> Value:
        states = frame.activation.session.aggregates
        state = states.setdefault(frame.prefix + op.site, Aggregate(reducers, op.window_us))
        key = canonical_json(to_json(values[0], op.key.type))
        answer = state.apply(key, frame.activation.now_us, values[1:])
        return dict(zip(kind.names, answer, strict=True))

    return compute


WORK: dict[type[Operation], Work] = {
    ProcessOp: _process,
    ModelOp: _model,
    BayesOp: _bayes,
    DecideOp: _decide,
    AggregateOp: _aggregate,
}

RULES: dict[type[Operation], Rule] = {AgentOp: agent}
"""One rule for all: agents without work, of other packages too, are answered from outside."""
