"""The meaning of the `workflow` ops: emits, conditions, loops, `try` and calls."""

from collections.abc import Callable
from typing import Any, TypeAlias

from xdsl.dialects.builtin import IntegerAttr, StringAttr
from xdsl.ir import Attribute, Operation, Region

from kumeo.dialects.data import BOOL
from kumeo.dialects.data.failures import DataFailure
from kumeo.dialects.workflow import (
    CallOp,
    EmitOp,
    ForeachOp,
    IfOp,
    MatchOp,
    NowOp,
    ReadConfigOp,
    TryOp,
)
from kumeo.interp.evaluate import Code, Frame, Program, Routine, Rule, Scope, Step, first_failure
from kumeo.interp.results import Emitted, emit_id
from kumeo.interp.session import subworkflow
from kumeo.interp.values import Failure, Value
from kumeo.interp.wire import to_json

Choose: TypeAlias = Callable[[Value], Code | None]
"""Returns the code for a subject, or None when no case handles it."""


def emit(op: EmitOp, program: Program) -> Step:
    """Send the value. A failure is observed instead, also when the value has no JSON form."""
    (slot,) = program.slots([op.value])
    kind = op.value.type

    def step(frame: Frame) -> None:
        value = frame.registers[slot]
        try:
            payload = value if isinstance(value, Failure) else to_json(value, kind)
        except DataFailure as failure:
            payload = Failure(failure.code, failure.message)
        if isinstance(payload, Failure):
            frame.scope.observe(payload)
            return
        _send(op, frame, payload)

    return step


def _send(op: EmitOp, frame: Frame, payload: Any) -> None:
    session, event = frame.activation.session, frame.activation.event
    site = frame.prefix + op.site
    id = emit_id(session.workflow.symbol, event.source, event.id, site, frame.path)
    session.run.emitted.append(Emitted(id, site, frame.path, op.target_name, payload, event.id))


def if_else(op: IfOp, program: Program) -> Step:
    """Run one of two regions."""
    then, otherwise = program.code(op.then_region), program.code(op.else_region)
    return _choice(op, program, lambda value: then if value else otherwise)


def match(op: MatchOp, program: Program) -> Step:
    """Run the region whose case holds the subject, else the default region."""
    cases: dict[Value, Code | None] = {}
    read = _flag if op.subject.type == BOOL else _plain
    for constants, region in zip(op.case_values, op.case_regions, strict=True):
        code = program.code(region)
        cases.update((read(constant), code) for constant in constants)
    default = None if op.default_region is None else program.code(op.default_region)
    return _choice(op, program, lambda value: cases.get(value, default))


def _flag(constant: Attribute) -> bool:
    """Return the boolean of a case; true is written as 1 or as -1."""
    return _plain(constant) != 0


def _plain(constant: Attribute) -> Value:
    """Return the value of a case: text of strings and enums, numbers of integers."""
    if isinstance(constant, StringAttr):
        return constant.data
    assert isinstance(constant, IntegerAttr), "the verifier checks the kinds of cases"
    return constant.value.data


def _choice(op: Operation, program: Program, choose: Choose) -> Step:
    """Return the step of an op that runs the region chosen by its only operand."""
    (subject,) = program.slots(op.operands)
    results = program.slots(op.results)
    acts = _acts(op, program)

    def step(frame: Frame) -> Routine | None:
        value = frame.registers[subject]
        if isinstance(value, Failure):
            return _not_chosen(frame, results, value, acts)
        code: Code | None = choose(value)
        if code is None:
            missing = Failure("no-case", f"no case handles {value!r}")
            return _not_chosen(frame, results, missing, acts)
        return _branch(code, results, frame)

    return step


def _branch(code: Code, results: tuple[int, ...], frame: Frame) -> Routine:
    yield code.run(frame)
    frame.write(results, frame.read(code.results))


def _not_chosen(frame: Frame, results: tuple[int, ...], failure: Failure, acts: bool) -> None:
    """A condition failed: nothing runs, and if something would have acted, that is observed."""
    frame.fail(results, failure)
    if acts:
        frame.scope.observe(failure)


def _acts(op: Operation, program: Program) -> bool:
    return any(program.session.effects.region_acts(region) for region in op.regions)


def foreach(op: ForeachOp, program: Program) -> Step:
    """Run the body for every element, in order; the lowest failing index fails a result."""
    (items,) = program.slots([op.items])
    results = program.slots(op.outputs)
    code = _body(op.body, program)
    acts = _acts(op, program)

    def routine(frame: Frame, elements: list[Value]) -> Routine:
        rows: list[list[Value]] = []
        for index, element in enumerate(elements):
            inner = frame.at_index(index)
            inner.write(code.arguments, [element])
            yield code.run(inner)
            rows.append(inner.read(code.results))
        for position, result in enumerate(results):
            column = [row[position] for row in rows]
            frame.registers[result] = first_failure(column) or column

    def step(frame: Frame) -> Routine | None:
        value = frame.registers[items]
        if isinstance(value, Failure):
            return _not_chosen(frame, results, value, acts)
        return routine(frame, value)

    return step


def try_catch(op: TryOp, program: Program) -> Step:
    """Run the body to its end; if it observed a failure, the handler gives the results."""
    body, handler = _body(op.body, program), _body(op.handler, program)
    results = program.slots(op.outputs)

    def step(frame: Frame) -> Routine:
        inner = frame.inside(Scope())
        yield body.run(inner)
        values = inner.read(body.results)
        for value in values:
            if isinstance(value, Failure):
                inner.scope.observe(value)
        failure = inner.scope.first
        if failure is not None:
            error = {"message": failure.message, "agent": failure.agent or ""}
            frame.write(handler.arguments, [error])
            yield handler.run(frame)
            values = frame.read(handler.results)
        frame.write(results, values)

    return step


def _body(region: Region, program: Program) -> Code:
    code = program.code(region)
    assert code is not None, "the verifier checks that the region has a block"
    return code


def call(op: CallOp, program: Program) -> Step:
    """Run a subworkflow in this activation and scope; its sites get the call's site in front."""
    arguments = program.slots(op.arguments)
    results = program.slots(op.outputs)
    site, callee = op.site, op.callee_name

    def step(frame: Frame) -> Routine:
        called = subworkflow(frame.activation.session, callee)
        prefix = f"{frame.prefix}{site}/"
        inner = Frame(called.registers(), frame.activation, frame.scope, frame.path, prefix)
        inner.write(called.main.arguments, frame.read(arguments))
        yield called.main.run(inner)
        frame.write(results, inner.read(called.main.results))

    return step


def config_value(op: ReadConfigOp, program: Program) -> Step:
    """Read a configuration value as it was when the activation began."""
    (result,) = program.slots([op.result])
    name = op.config_name

    def step(frame: Frame) -> None:
        frame.registers[result] = frame.activation.config[name]

    return step


def now(op: NowOp, program: Program) -> Step:
    """Read the time of the activation."""
    (result,) = program.slots([op.result])

    def step(frame: Frame) -> None:
        frame.registers[result] = frame.activation.now_us

    return step


RULES: dict[type[Operation], Rule] = {
    EmitOp: emit,
    IfOp: if_else,
    MatchOp: match,
    ForeachOp: foreach,
    TryOp: try_catch,
    CallOp: call,
    ReadConfigOp: config_value,
    NowOp: now,
}
