"""Symbols: what each name stands for, where it is used, and whether the use fits.

One index per symbol table makes all look-ups linear. A reference is looked up in the symbol tables
around the op, from the inside out: first the workflow, then the module.
"""

from collections.abc import Container, Iterator, Sequence
from typing import NamedTuple, cast

from xdsl.dialects.builtin import ArrayAttr, ModuleOp, SymbolRefAttr
from xdsl.ir import Attribute, Operation
from xdsl.traits import SymbolTable
from xdsl.utils.exceptions import VerifyException
from xdsl.utils.symbol_table import get_name_if_symbol

from kumeo.analysis.errors import IrInvalid, IrSymbol
from kumeo.analysis.places import point_of
from kumeo.analysis.structure import complaint_of
from kumeo.analysis.walk import walk_ops
from kumeo.diagnostics import Diagnostic, Related, nearest
from kumeo.dialects.symbols import SymbolUser, Wanted
from kumeo.dialects.workflow import CallOp, Declaration, SubworkflowOp

_MAX_SUGGESTIONS = 50
"""For more faults than this, the nearest name is no longer looked for: it takes time."""


class SymbolIndex:
    """The symbols of every table of a module, by name."""

    def __init__(self, module: ModuleOp) -> None:
        self.tables: dict[Operation, dict[str, Operation]] = {}
        self.repeated: list[tuple[Operation, Operation]] = []
        """Declarations of a name that is taken, each with the first one."""
        for op in walk_ops(module):
            if op.get_trait(SymbolTable) is not None:
                self.tables[op] = self._index(op)

    def _index(self, table: Operation) -> dict[str, Operation]:
        names: dict[str, Operation] = {}
        for op in (o for region in table.regions for block in region.blocks for o in block.ops):
            name = _name_of(op)
            if name is None:
                continue
            first = names.setdefault(name, op)
            if first is not op:
                self.repeated.append((op, first))
        return names

    def around(self, op: Operation) -> Iterator[dict[str, Operation]]:
        """Yield the tables in which names of `op` are looked up, from the inside out."""
        scope: Operation | None = op
        while scope is not None:
            if scope in self.tables:
                yield self.tables[scope]
            scope = scope.parent_op()

    def resolve(self, op: Operation, name: str) -> Operation | None:
        """Return what `@name` stands for at `op`, or None."""
        return next((table[name] for table in self.around(op) if name in table), None)


class Use(NamedTuple):
    """One reference from a property of an op."""

    op: Operation
    property: str
    name: str
    wanted: tuple[Wanted, ...]


def uses_of(op: Operation) -> Iterator[Use]:
    """Yield the references of an op, in the order of its table."""
    if not isinstance(op, SymbolUser):
        return
    for property, wanted in op.SYMBOLS.items():
        for name in _names_in(op.properties.get(property)):
            yield Use(op, property, name, wanted)


def find_symbol_faults(
    module: ModuleOp, index: SymbolIndex, malformed: Container[Operation] = ()
) -> list[Diagnostic]:
    """Return diagnostics for repeated, unknown and unfit symbols, and for endless recursion.

    Malformed ops are not compared with what they refer to.
    """
    found: list[Diagnostic] = [_repeated(op, first) for op, first in index.repeated]
    calls: list[tuple[Operation, Operation]] = []
    for op in walk_ops(module):
        if not isinstance(op, SymbolUser):
            continue
        declared: dict[str, list[Operation]] = {}
        faults = list(_check_uses(op, index, declared, len(found) < _MAX_SUGGESTIONS))
        if not faults and op not in malformed:
            faults += _check_agreement(op, declared)
        found += faults
        if isinstance(op, CallOp) and not faults:
            calls.append((op, declared["callee"][0]))
    return found + _find_recursion(calls)


def _check_uses(
    op: Operation, index: SymbolIndex, declared: dict[str, list[Operation]], suggest: bool
) -> Iterator[Diagnostic]:
    for use in uses_of(op):
        target = index.resolve(op, use.name)
        if target is None:
            yield _unknown(use, index, suggest)
        elif (message := _misfit(target, use)) is not None:
            yield IrSymbol(point_of(op), op.name, message, related=_declared_at(target))
        else:
            declared.setdefault(use.property, []).append(target)


