"""Statements become ops of the `workflow` dialect.

A branch binds its names in a scope of its own. Afterwards the names that it bound are merged into
the scope around it: bound in every branch with one type they keep it, else they become optional.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from xdsl.dialects.builtin import IntegerAttr, StringAttr, i1, i64
from xdsl.ir import Attribute, Block, Operation, Region, SSAValue

from kumeo.diagnostics import Related, nearest
from kumeo.dialects import data, workflow
from kumeo.dialects.data import BOOL, INT, JSON, STR, EnumType, ListType, OptionType, option_of
from kumeo.dialects.data.casts import join_types
from kumeo.dialects.data.constants import to_attribute
from kumeo.frontend import tree
from kumeo.frontend.elaborate.agents import elaborate_call
from kumeo.frontend.elaborate.body import BlockScope, Body
from kumeo.frontend.elaborate.context import Scope, is_poison, location_of
from kumeo.frontend.elaborate.outline import children, count_reads, defined_name, names_read
from kumeo.frontend.elaborate.targets import elaborate_emit
from kumeo.frontend.elaborate.types import display
from kumeo.frontend.errors.flow import (
    BranchMismatch,
    DeadCode,
    IncompleteMatch,
    ParallelDependence,
    UnreachableCase,
)
from kumeo.frontend.errors.names import UnknownValue
from kumeo.frontend.errors.types import TypeMismatch


@dataclass
class Branch:
    """One elaborated region with the names that it binds."""

    block: Block
    scope: BlockScope
    node: tree.Node


def elaborate_statements(
    body: Body, statements: Sequence[tree.Statement], scope: BlockScope
) -> None:
    """Insert the ops of statements at the context's current block, binding names in `scope`."""
    for statement in statements:
        elaborate_statement(body, statement, scope)


def elaborate_statement(body: Body, statement: tree.Statement, scope: BlockScope) -> None:
    """Insert the ops of one statement."""
    match statement:
        case tree.Call():
            elaborate_call(body, statement, scope, None)
        case tree.Bind():
            _bind(body, statement, scope)
        case tree.If():
            _if(body, statement, scope)
        case tree.For():
            _for(body, statement, scope)
        case tree.Match():
            _match(body, statement, scope)
        case tree.Parallel():
            _parallel(body, statement, scope)
        case tree.Try():
            _try(body, statement, scope)
        case tree.Emit():
            elaborate_emit(body, statement, scope)


def _bind(body: Body, statement: tree.Bind, scope: BlockScope) -> None:
    name, value = statement.name, statement.value
    if isinstance(value, tree.For):
        _for(body, value, scope, name)
    elif isinstance(value, tree.Call) and elaborate_call(body, value, scope, name):
        return
    else:
        with body.working_on(name.text):
            built = body.expressions.build(value, scope)
        body.bind(scope, name, built)


def _if(body: Body, statement: tree.If, scope: BlockScope) -> None:
    condition = body.expressions.condition(statement.condition, scope)
    _warn_constant(body, statement)
    then = _if_branch(body, statement, scope, True)
    other = _if_branch(body, statement, scope, False)
    branches = [then, other]

    def make(types: Sequence[Attribute]) -> Operation:
        return workflow.IfOp(condition, types, Region(then.block), Region(other.block))

    _merge(body, branches, statement, scope, make)


def _if_branch(body: Body, statement: tree.If, scope: BlockScope, truth: bool) -> Branch:
    """Elaborate one branch; what the condition says about null holds inside of it."""
    block = Block()
    with body.ctx.inside(block):
        known = body.expressions.narrowed(statement.condition, scope, truth)
    node = statement.then if truth else statement.otherwise
    return _branch(body, "if", node, known, statement, block)


def _warn_constant(body: Body, statement: tree.If) -> None:
    if not isinstance(statement.condition, tree.Bool):
        return
    dead = statement.otherwise if statement.condition.value else statement.then
    if dead is not None:
        reason = f"the condition is always {str(statement.condition.value).lower()}"
        body.ctx.report(DeadCode(dead.span, reason))


def _branch(
    body: Body,
    kind: str,
    node: tree.Block | tree.If | None,
    scope: Scope,
    at: tree.Node,
    block: Block | None = None,
) -> Branch:
    inner = BlockScope(scope)
    block = block or Block()
    with body.ctx.inside(block), body.nested(kind):
        if isinstance(node, tree.If):
            elaborate_statement(body, node, inner)
        elif node is not None:
            elaborate_statements(body, node.statements, inner)
    return Branch(block, inner, node or at)


