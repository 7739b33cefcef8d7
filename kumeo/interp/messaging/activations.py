"""One run of a handler: the interpreter's own rules, but agents from outside are effects.

An agent that computes runs as everywhere. One that is not deterministic asks its worker: that reads
the journal, calls and records, and each of these steps is an effect at which the process may end.
The answer of each call is another one, so a run that does not read the journal takes another way.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import GeneratorType
from typing import Any, NamedTuple, Protocol

from xdsl.ir import Operation

from kumeo.dialects.agent import INLINE, AgentOp, AggregateOp, ReviewOp
from kumeo.dialects.facts import own_facts
from kumeo.dialects.messaging import JournalOp
from kumeo.dialects.settings import from_setting
from kumeo.interp import agents
from kumeo.interp.evaluate import Frame, Program, Routine, Rule, Scope, Step, first_failure
from kumeo.interp.messaging.clock import Effects
from kumeo.interp.reviews import TIMEOUT, after_timeout
from kumeo.interp.session import Activation
from kumeo.interp.stages import Way, step_after, way_out
from kumeo.interp.values import Failure, Value
from kumeo.interp.world import CallKey, Event


class Meta(NamedTuple):
    """What a message says about its activation."""

    event: Event
    now_us: int
    config: dict[str, Value]
    first: Failure | None
    key: str
    route: tuple[str, ...]
    """The handlers that the token has passed."""


class Worker(Protocol):
    """Who runs a handler."""

    def call(self, op: AgentOp, key: CallKey, recorded: bool) -> Effects:
        """Return the outcome of an attempt of an agent."""
        ...

    def apply(self, op: AggregateOp, key: CallKey, values: list[Value], recorded: bool) -> Effects:
        """Return the answer of an aggregate that takes this event into account."""
        ...


@dataclass
class Running(Activation):
    """An activation in one handler."""

    worker: Worker = field(kw_only=True)
    answered: AgentOp | None = None
    """The agent whose answers came with the message."""
    answers: Mapping[int, Value] = field(default_factory=dict[int, Value])


def run_body(activation: Running, scope: Scope, values: list[Value]) -> Effects:
    """Run a handler and the steps that follow; return the way over an edge, or None."""
    block = activation.body.body.block
    while True:
        program = activation.session.program(block)
        frame = Frame(program.registers(), activation, scope)
        frame.write(program.main.arguments, values)
        yield from drive(program.main.run(frame))
        way: Way | None = way_out(program, frame)
        if way is None or way.mode != INLINE:
            return way
        block, values = step_after(program, way.target).body.block, way.values


def drive(routine: Routine) -> Effects:
    """Run a routine and all that it asks for; what is no routine is an effect."""
    stack: list[Any] = [routine]
    value: Any = None
    while stack:
        try:
            asked = stack[-1].send(value)
        except StopIteration:
            stack.pop()
            value = None
            continue
        if asked.__class__ is GeneratorType:
            stack.append(asked)
            value = None
        else:
            value = yield asked


def agent(op: AgentOp, program: Program) -> Step:
    """Run an agent: with effects, unless equal inputs give equal answers."""
    if own_facts(op).deterministic:
        return agents.agent(op, program)
    operands, (result,) = program.slots(op.operands), program.slots([op.result])
    fallback = None if op.fallback is None else program.code(op.fallback)
    attempts = 1 if op.policy is None else op.policy.attempts
    ask = _asking(op)

    def routine(frame: Frame, values: list[Value]) -> Any:
        outcome: Value = None
        for number in range(1, attempts + 1):
            outcome = yield from ask(frame, values, number)
            if not isinstance(outcome, Failure):
                break
        if isinstance(op, ReviewOp) and isinstance(outcome, Failure) and outcome.code == TIMEOUT:
            more = None
            if _escalates(op):
                more = yield from ask(frame, values, attempts + 1)
            now_us = frame.activation.now_us
            outcome = after_timeout(op, outcome, values, lambda: more, now_us)
        frame.registers[result] = outcome
        if isinstance(outcome, Failure) and fallback is not None:
            yield agents.fall_back(op, fallback, result, outcome, frame)

    def step(frame: Frame) -> Routine | None:
        values = frame.read(operands)
        cancelled = first_failure(agents.needed(op, values))
        if cancelled is None:
            return routine(frame, values)
        agents.cancel(op, frame, cancelled)
        frame.registers[result] = cancelled
        return None

    return step


def _escalates(op: ReviewOp) -> bool:
    setting = op.settings.data.get("on_timeout")
    return setting is not None and from_setting(setting) == "escalate"


def _asking(op: AgentOp) -> Callable[[Frame, list[Value], int], Effects]:
    """Return what makes one attempt."""
    recorded = isinstance(op.parent_op(), JournalOp)

    def ask(frame: Frame, values: list[Value], number: int) -> Effects:
        activation = frame.activation
        assert isinstance(activation, Running), "the simulation makes no others"
        if activation.answered is op:
            return activation.answers.get(number, _NOBODY)
        event = activation.event.id
        key = CallKey(event, frame.prefix + op.site, frame.path, number)
        if isinstance(op, AggregateOp):
            return (yield from activation.worker.apply(op, key, values, recorded))
        return (yield from activation.worker.call(op, key, recorded))

    return ask


_NOBODY = Failure(TIMEOUT, "this message brings no such answer")

RULES: dict[type[Operation], Rule] = {AgentOp: agent}