def _check_agreement(op: SymbolUser, declared: dict[str, list[Operation]]) -> Iterator[Diagnostic]:
    message = complaint_of(lambda: op.verify_symbols(declared))
    if message is not None:
        targets = [target for found in declared.values() for target in found]
        related = _declared_at(targets[0]) if targets else ()
        yield IrInvalid(point_of(op), op.name, message, related=related)


def _unknown(use: Use, index: SymbolIndex, suggest: bool) -> Diagnostic:
    nouns = " or ".join(dict.fromkeys(w.noun for w in use.wanted))
    near = None
    if suggest:
        names = [
            name
            for table in index.around(use.op)
            for name, op in table.items()
            if _misfit(op, use) is None
        ]
        near = nearest(use.name, names)
    message = f"uses `@{use.name}`, but no {nouns} has this name"
    return IrSymbol(point_of(use.op), use.op.name, message, near)


def _misfit(target: Operation, use: Use) -> str | None:
    """Return why the target of a reference is of the wrong kind, or None."""
    nouns = list(dict.fromkeys(w.noun for w in use.wanted))
    noun = target.NOUN if isinstance(target, Declaration) else f"`{target.name}`"
    fitting = [wanted for wanted in use.wanted if wanted.noun == noun]
    if not fitting:
        return f"uses `@{use.name}`, which is a {noun}, not a {' or '.join(nouns)}"
    kinds = [kind for wanted in fitting for kind in wanted.kinds]
    kind = from_kind(target)
    if kinds and kind not in kinds:
        return f"uses `@{use.name}`, a {noun} of the kind {kind}: it needs {' or '.join(kinds)}"
    return None


def from_kind(target: Operation) -> str:
    """Return the kind of a declaration as text, or nothing."""
    kind = target.properties.get("kind")
    return "" if kind is None else str(kind).strip('"')


def _find_recursion(calls: Sequence[tuple[Operation, Operation]]) -> list[Diagnostic]:
    """Return a diagnostic for each call that closes a cycle of subworkflows."""
    callers: dict[Operation, list[tuple[Operation, Operation]]] = {}
    for call, callee in calls:
        caller = _subworkflow_around(call)
        if caller is not None:
            callers.setdefault(caller, []).append((call, callee))
    found: list[Diagnostic] = []
    done: set[Operation] = set()
    for start in callers:
        _search(start, callers, done, found)
    return found


def _search(
    start: Operation,
    callers: dict[Operation, list[tuple[Operation, Operation]]],
    done: set[Operation],
    found: list[Diagnostic],
) -> None:
    """Walk the calls below `start` depth first; a call to an op on the path is a cycle."""
    if start in done:
        return
    path = {start: iter(callers.get(start, ()))}
    while path:
        current = next(reversed(path))
        step = next(path[current], None)
        if step is None:
            done.add(current)
            del path[current]
            continue
        call, callee = step
        if callee in path:
            found.append(_cycle(call, list(path), callee))
        elif callee not in done:
            path[callee] = iter(callers.get(callee, ()))


def _cycle(call: Operation, path: list[Operation], callee: Operation) -> Diagnostic:
    ring = [*path[path.index(callee) :], callee]
    names = " -> ".join(f"@{_name_of(op)}" for op in ring)
    message = f"calls itself in a circle ({names}): subworkflows cannot recurse"
    return IrSymbol(point_of(call), call.name, message)


def _subworkflow_around(op: Operation) -> Operation | None:
    around = op.parent_op()
    while around is not None and not isinstance(around, SubworkflowOp):
        around = around.parent_op()
    return around


def _repeated(op: Operation, first: Operation) -> Diagnostic:
    message = f"declares `@{_name_of(op)}` again: rename one of the two"
    return IrSymbol(point_of(op), op.name, message, related=_declared_at(first))


def _declared_at(op: Operation) -> tuple[Related, ...]:
    point = point_of(op)
    return () if point is None else (Related(point, f"`@{_name_of(op)}` is declared here"),)


def _name_of(op: Operation) -> str | None:
    try:
        return get_name_if_symbol(op)
    except VerifyException:
        return None


def _names_in(attr: Attribute | None) -> list[str]:
    if isinstance(attr, SymbolRefAttr):
        return [attr.string_value()]
    if isinstance(attr, ArrayAttr):
        items = cast(ArrayAttr[Attribute], attr).data
        return [item.string_value() for item in items if isinstance(item, SymbolRefAttr)]
    return []
