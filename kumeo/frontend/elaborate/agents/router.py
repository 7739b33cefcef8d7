"""`Router`: emits its input to the target of the first rule that holds."""

from collections.abc import Sequence

from xdsl.ir import Block, Region, SSAValue

from kumeo.dialects import workflow
from kumeo.frontend import tree
from kumeo.frontend.elaborate.agents.kind import COMMON
from kumeo.frontend.elaborate.arguments import (
    Arguments,
    Parameter,
    Role,
    bind_arguments,
    expression_of,
)
from kumeo.frontend.elaborate.body import BlockScope, Body
from kumeo.frontend.elaborate.context import Scope, is_poison
from kumeo.frontend.elaborate.settings import pairs_of
from kumeo.frontend.elaborate.targets import target_symbol
from kumeo.frontend.errors.sections import InvalidSetting

PARAMETERS = {
    "input": Parameter(Role.REFERENCE, "what is emitted; `source` when left out"),
    "rules": Parameter(Role.RAW, '`{ "condition": target.name, default: target.other }`'),
    "default": Parameter(Role.RAW, "the target when no rule holds"),
    "id": COMMON["id"],
    "description": COMMON["description"],
}

MAX_RULES = 100
"""Each rule stands in the `else` of the one before it."""

Rule = tuple[tree.Expr | None, tree.Expr]


def elaborate_router(body: Body, node: tree.Call, scope: BlockScope) -> None:
    """Insert the emits of a router, each in the `else` of the rule before it."""
    body.has_emit = True
    arguments = bind_arguments(body.ctx, "Router", node, PARAMETERS)
    expr = arguments.expression("input") or tree.Variable(node.callee.span, "source")
    value = body.expressions.build(expr, scope)
    inner = Scope(scope)
    if not inner.defines("input"):
        inner.bind("input", value)
    rules = _rules(body, arguments)
    _emit_first(body, value, rules, inner, node)


def _rules(body: Body, arguments: Arguments) -> list[Rule]:
    """Return conditions with targets in order; the default comes last, without a condition."""
    node = arguments.raw("rules")
    rules: list[Rule] = []
    default = arguments.raw("default")
    if isinstance(node, tree.Object):
        for pair in pairs_of(body.ctx, node).values():
            if pair.key.text == "default":
                default = pair.value
            else:
                rules.append((tree.String(pair.key.span, pair.key.text), pair.value))
    elif isinstance(node, tree.Array):
        rules = [rule for item in node.items if (rule := _rule(body, item)) is not None]
    elif node is not None:
        expected = '`{ "condition": target.name }`'
        body.ctx.report(InvalidSetting(node.span, "rules", expected))
    else:
        arguments.require("rules")
    if len(rules) > MAX_RULES:
        expected = f"at most {MAX_RULES} rules; `match` on a `DecisionMatrix` takes more"
        body.ctx.report(InvalidSetting(arguments.place, "rules", expected))
        return []
    if default is not None and not isinstance(default, tree.Emit):
        rules.append((None, default))
    return rules


def _rule(body: Body, node: tree.Expr) -> Rule | None:
    pairs = pairs_of(body.ctx, node) if isinstance(node, tree.Object) else {}
    when = next((pairs[k].value for k in ("when", "if", "condition") if k in pairs), None)
    to = next((pairs[k].value for k in ("to", "then", "target") if k in pairs), None)
    if to is None:
        expected = "`{ when: …, to: target.name }`"
        body.ctx.report(InvalidSetting(node.span, "rules", expected))
        return None
    return when, to


def _emit_first(
    body: Body, value: SSAValue, rules: Sequence[Rule], scope: Scope, node: tree.Node
) -> None:
    """Insert nested ifs; written as a loop so that many rules cannot overflow."""
    blocks: list[Block] = []
    outer = body.ctx.block
    for when, to in rules:
        condition = _condition(body, when, scope)
        if condition is None:
            _emit(body, value, to)
            break
        then, other = Block(), Block()
        with body.ctx.inside(then):
            _emit(body, value, to)
            body.ctx.add(workflow.YieldOp(), node)
        if not is_poison(condition):
            op = workflow.IfOp(condition, [], Region(then), Region(other))
            body.ctx.add(op, to)
        blocks.append(other)
        body.ctx.block = other
    for block in blocks:
        with body.ctx.inside(block):
            body.ctx.add(workflow.YieldOp(), node)
    body.ctx.block = outer


def _condition(body: Body, when: tree.Expr | None, scope: Scope) -> SSAValue | None:
    expr = None if when is None else expression_of(body.ctx, when, Role.CONDITION)
    if expr is None:
        return None if when is None else body.ctx.poison()
    return body.expressions.condition(expr, scope)


def _emit(body: Body, value: SSAValue, to: tree.Expr) -> None:
    symbol = target_symbol(body, to)
    if symbol is not None and not is_poison(value):
        site = body.site(f"emit:{symbol}")
        body.ctx.add(workflow.EmitOp(value, symbol, site), to)
