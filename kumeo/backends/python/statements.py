"""Statements: emits, conditions, loops, `try`, and computations with regions."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import cast

from xdsl.ir import Block, Operation, SSAValue

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
    total,
    tupled,
)
from kumeo.backends.python.literals import constant_expr
from kumeo.backends.python.printer import Printer
from kumeo.backends.python.uses import is_observed_at_end
from kumeo.backends.python.values import negated
from kumeo.dialects import data
from kumeo.dialects.agent import ObserveOp, WatchOp
from kumeo.dialects.data import BOOL
from kumeo.dialects.data.constants import from_attribute
from kumeo.dialects.data.ops_lists import ListRegionOp
from kumeo.dialects.facts import own_facts
from kumeo.dialects.workflow import EmitOp, ForeachOp, IfOp, MatchOp, TryOp


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


def case_test(subject: Expr, value: SSAValue, constants: Sequence[object], p: Printer) -> Expr:
    """Return whether the subject is one of the constants of a case."""
    plain = replace(subject, guards=())
    if value.type == BOOL:
        wanted = {from_attribute(each, value.type) for each in constants}  # type: ignore[arg-type]
        return plain if True in wanted else negated(plain)
    texts = [
        constant_expr(from_attribute(each, value.type), value.type, p.module)  # type: ignore[arg-type]
        for each in constants
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


# -- loops


def foreach(op: Operation, p: Printer) -> None:
    """Print a `for`; each element settles, and the lowest failing index fails a result."""
    op = cast(ForeachOp, op)
    items, results = p.expr(op.items), p.result_locals(op)
    for value, local in results if items.guards else ():
        p.declare(local, value)
    fails = [bool(items.guards) for _ in results]
    locals_ = [local for _, local in results]
    with p.guarded(items.guards, locals_, is_observed=acts([op.body.block])):
        for number, failing in enumerate(_loop(op, p, items, results)):
            fails[number] = fails[number] or failing
    for (value, local), failing in zip(results, fails, strict=True):
        p.bind(value, local, may_fail=failing)


def _loop(
    op: ForeachOp, p: Printer, items: Expr, results: Sequence[tuple[SSAValue, str]]
) -> list[bool]:
    index = p.names.fresh("index")
    item = p.names.fresh(op.item.name_hint or "item") if p.uses.is_read(op.item) else "_"
    p.bind(op.item, item, may_fail=False)
    outer, p.loops = p.loops, (*p.loops, index)
    yielded = yields_of(op.results, op.body.block)
    with p.nested() as body:
        p.block(op.body.block)
        found = [p.expr(yielded[value]) for value, _ in results]
        lists = [
            p.names.fresh(f"{n}_each") if e.may_fail else n
            for (_, n), e in zip(results, found, strict=True)
        ]
        for local, each in zip(lists, found, strict=True):
            body.put(f"{local}.append(", total(each), ")")
    p.loops = outer
    for (value, _), local, each in zip(results, lists, found, strict=True):
        kind = cast(data.ListType, value.type).item
        text = p.module.types.failing(kind) if each.may_fail else p.module.types.of(kind)
        typed = "" if local in p.declared else f": list[{text}]"
        p.declared.add(local)
        p.lines.add(f"{local}{typed} = []")
    is_counted = any(re.search(rf"\b{index}\b", line) for line in body.lines)
    head = (
        f"{index}, {item} in enumerate({items.text})" if is_counted else f"{item} in {items.text}"
    )
    p.lines.block(f"for {head}:", body)
    for (_, local), gathered in zip(results, lists, strict=True):
        if local != gathered:
            p.lines.add(f"{local} = settled({gathered})")
    return [each.may_fail for each in found]


def list_region(op: Operation, p: Printer) -> None:
    """Print a computation over the items of a list: a comprehension where that is enough."""
    op = cast(ListRegionOp, op)
    items = p.expr(op.items)
    item = p.names.fresh(op.item.name_hint or "item")
    p.bind(op.item, item, may_fail=False)
    local = p.local(op.result)
    test, is_simple = _tried(op, p, items)
    if is_simple and not test.may_fail:
        found = _comprehension(op, item, items, test)
        p.assign(local, found, op.result.type)
        p.bind(op.result, local, may_fail=found.may_fail)
        return
    if local not in p.declared:
        p.declared.add(local)
        p.lines.add(f"{local}: {p.module.types.failing(op.result.type)}")
    with p.guarded(items.guards, [local]):
        _list_loop(op, p, item, items, local)
    p.bind(op.result, local, may_fail=bool(items.guards) or test.may_fail)


def _tried(op: ListRegionOp, p: Printer, items: Expr) -> tuple[Expr, bool]:
    """Return what the region yields, and whether it needs no statements; nothing is printed."""
    state = dict(p.bound), p.names, set(p.declared)
    p.names = p.names.inner()
    with p.nested(*items.guards) as body:
        p.block(op.body.block)
        found = p.expr(last_values(op.body.block)[0])
    p.bound, p.names, p.declared = state
    return found, not body.lines


def _comprehension(op: ListRegionOp, item: str, items: Expr, test: Expr) -> Expr:
    source = items.at(OR)
    match op:
        case data.MapListOp():
            text = f"[{test.text} for {item} in {source}]"
        case data.FilterOp():
            text = f"[{item} for {item} in {source} if {test.at(OR)}]"
        case _:
            word = "all" if isinstance(op, data.AllOp) else "any"
            text = f"{word}({test.text} for {item} in {source})"
    is_list = isinstance(op, data.MapListOp | data.FilterOp)
    return Expr(text, guards=items.guards, is_vague=is_list)


def _list_loop(op: ListRegionOp, p: Printer, item: str, items: Expr, local: str) -> None:
    """Print the loop form: it ends at the first item that decides the result."""
    starts = {data.AllOp.name: "True", data.AnyOp.name: "False"}
    p.lines.add(f"{local} = {starts.get(op.name, '[]')}")
    with p.nested() as body:
        p.block(op.body.block)
        found = p.expr(last_values(op.body.block)[0])
        for step in _steps(op, p, item, local, found):
            body.add(step)
    p.lines.block(f"for {item} in {items.text}:", body)


def _steps(op: ListRegionOp, p: Printer, item: str, local: str, found: Expr) -> list[str]:
    lines: list[str] = []
    if found.may_fail and found.text not in found.guards:
        result = p.names.fresh("found")
        p.assign(result, found, last_values(op.body.block)[0].type)
        found = name(result, is_failing=True)
    if isinstance(op, data.AllOp | data.AnyOp):
        test = found.text if isinstance(op, data.AnyOp) else negated(replace(found, guards=())).text
        if found.may_fail:
            test = f"isinstance({found.text}, Failure) or {test}"
        return [*lines, f"if {test}:", f"    {local} = {found.text}", "    break"]
    if found.may_fail:
        lines += [
            f"if isinstance({found.text}, Failure):",
            f"    {local} = {found.text}",
            "    break",
        ]
    if isinstance(op, data.MapListOp):
        return [*lines, f"{local}.append({found.text})"]
    return [*lines, f"if {found.text}:", f"    {local}.append({item})"]


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
    ForeachOp: foreach,
    TryOp: try_catch,
    WatchOp: watch,
    data.MapListOp: list_region,
    data.FilterOp: list_region,
    data.AllOp: list_region,
    data.AnyOp: list_region,
}
