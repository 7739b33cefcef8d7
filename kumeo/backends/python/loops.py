"""Loops: `for`, and computations over the items of a list."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import cast

from xdsl.ir import Operation, SSAValue

from kumeo.backends.python.code import OR, Expr, name, total
from kumeo.backends.python.printer import Printer
from kumeo.backends.python.statements import acts, last_values, yields_of
from kumeo.backends.python.values import negated
from kumeo.dialects import data
from kumeo.dialects.data.ops_lists import ListRegionOp
from kumeo.dialects.workflow import ForeachOp


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


RULES: dict[type[Operation], Callable[[Operation, Printer], None]] = {
    ForeachOp: foreach,
    data.MapListOp: list_region,
    data.FilterOp: list_region,
    data.AllOp: list_region,
    data.AnyOp: list_region,
}
