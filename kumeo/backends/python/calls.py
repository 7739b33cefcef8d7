"""Agents in printed functions: a call, its fallback, and the agents whose work is printed code."""

from collections.abc import Callable, Sequence
from typing import cast

from xdsl.ir import Operation

from kumeo.backends.python.code import Expr, call, literal, merged, name
from kumeo.backends.python.errors import Unprintable, review_inside
from kumeo.backends.python.literals import constant_expr
from kumeo.backends.python.names import field_names
from kumeo.backends.python.printer import Printer
from kumeo.backends.python.statements import acts, last_values
from kumeo.backends.python.waves import PURE
from kumeo.dialects.agent import (
    AgentOp,
    DecideOp,
    ProcessOp,
    ReviewOp,
)
from kumeo.dialects.data import EnumType, ListType, RecordType
from kumeo.dialects.facts import own_facts
from kumeo.dialects.settings import strings_of

__all__ = ["PURE", "RULES", "agent", "input_names", "together"]


def agent(op: Operation, p: Printer) -> None:
    """Print the call of an agent, and its fallback."""
    op = cast(AgentOp, op)
    if isinstance(op, ReviewOp) and op is not p.answered:
        raise Unprintable(review_inside(op))
    if not op.optional_regions() and not p.uses.is_read(op.result):
        made = _made(op, p)
        p.lines.put("", made if isinstance(op, PURE) else p.awaited(made))
        return
    local = p.local(op.result)
    inputs = [p.expr(value) for value in op.operands]
    guards = merged(inputs) if op.optional_regions() else ()
    if guards and guards[0] in p.failed:
        _cancelled(op, p, guards[0])
        return
    p.declare(local, op.result)
    fails = True
    with p.guarded(guards, [local], is_observed=_acts(op)):
        is_pure = isinstance(op, PURE)
        made = _made(op, p)
        p.lines.put(f"{local} = ", made if is_pure else p.awaited(made))
        if op.optional_regions():
            fails = bool(guards) | fall_back(op, p, local)
    p.bind(op.result, local, may_fail=fails)


def together(ops: Sequence[AgentOp], p: Printer) -> None:
    """Print agents that run at the same time: all are over before anything else happens."""
    found = [_made(op, p) for op in ops]
    locals_ = [p.local(op.result) for op in ops]
    for op, local in zip(ops, locals_, strict=True):
        p.declare(local, op.result)
    p.lines.put(f"{', '.join(locals_)} = ", p.awaited(call("together", found)))
    for op, local in zip(ops, locals_, strict=True):
        p.bind(op.result, local, may_fail=True)


def _made(op: AgentOp, p: Printer) -> Expr:
    """Return the call of an agent, not yet awaited."""
    place = () if isinstance(op, PURE) else p.path()
    return call(p.module.agent(op.site), [Expr("act")], [*place, *_named(op, p)])


def _cancelled(op: AgentOp, p: Printer, guard: str) -> None:
    p.bound[op.result] = name(guard, is_failing=True)
    if _acts(op):
        p.lines.add(f"act.observe({guard})")


def _acts(op: AgentOp) -> bool:
    blocks = [block for region in op.regions for block in region.blocks]
    return not own_facts(op).discardable or acts(blocks)


def _named(op: AgentOp, p: Printer) -> list[tuple[str, Expr]]:
    values = [p.argument(value) for value in op.operands]
    return list(zip(input_names(op).values(), values, strict=True))


def input_names(op: AgentOp) -> dict[str, str]:
    """Return the name of each input in the printed call, by its name in the program."""
    names = op.operand_names() or tuple(f"input_{i}" for i in range(len(op.operands)))
    return field_names(names)


def fall_back(op: AgentOp, p: Printer, local: str) -> bool:
    """Print what happens when all attempts have failed; say whether the result may fail."""
    (region,) = op.optional_regions()
    fails = True
    with p.nested(failed=local) as body:
        yielded = last_values(region.block)
        for value in yielded:
            p.want(value, local)
        p.block(region.block)
        if yielded:
            found = p.expr(yielded[0])
            fails = found.may_fail
            p.assign(local, found, op.result.type)
        else:
            body.add(f"{local} = {local}.as_handled()")
    p.lines.block(f"if isinstance({local}, Failure):", body)
    return fails


# -- agents that are printed code


def process(op: Operation, p: Printer) -> None:
    """Print the body of a process that may fail; its failures are those of the agent."""
    op = cast(ProcessOp, op)
    local = p.local(op.result)
    inputs = [p.expr(value) for value in op.inputs]
    guards = merged(inputs)
    if guards and guards[0] in p.failed:
        _cancelled(op, p, guards[0])
        return
    p.declare(local, op.result)
    with p.guarded(guards, [local], is_observed=_acts(op)):
        _bind_arguments(op, p)
        fails = _own_part(op, p, local)
    p.bind(op.result, local, may_fail=bool(guards) or fails)