def _merge(
    body: Body,
    branches: Sequence[Branch],
    statement: tree.Node,
    scope: BlockScope,
    make: Callable[[Sequence[Attribute]], Operation],
) -> None:
    """Give the op results for the names that its branches bind, and bind them in `scope`."""
    names = _names_to_keep(body, [branch.scope for branch in branches], statement, scope)
    types = {name: _merged_type(body, name, branches) for name in names}
    kept = {name: kind for name, kind in types.items() if not is_poison(kind)}
    for branch in branches:
        _yield(body, branch, kept, statement)
    op = body.ctx.add(make(list(kept.values())), statement)
    results = dict(zip(kept, op.results, strict=True))
    for name in names:
        place = next(b.scope.place_of(name) for b in branches if name in b.scope.values)
        value = results[name] if name in results else body.ctx.poison()
        body.bind(scope, tree.Name(place or statement.span, name), value)


def _names_to_keep(
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


def _yield(body: Body, branch: Branch, kept: Mapping[str, Attribute], statement: tree.Node) -> None:
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


def _for(body: Body, statement: tree.For, scope: BlockScope, name: tree.Name | None = None) -> None:
    items = body.expressions.build(statement.source, scope)
    if items.type == JSON:
        items = body.expressions.coerce(items, ListType(JSON), statement.source)
    if not isinstance(items.type, ListType) and not is_poison(items):
        shown = display(items.type, body.ctx.types)
        problem = f"`for` runs over a list, not over {shown}"
        body.ctx.report(TypeMismatch(statement.source.span, problem, f"this is {shown}"))
        items = body.ctx.poison()
    is_bad = is_poison(items)
    item_type = items.type.item if isinstance(items.type, ListType) else JSON
    block = Block(arg_types=[item_type])
    outer = BlockScope(scope)
    block.args[0].location = location_of(statement.variable)
    variable = body.ctx.poison() if is_bad else block.args[0]
    body.bind(outer, statement.variable, variable)
    branch = _branch(body, "for", statement.body, outer, statement, block)
    if is_bad:
        for bound in branch.scope.values:
            body.bind(scope, tree.Name(statement.span, bound), body.ctx.poison())
    else:
        _collect(body, statement, scope, branch, items, name)


def _collect(
    body: Body,
    statement: tree.For,
    scope: BlockScope,
    branch: Branch,
    items: SSAValue,
    name: tree.Name | None,
) -> None:
    """Make the loop; each name of its body becomes a list, `name` the list of the last one."""
    bound_names = list(branch.scope.values)
    names = _names_to_keep(body, [branch.scope], statement, scope)
    if name is not None and bound_names and bound_names[-1] not in names:
        names.append(bound_names[-1])
    values = branch.scope.values
    kept = {n: values[n].type for n in names if not is_poison(values[n])}
    _yield(body, branch, kept, statement)
    lists = [ListType(kind) for kind in kept.values()]
    op = body.ctx.add(workflow.ForeachOp(items, lists, Region(branch.block)), statement)
    results = dict(zip(kept, op.results, strict=True))
    for bound in names:
        value = results[bound] if bound in results else body.ctx.poison()
        place = branch.scope.place_of(bound) or statement.span
        if bound not in scope.taken:
            body.bind(scope, tree.Name(place, bound), value)
    if name is None:
        return
    if bound_names:
        value = results[bound_names[-1]] if bound_names[-1] in results else body.ctx.poison()
        body.bind(scope, name, value)
        return
    problem = f"`{name.text}` has no value: the loop binds no name"
    fix = "bind a name in the body: `x = …`"
    body.bind(scope, name, body.ctx.poison(TypeMismatch(name.span, problem, "no value", fix)))


def _match(body: Body, statement: tree.Match, scope: BlockScope) -> None:
    subject = body.expressions.build(statement.subject, scope)
    kind = subject.type
    if kind not in (STR, INT, BOOL) and not isinstance(kind, EnumType) and not is_poison(kind):
        shown = display(kind, body.ctx.types)
        problem = f"`match` takes an enum, string, int or bool, not {shown}"
        body.ctx.report(TypeMismatch(statement.subject.span, problem, f"this is {shown}"))
        subject = body.ctx.poison()
    cases: list[list[Attribute]] = []
    branches: list[Branch] = []
    default: Branch | None = None
    seen: dict[Attribute, tree.Expr] = {}
    for case in statement.cases:
        if default is not None or _covers_all(kind, seen):
            reason = "the cases above handle every value"
            body.ctx.report(DeadCode(case.span, reason))
            with body.ctx.inside(Block()):
                _branch(body, "match", case.body, scope, case)
        elif case.is_else:
            default = _branch(body, "match", case.body, scope, case)
        else:
            cases.append(_patterns(body, case, subject.type, seen))
            branches.append(_branch(body, "match", case.body, scope, case))
    _check_complete(body, statement, kind, seen, default)
    needs_default = not _covers_all(kind, seen)
    if default is None and needs_default:
        default = _branch(body, "match", None, scope, statement)
    every = [*branches, default] if default is not None else branches

    def make(types: Sequence[Attribute]) -> Operation:
        return workflow.MatchOp(subject, cases, types, [Region(b.block) for b in every])

    if is_poison(subject) or not every:
        for name in dict.fromkeys(n for branch in every for n in branch.scope.values):
            body.bind(scope, tree.Name(statement.span, name), body.ctx.poison())
        return
    _merge(body, every, statement, scope, make)


def _patterns(
    body: Body, case: tree.Case, kind: Attribute, seen: dict[Attribute, tree.Expr]
) -> list[Attribute]:
    values: list[Attribute] = []
    for pattern in case.patterns:
        value = _pattern(body, pattern, kind)
        if value is None:
            continue
        if value in seen:
            related = (Related(seen[value].span, "handled here"),)
            body.ctx.report(UnreachableCase(pattern.span, related=related))
            continue
        seen[value] = pattern
        values.append(value)
    return values


def _pattern(body: Body, pattern: tree.Expr, kind: Attribute) -> Attribute | None:
    """Return the constant of a pattern; a wrong one is a diagnostic."""
    if is_poison(kind):
        return None
    match pattern:
        case tree.Variable(name=text) | tree.String(value=text) if isinstance(kind, EnumType):
            if text in kind.names:
                return StringAttr(text)
            shown = display(kind, body.ctx.types)
            close = nearest(text, kind.names)
            body.ctx.report(UnknownValue(pattern.span, text, shown, kind.names, close))
            return None
        case tree.String(value=text) if kind == STR:
            return StringAttr(text)
        case tree.Int(value=number) if kind == INT:
            return IntegerAttr(number, i64)
        case tree.Bool(value=truth) if kind == BOOL:
            return IntegerAttr(int(truth), i1)
        case _:
            shown = display(kind, body.ctx.types)
            problem = f"this pattern never equals a value of type {shown}"
            body.ctx.report(TypeMismatch(pattern.span, problem, f"{shown} is matched"))
            return None


def _values_of(kind: Attribute) -> list[Attribute]:
    if isinstance(kind, EnumType):
        return [StringAttr(name) for name in kind.names]
    if kind == BOOL:
        return [IntegerAttr(1, i1), IntegerAttr(0, i1)]
    return []


def _covers_all(kind: Attribute, seen: Mapping[Attribute, tree.Expr]) -> bool:
    every = _values_of(kind)
    return bool(every) and all(value in seen for value in every)


def _check_complete(
    body: Body,
    statement: tree.Match,
    kind: Attribute,
    seen: Mapping[Attribute, tree.Expr],
    default: Branch | None,
) -> None:
    missing = [value for value in _values_of(kind) if value not in seen]
    if default is None and missing:
        shown = ", ".join(f"`{_shown(value)}`" for value in missing)
        body.ctx.report(IncompleteMatch(statement.subject.span, shown))


def _shown(value: Attribute) -> str:
    if isinstance(value, StringAttr):
        return value.data
    return "true" if value == IntegerAttr(1, i1) else "false"


def _parallel(body: Body, statement: tree.Parallel, scope: BlockScope) -> None:
    own: dict[str, tree.Statement] = {}
    for each in statement.body.statements:
        name = defined_name(each)
        if name is not None:
            own[name.text] = each
    for each in statement.body.statements:
        for name in sorted(names_read(each)):
            if name in own and own[name] is not each:
                place = _place_of_read(each, name) or each
                related = (Related(own[name].span, f"`{name}` is defined here"),)
                body.ctx.report(ParallelDependence(place.span, name, related=related))
        elaborate_statement(body, each, scope)


def _place_of_read(node: tree.Node, name: str) -> tree.Node | None:
    stack: list[object] = [node]
    while stack:
        current = stack.pop()
        if isinstance(current, tree.Variable) and current.name == name:
            return current
        if isinstance(current, tree.Node):
            stack += children(current)
    return None


def _try(body: Body, statement: tree.Try, scope: BlockScope) -> None:
    tried = _branch(body, "try", statement.body, scope, statement)
    op = workflow.TryOp()
    block = op.handler.detach_block(0)
    block.args[0].location = location_of(statement.name)
    outer = BlockScope(scope)
    body.bind(outer, statement.name, block.args[0])
    handler = _branch(body, "catch", statement.handler, outer, statement, block)

    def make(types: Sequence[Attribute]) -> Operation:
        return workflow.TryOp(types, Region(tried.block), Region(handler.block))

    _merge(body, [tried, handler], statement, scope, make)
