"""Statements become ops of the `workflow` dialect.

A branch binds its names in a scope of its own. Afterwards the names that it bound are merged into
the scope around it: bound in every branch with one type they keep it, else they become optional.
"""

from collections.abc import Sequence

from xdsl.ir import Attribute, Block, Operation, Region, SSAValue

from kumeo.diagnostics import Diagnostic, Related
from kumeo.dialects import workflow
from kumeo.dialects.data import BOOL, INT, JSON, STR, EnumType, ListType, OptionType
from kumeo.frontend import tree
from kumeo.frontend.elaborate import coercion
from kumeo.frontend.elaborate.agents import elaborate_call
from kumeo.frontend.elaborate.body import BlockScope, Body
from kumeo.frontend.elaborate.context import Scope, is_poison, location_of
from kumeo.frontend.elaborate.merging import Branch, add_yield, merge, names_to_keep
from kumeo.frontend.elaborate.outline import children, defined_name, names_read
from kumeo.frontend.elaborate.patterns import check_complete, covers_all, patterns_of
from kumeo.frontend.elaborate.targets import elaborate_emit
from kumeo.frontend.elaborate.types import display
from kumeo.frontend.errors.branches import DeadCode, ParallelDependence
from kumeo.frontend.errors.syntax import NestingTooDeep
from kumeo.frontend.errors.types import TypeMismatch

MAX_NESTING = 100
"""Statements inside statements; the IR holds a region for each."""


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

    merge(body, branches, statement, scope, make)


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
    if len(body.nesting) >= MAX_NESTING:
        if not body.is_too_deep:
            body.ctx.report(NestingTooDeep(at.span, MAX_NESTING, MAX_NESTING + 1))
        body.is_too_deep = True
        return Branch(block, inner, node or at)
    with body.ctx.inside(block), body.nested(kind):
        if isinstance(node, tree.If):
            elaborate_statement(body, node, inner)
        elif node is not None:
            elaborate_statements(body, node.statements, inner)
    return Branch(block, inner, node or at)


def _for(body: Body, statement: tree.For, scope: BlockScope, name: tree.Name | None = None) -> None:
    items = body.expressions.build(statement.source, scope)
    if items.type == JSON:
        items = body.expressions.coerce(items, ListType(JSON), statement.source)
    if not isinstance(items.type, ListType) and not is_poison(items):
        problem = "`for` runs over a list, not over"
        items = body.ctx.poison(_wrong_kind(body, items, statement.source, problem, "[]"))
    is_bad = is_poison(items)
    item_type = items.type.item if isinstance(items.type, ListType) else JSON
    block = Block(arg_types=[item_type])
    outer = BlockScope(scope)
    block.args[0].location = location_of(statement.variable)
    variable = body.ctx.poison() if is_bad else block.args[0]
    body.bind(outer, statement.variable, variable)
    branch = _branch(body, "for", statement.body, outer, statement, block)
    if is_bad:
        names = [tree.Name(statement.span, bound) for bound in branch.scope.values]
        for each in [*names, *([] if name is None else [name])]:
            body.bind(scope, each, body.ctx.poison())
    else:
        _collect(body, statement, scope, branch, items, name)


def _wrong_kind(
    body: Body, value: SSAValue, node: tree.Expr, problem: str, default: str
) -> Diagnostic:
    """Return the diagnostic for what a statement cannot use; a null has a way out."""
    if isinstance(value.type, OptionType):
        fix = f"write `{coercion.shown(node)} ?? {default}`"
        return coercion.null_not_handled(body.ctx, value, node, fix)
    shown = display(value.type, body.ctx.types)
    fix = "give the source a `schema`, or bind a typed value first" if value.type == JSON else None
    return TypeMismatch(node.span, f"{problem} {shown}", f"this is {shown}", fix)


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
    names = names_to_keep(body, [branch.scope], statement, scope)
    if name is not None and bound_names and bound_names[-1] not in names:
        names.append(bound_names[-1])
    values = branch.scope.values
    kept = {n: values[n].type for n in names if not is_poison(values[n])}
    add_yield(body, branch, kept, statement)
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
    problem = f"`{name.text}` has no value: no statement of the loop itself binds a name"
    fix = "bind a name in the body, outside of `if` and `match`: `x = …`"
    body.bind(scope, name, body.ctx.poison(TypeMismatch(name.span, problem, "no value", fix)))


def _match(body: Body, statement: tree.Match, scope: BlockScope) -> None:
    subject = body.expressions.build(statement.subject, scope)
    kind = subject.type
    if kind not in (STR, INT, BOOL) and not isinstance(kind, EnumType) and not is_poison(kind):
        problem = "`match` takes an enum, string, int or bool, not"
        subject = body.ctx.poison(_wrong_kind(body, subject, statement.subject, problem, "…"))
    cases: list[list[Attribute]] = []
    branches: list[Branch] = []
    default: Branch | None = None
    seen: dict[Attribute, tree.Expr] = {}
    for case in statement.cases:
        if default is not None or covers_all(kind, seen):
            reason = "the cases above handle every value"
            body.ctx.report(DeadCode(case.span, reason))
            with body.ctx.inside(Block()):
                _branch(body, "match", case.body, scope, case)
        elif case.is_else:
            default = _branch(body, "match", case.body, scope, case)
        else:
            cases.append(patterns_of(body, case, subject.type, seen))
            branches.append(_branch(body, "match", case.body, scope, case))
    check_complete(body, statement, kind, seen, default)
    needs_default = not covers_all(kind, seen)
    if default is None and needs_default:
        default = _branch(body, "match", None, scope, statement)
    every = [*branches, default] if default is not None else branches

    def make(types: Sequence[Attribute]) -> Operation:
        return workflow.MatchOp(subject, cases, types, [Region(b.block) for b in every])

    if is_poison(subject) or not every:
        for name in dict.fromkeys(n for branch in every for n in branch.scope.values):
            body.bind(scope, tree.Name(statement.span, name), body.ctx.poison())
        return
    merge(body, every, statement, scope, make)


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

    merge(body, [tried, handler], statement, scope, make)