def _bind_arguments(op: ProcessOp, p: Printer) -> None:
    for argument, operand in zip(op.body.block.args, op.inputs, strict=True):
        if argument in p.uses.alias or not p.uses.is_read(argument):
            continue
        found = p.expr(operand)
        if found.is_path or p.uses.count[argument] == 1:
            p.bound[argument] = found
        else:
            p.define(argument, found)


def _own_part(op: ProcessOp, p: Printer, local: str) -> bool:
    (yielded,) = last_values(op.body.block)
    p.want(yielded, local)
    p.block(op.body.block)
    found = p.expr(yielded)
    p.assign(local, found, op.result.type)
    if not found.may_fail:
        return False
    return _blame(op, p, local)


def _blame(op: AgentOp, p: Printer, local: str) -> bool:
    """Print that a failure of printed work is that of the agent, and the fallback."""
    blamed = call(f"{local}.blamed_on", [literal(op.site)])
    if not op.optional_regions():
        with p.nested() as body:
            body.put(f"{local} = ", blamed)
        p.lines.block(f"if isinstance({local}, Failure):", body)
        return True
    if not last_values(op.optional_regions()[0].block):
        start = len(p.lines.lines)
        fails = fall_back(op, p, local)
        p.lines.lines[start + 1 : start + 1] = _one_line(p, f"{local} = {blamed.text}")
        return fails
    return fall_back(op, p, local)


def _one_line(p: Printer, text: str) -> list[str]:
    with p.nested() as body:
        body.add(text)
    return body.lines


def decide(op: Operation, p: Printer) -> None:
    """Print a decision by the first rule that holds; other modes are calls."""
    op = cast(DecideOp, op)
    if op.mode.data != "first_match":
        agent(op, p)
        return
    local = p.local(op.result)
    fails, word = False, "if"
    rules = zip(strings_of(op.rules), strings_of(op.outcomes), op.inputs, strict=True)
    known: list[str] = []
    for rule, outcome, value in rules:
        condition = p.expr(value)
        guards = [guard for guard in condition.guards if guard not in known]
        for guard in guards:
            with p.nested(failed=guard) as body:
                body.add(f"{local} = {guard}")
                if _acts(op):
                    body.add(f"act.observe({guard})")
            p.lines.block(f"{word} isinstance({guard}, Failure):", body)
            word, fails = "elif", True
        known += guards
        with p.nested(*known) as body:
            body.put(f"{local} = ", decision(op, p, (outcome,), (rule,)))
        p.lines.condition(word, Expr(condition.text, condition.level), body)
        word = "elif"
    with p.nested(*known) as body:
        fails = _otherwise(op, p, local) or fails
    p.lines.block("else:", body)
    p.bind(op.result, local, may_fail=fails)


def _otherwise(op: DecideOp, p: Printer, local: str) -> bool:
    """Print the default of a decision, its fallback, or the failure that there is none."""
    if op.default is not None:
        p.lines.put(f"{local} = ", decision(op, p, (op.default.data,), ("default",)))
        return False
    kind = op.result.type
    assert isinstance(kind, RecordType), "the verifier checks the result"
    if isinstance(kind.field("decision"), ListType):
        p.lines.put(f"{local} = ", decision(op, p, (), ()))
        return False
    arguments = ["no-decision", "no rule holds and there is no default", op.site]
    failure = call("Failure", [literal(each) for each in arguments])
    regions = op.optional_regions()
    if not regions or not last_values(regions[0].block):
        if regions:
            p.block(regions[0].block)
            failure = Expr(f"{failure.text}.as_handled()")
        p.lines.put(f"{local} = ", failure)
        return True
    p.block(regions[0].block)
    found = p.expr(last_values(regions[0].block)[0])
    p.assign(local, found, op.result.type)
    return found.may_fail


def decision(op: DecideOp, p: Printer, outcomes: Sequence[str], rules: Sequence[str]) -> Expr:
    """Return the record of a decision by rules."""
    kind = op.result.type
    assert isinstance(kind, RecordType), "the verifier checks the result"
    given = {"decision": outcomes, "rule": rules}
    fields: dict[str, object] = {}
    for field, wanted in kind.fields:
        texts = given.get(field)
        if texts is None:
            fields[field] = None
        elif isinstance(wanted, ListType):
            fields[field] = list(texts)
        else:
            fields[field] = texts[0] if isinstance(wanted, EnumType) else ", ".join(texts)
    narrow = p.uses.narrow.get(op.result)
    if narrow is not None:
        return constant_expr(fields[narrow.field], narrow.kind, p.module)
    return constant_expr(fields, kind, p.module)


RULES: dict[type[Operation], Callable[[Operation, Printer], None]] = {
    ProcessOp: process,
    DecideOp: decide,
    AgentOp: agent,
}
