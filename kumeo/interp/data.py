"""The meaning of the `data` ops.

What an op computes from plain values is written once, in `kumeo.dialects.data` (`op.evaluate`).
Here stands what it does with failures. All ops are strict but these:

    data.and, data.or     the right operand matters only if the left one does not decide
    data.coalesce         the default matters only if the first operand is null
    data.select           only the condition and the chosen operand matter
    data.all, data.any    items after the first that decides do not matter
"""

from collections.abc import Callable
from typing import Any

from xdsl.ir import Operation

from kumeo.dialects.data import (
    AllOp,
    AndOp,
    AnyOp,
    CoalesceOp,
    ConstantOp,
    FilterOp,
    FormatOp,
    MapListOp,
    OrOp,
    SelectOp,
)
from kumeo.dialects.data.constants import from_attribute
from kumeo.dialects.data.op import DataOp
from kumeo.interp.evaluate import Code, Frame, Program, Routine, Rule, Step, first_failure, strict
from kumeo.interp.values import Failure, Value


def plain(op: DataOp, program: Program) -> Step:
    """Compute by the op's own meaning; failing operands go first."""
    return strict(op, program, op.evaluate)


def constant(op: ConstantOp, program: Program) -> Step:
    """Set the register to the constant."""
    (result,) = program.slots(op.results)
    value = from_attribute(op.value, op.result.type)

    def step(frame: Frame) -> None:
        frame.registers[result] = value

    return step


def text(op: FormatOp, program: Program) -> Step:
    """Render the template; the module with Jinja2 is loaded by the first rendering."""
    template, names = op.template.data, op.names
    types = [value.type for value in op.values]

    def function(*values: Value) -> str:
        from kumeo.interp.prompts import render

        return render(template, names, values, types)

    return strict(op, program, function)


def _decided_by(decides: Callable[[Value], bool]) -> Rule:
    """Return the rule of an op whose first operand is the result if it fails or decides."""

    def rule(op: Operation, program: Program) -> Step:
        first, second = program.slots(op.operands)
        (result,) = program.slots(op.results)

        def step(frame: Frame) -> None:
            registers = frame.registers
            value = registers[first]
            enough = isinstance(value, Failure) or decides(value)
            registers[result] = value if enough else registers[second]

        return step

    return rule


def select(op: SelectOp, program: Program) -> Step:
    """Take one of two values; a failed condition fails."""
    condition, yes, no = program.slots(op.operands)
    (result,) = program.slots(op.results)

    def step(frame: Frame) -> None:
        registers = frame.registers
        value = registers[condition]
        if not isinstance(value, Failure):
            value = registers[yes if value else no]
        registers[result] = value

    return step


def _over_items(collect: "Collect") -> Rule:
    """Return the rule of an op with a region over the items of a list."""

    def rule(op: Any, program: Program) -> Step:
        (items,) = program.slots([op.items])
        (result,) = program.slots([op.result])
        code = program.code(op.body)
        assert code is not None, "the verifier checks that the region has a block"

        def step(frame: Frame) -> Routine | None:
            value = frame.registers[items]
            if isinstance(value, Failure):
                frame.registers[result] = value
                return None
            return collect(frame, code, value, result)

        return step

    return rule


Collect = Callable[[Frame, Code, list[Value], int], Routine]


def _map(frame: Frame, code: Code, items: list[Value], result: int) -> Routine:
    """The list of what the region yields; the lowest failing index fails it."""
    yielded: list[Value] = []
    for item in items:
        frame.write(code.arguments, [item])
        yield code.run(frame)
        yielded += frame.read(code.results)
    frame.registers[result] = first_failure(yielded) or yielded


def _filter(frame: Frame, code: Code, items: list[Value], result: int) -> Routine:
    """The items for which the region yields true; the lowest failing index fails it."""
    tests: list[Value] = []
    for item in items:
        frame.write(code.arguments, [item])
        yield code.run(frame)
        tests += frame.read(code.results)
    kept = [item for item, test in zip(items, tests, strict=True) if test]
    frame.registers[result] = first_failure(tests) or kept


def _until(deciding: bool) -> Collect:
    """A chain of `data.or` (deciding true) or `data.and` (deciding false) over the items."""

    def collect(frame: Frame, code: Code, items: list[Value], result: int) -> Routine:
        frame.registers[result] = not deciding
        for item in items:
            frame.write(code.arguments, [item])
            yield code.run(frame)
            (value,) = frame.read(code.results)
            if isinstance(value, Failure) or value is deciding:
                frame.registers[result] = value
                return

    return collect


RULES: dict[type[Operation], Rule] = {
    ConstantOp: constant,
    FormatOp: text,
    AndOp: _decided_by(lambda value: not value),
    OrOp: _decided_by(lambda value: value),
    CoalesceOp: _decided_by(lambda value: value is not None),
    SelectOp: select,
    MapListOp: _over_items(_map),
    FilterOp: _over_items(_filter),
    AllOp: _over_items(_until(False)),
    AnyOp: _over_items(_until(True)),
}
