"""Statements: emits, conditions and `try`."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import cast

from xdsl.ir import Attribute, Block, Operation, SSAValue

from kumeo.backends.python.code import (
    COMPARE,
    OR,
    Expr,
    Lines,
    call,
    choice,
    fits,
    literal,
    name,
    tupled,
)
from kumeo.backends.python.literals import constant_expr
from kumeo.backends.python.printer import Printer
from kumeo.backends.python.uses import is_observed_at_end
from kumeo.backends.python.values import negated
from kumeo.dialects.agent import ObserveOp, WatchOp
from kumeo.dialects.data import BOOL
from kumeo.dialects.data.constants import from_attribute
from kumeo.dialects.facts import own_facts
from kumeo.dialects.workflow import EmitOp, IfOp, MatchOp, TryOp


def acts(blocks: Sequence[Block]) -> bool:
    """Say whether something in blocks may not be dropped."""
    return any(not own_facts(op).discardable for block in blocks for op in block.walk())


def _blocks_of(op: Operation) -> list[Block]:
    return [block for region in op.regions for block in region.blocks]


def last_values(block: Block) -> Sequence[SSAValue]:
    """Return what a region yields."""
    return () if block.last_op is None else tuple(block.last_op.operands)


def yields_of(results: Sequence[SSAValue], block: Block) -> dict[SSAValue, SSAValue]:
    """Return what a region yields for each result."""
    return dict(zip(results, last_values(block), strict=True))


# -- effects


def emit(op: Operation, p: Printer) -> None:
    """Print an emit; a failure is observed instead."""
    op = cast(EmitOp, op)
    value = p.expr(op.value)
    p.fail_clauses(value.guards, (), is_observed=True)
    if value.guards and value.guards[0] in p.failed:
        return
    named = (("site", literal(op.site)), *p.path())
    sent = call("act.emit", [Expr(p.module.target(op.target_name)), value], named)
    if not value.guards:
        p.lines.put("", sent)
        return
    with p.nested(*value.guards) as body:
        body.put("", sent)
    p.lines.block("else:", body)


def observe(op: Operation, p: Printer) -> None:
    """Print the observation of a value, unless the end of the stage does it."""
    value = cast(ObserveOp, op).value
    if not is_observed_at_end(op):
        observe_value(p, p.expr(value))


def observe_value(p: Printer, value: Expr) -> None:
    """Print the observation of a value that may be a failure."""
    if value.guards and value.guards[0] in p.failed:
        p.lines.add(f"act.observe({value.guards[0]})")
        return
    p.fail_clauses(value.guards, (), is_observed=True)


# -- conditions


def if_else(op: Operation, p: Printer) -> None:
    """Print one of two regions."""
    op = cast(IfOp, op)
    condition = p.expr(op.condition)
    branches = [(condition, op.then_region.block), (None, op.else_region.block)]
    _choice(op, p, condition.guards, branches)


def match(op: Operation, p: Printer) -> None:
    """Print the region whose case holds the subject."""
    op = cast(MatchOp, op)
    subject = p.expr(op.subject)
    if not subject.is_path:
        local = p.names.fresh("subject")
        p.assign(local, subject, op.subject.type)
        subject = name(local, is_failing=subject.may_fail)
    blocks = [region.block for region in op.case_regions]
    tests: list[tuple[Expr | None, Block]] = [
        (case_test(subject, op.subject, constants, p), block)
        for constants, block in zip(op.case_values, blocks, strict=True)
    ]
    if op.default_region is None:
        tests[-1] = (None, tests[-1][1])
    else:
        tests.append((None, op.default_region.block))
    _choice(op, p, subject.guards, tests)


def case_test(subject: Expr, value: SSAValue, constants: Sequence[Attribute], p: Printer) -> Expr:
    """Return whether the subject is one of the constants of a case."""
    plain = replace(subject, guards=())
    if value.type == BOOL:
        wanted = {from_attribute(each, value.type) for each in constants}
        return plain if True in wanted else negated(plain)
    texts = [
        constant_expr(from_attribute(each, value.type), value.type, p.module) for each in constants
    ]
    if len(texts) == 1:
        return Expr(f"{plain.at(COMPARE + 1)} == {texts[0].text}", COMPARE)
    return Expr(f"{plain.at(COMPARE + 1)} in {tupled(texts).text}", COMPARE)


def _choice(
    op: Operation,
    p: Printer,
    guards: tuple[str, ...],
    branches: Sequence[tuple[Expr | None, Block]],
) -> None:
    results = p.result_locals(op)
    locals_ = [local for _, local in results]
    start = len(p.lines.lines)
    for value, local in results:
        p.declare(local, value)
    if guards and guards[0] in p.failed:
        _known_failed(op, p, guards[0], results)
        return
    word = p.fail_clauses(guards, locals_, is_observed=acts(_blocks_of(op)))
    fails = bool(guards)
    clauses: list[tuple[Expr | None, Lines]] = []
    for test, block in branches:
        with p.nested(*guards) as body:
            fails = _branch(block, op, p, results) or fails
        clauses.append((test, body))
    if guards or not _as_choice(p, clauses, start):
        _print_clauses(p, word, clauses)
    for value, local in results:
        p.bind(value, local, may_fail=fails)


def _known_failed(
    op: Operation, p: Printer, guard: str, results: Sequence[tuple[SSAValue, str]]
) -> None:
    for value, _ in results:
        p.bound[value] = name(guard, is_failing=True)
    if acts(_blocks_of(op)):
        p.lines.add(f"act.observe({guard})")


def _branch(
    block: Block, op: Operation, p: Printer, results: Sequence[tuple[SSAValue, str]]
) -> bool:
    """Print a region and the assignment of what it yields; say whether that may fail."""
    yielded = yields_of(op.results, block)
    for value, local in results:
        if value not in p.uses.narrow:
            p.want(yielded[value], local)
    p.block(block)
    fails = False
    for value, local in results:
        found = p.yielded(value, yielded[value])
        p.assign(local, found, p.uses.kind_of(value))
        fails = fails or found.may_fail
    return fails


def _as_choice(p: Printer, clauses: Sequence[tuple[Expr | None, Lines]], start: int) -> bool:
    """Print `x = a if c else b` where two branches do nothing but assign."""
    if len(clauses) != 2 or any(len(body.lines) != 1 for _, body in clauses):
        return False
    (test, yes), (_, no) = clauses
    halves = [_ASSIGNMENT.fullmatch(body.lines[0].strip()) for body in (yes, no)]
    if test is None or halves[0] is None or halves[1] is None or halves[0][1] != halves[1][1]:
        return False
    parts = [half[2] for half in halves if half is not None]
    if any(" if " in part or part.startswith(("[", "{", "await")) for part in parts):
        return False
    flat = f"{halves[0][1]} = {parts[0]} if {test.at(OR)} else {parts[1]}"
    if len(p.lines.lines) != start or not fits(flat, p.lines.depth):
        return False
    p.lines.add(flat)
    return True


_ASSIGNMENT = re.compile(r"(\w+) = (.*[^(\[{,])")


def _print_clauses(p: Printer, word: str, clauses: Sequence[tuple[Expr | None, Lines]]) -> None:
    if word == "if" and len(clauses) == 2 and not clauses[0][1].lines:
        test, body = clauses[0][0], clauses[1][1]
        if test is not None and body.lines:
            p.lines.condition("if", negated(replace(test, guards=())), body)
        return
    for test, body in clauses:
        if test is None:
            if body.lines:
                p.lines.block("else:", body)
            return
        p.lines.condition(word, replace(test, guards=()), body)
        word = "elif"


# -- scopes


def try_catch(op: Operation, p: Printer) -> None:
    """Print a `try`: the body runs to its end, then the handler if it observed a failure."""
    op = cast(TryOp, op)
    results = p.result_locals(op)
    scope = p.names.fresh("tried")
    for value, local in results:
        p.declare(local, value)
    with p.nested() as body:
        fails = _branch(op.body.block, op, p, results)
        for value in last_values(op.body.block):
            observe_value(p, p.expr(value))
    with p.nested() as handler:
        if p.uses.is_read(op.error):
            problem = p.names.fresh(op.error.name_hint or "problem")
            handler.add(f"{problem} = problem_of({scope}.first)")
            p.bind(op.error, problem, may_fail=False)
        fails = _branch(op.handler.block, op, p, results) or fails
    p.lines.block(f"with act.scope() as {scope}:" if handler.lines else "with act.scope():", body)
    if handler.lines:
        p.lines.block(f"if {scope}.first is not None:", handler)
    for value, local in results:
        p.bind(value, local, may_fail=fails)


def watch(op: Operation, p: Printer) -> None:
    """Print a piece of a `try` that was cut: it remembers what was observed first."""
    op = cast(WatchOp, op)
    scope = p.names.fresh("watched")
    results = [(v, p.local(v)) for v in op.outputs if p.uses.is_read(v)]
    before = p.expr(op.before)
    for value, local in results:
        p.declare(local, value)
    yielded = yields_of(op.outputs, op.body.block)
    with p.nested() as body:
        for value, local in results:
            p.want(yielded[value], local)
        p.block(op.body.block)
        found = [p.expr(yielded[value]) for value, _ in results]
        for (value, local), each in zip(results, found, strict=True):
            p.assign(local, each, value.type)
    is_read = p.uses.is_read(op.first)
    p.lines.block(f"with act.scope() as {scope}:" if is_read else "with act.scope():", body)
    for (value, local), each in zip(results, found, strict=True):
        p.bind(value, local, may_fail=each.may_fail)
    if is_read:
        first = Expr(f"{scope}.first")
        told = choice(
            Expr(f"{first.text} is None", COMPARE), literal(None), call("problem_of", [first])
        )
        if before.text != "None":
            plain = replace(before, guards=())
            told = choice(Expr(f"{plain.at(COMPARE + 1)} is None", COMPARE), told, plain)
        p.define(op.first, replace(told, guards=before.guards, fails=False))


RULES: dict[type[Operation], Callable[[Operation, Printer], None]] = {
    EmitOp: emit,
    ObserveOp: observe,
    IfOp: if_else,
    MatchOp: match,
    TryOp: try_catch,
    WatchOp: watch,
}
