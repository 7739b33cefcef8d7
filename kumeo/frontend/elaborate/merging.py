"""Names that branches bind are merged into the scope around them.

A name bound in every branch with one type keeps it, else it becomes optional. A name that nothing
outside of the branches reads is left out of the IR.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from xdsl.ir import Attribute, Block, Operation, SSAValue

from kumeo.diagnostics import Related
from kumeo.dialects import data, workflow
from kumeo.dialects.data import JSON, OptionType, option_of
from kumeo.dialects.data.casts import join_types
from kumeo.dialects.data.constants import to_attribute
from kumeo.frontend import tree
from kumeo.frontend.elaborate.body import BlockScope, Body
from kumeo.frontend.elaborate.context import is_poison
from kumeo.frontend.elaborate.outline import count_reads
from kumeo.frontend.elaborate.types import display
from kumeo.frontend.errors.branches import BranchMismatch


@dataclass
class Branch:
    """One elaborated region with the names that it binds."""

    block: Block
    scope: BlockScope
    node: tree.Node


def merge(
    body: Body,
    branches: Sequence[Branch],
    statement: tree.Node,
    scope: BlockScope,
    make: Callable[[Sequence[Attribute]], Operation],
) -> None:
    """Give the op results for the names that its branches bind, and bind them in `scope`."""
    names = names_to_keep(body, [branch.scope for branch in branches], statement, scope)
    types = {name: _merged_type(body, name, branches) for name in names}
    kept = {name: kind for name, kind in types.items() if not is_poison(kind)}
    for branch in branches:
        add_yield(body, branch, kept, statement)
    op = body.ctx.add(make(list(kept.values())), statement)
    results = dict(zip(kept, op.results, strict=True))
    for name in names:
        place = next(b.scope.place_of(name) for b in branches if name in b.scope.values)
        value = results[name] if name in results else body.ctx.poison()
        body.bind(scope, tree.Name(place or statement.span, name), value)


def names_to_keep(
    body: Body, scopes: Sequence[BlockScope], statement: tree.Node, outer: BlockScope
) -> list[str]:
    """Return the names bound in `scopes` that something outside of the statement reads.

    The others stay taken, so that no second agent of the body gets the same id.
    """
    inside = count_reads([statement])
    kept: list[str] = []
    for scope in scopes:
        outer.taken |= {n: p for n, p in scope.taken.items() if n not in outer.taken}
        for name in scope.values:
            if body.outline.is_read_outside(name, inside):
                kept.append(name)
            else:
                outer.taken.setdefault(name, scope.place_of(name) or statement.span)
    return list(dict.fromkeys(kept))


def _merged_type(body: Body, name: str, branches: Sequence[Branch]) -> Attribute:
    having = [branch for branch in branches if name in branch.scope.values]
    types = [branch.scope.values[name].type for branch in having]
    joined = types[0]
    for branch, kind in zip(having[1:], types[1:], strict=True):
        if is_poison(joined) or is_poison(kind):
            return joined if is_poison(joined) else kind
        both = join_types(joined, kind)
        if both is None:
            _report_mismatch(body, name, having[0], branch)
            return body.ctx.poison().type
        joined = both
    return joined if len(having) == len(branches) or is_poison(joined) else option_of(joined)


def _report_mismatch(body: Body, name: str, first: Branch, second: Branch) -> None:
    left = display(first.scope.values[name].type, body.ctx.types)
    right = display(second.scope.values[name].type, body.ctx.types)
    place = second.scope.place_of(name) or second.node.span
    other = first.scope.place_of(name) or first.node.span
    related = (Related(other, f"{left} here"),)
    body.ctx.report(BranchMismatch(place, name, left, right, related=related))


def add_yield(
    body: Body, branch: Branch, kept: Mapping[str, Attribute], statement: tree.Node
) -> None:
    """End a branch with the values of the kept names; null for those that it does not bind."""
    with body.ctx.inside(branch.block):
        values: list[SSAValue] = []
        for name, kind in kept.items():
            value = branch.scope.values.get(name)
            if value is None:
                values.append(body.ctx.add(_absent(kind), statement).results[0])
            else:
                values.append(body.expressions.coerce(value, kind, statement, what=name))
        body.ctx.add(workflow.YieldOp(values), statement)


def _absent(kind: Attribute) -> Operation:
    if isinstance(kind, OptionType):
        return data.NoneOp(kind)
    return data.ConstantOp(to_attribute(None, JSON), JSON)
