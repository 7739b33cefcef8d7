"""Subworkflows become top-level ops; each is elaborated when it is first called."""

from xdsl.ir import Attribute, Block, Region, SSAValue

from kumeo.diagnostics import Span
from kumeo.dialects import workflow
from kumeo.dialects.data import JSON
from kumeo.frontend import tree
from kumeo.frontend.elaborate.arguments import Role, expression_of
from kumeo.frontend.elaborate.body import BlockScope, Body, BodyScope, finish_body
from kumeo.frontend.elaborate.context import Context, hint_of, is_poison, location_of
from kumeo.frontend.elaborate.declarations import (
    Declared,
)
from kumeo.frontend.elaborate.library import DeclaredSubworkflow
from kumeo.frontend.elaborate.programs import (
    SHARED_SECTIONS,
    Programs,
    declare_sections,
    new_body,
    run_statements,
    sections_of,
)
from kumeo.frontend.elaborate.settings import pairs_of
from kumeo.frontend.elaborate.type_arguments import type_argument
from kumeo.frontend.errors.outside import SubworkflowCycle
from kumeo.frontend.errors.sections import (
    InvalidSection,
    MissingSection,
)
from kumeo.frontend.errors.syntax import NestingTooDeep

_SUBWORKFLOW = ("input", "output", *SHARED_SECTIONS)


MAX_CALLS = 32
"""How deep subworkflows may call one another: each is elaborated inside of its caller."""


def elaborate_subworkflow(programs: Programs, name: str, at: Span) -> DeclaredSubworkflow | None:
    """Elaborate a subworkflow unless that is done; a circle of calls is a diagnostic."""
    if name in programs.finished:
        return programs.finished[name]
    if name in programs.pending:
        circle = [*programs.pending[programs.pending.index(name) :], name]
        shown = " → ".join(f"`{each}`" for each in circle)
        programs.ctx.report(SubworkflowCycle(at, shown))
        return None
    if len(programs.pending) == MAX_CALLS:
        programs.ctx.report(NestingTooDeep(at, MAX_CALLS, MAX_CALLS + 1))
        programs.finished[name] = None
        return None
    programs.pending.append(name)
    with programs.ctx.inside(programs.module):
        result = _subworkflow(programs, programs.library.subworkflows[name])
    programs.pending.pop()
    programs.finished[name] = result
    return result


def _subworkflow(programs: Programs, node: tree.Subworkflow) -> DeclaredSubworkflow | None:
    ctx = programs.ctx
    sections = sections_of(ctx, node.body, "subworkflow", _SUBWORKFLOW)
    declared = Declared(symbols=programs.shared.symbols)
    declare_sections(ctx, declared, sections)
    inputs = _inputs(ctx, sections.get("input"))
    block = Block(arg_types=list(inputs.values()))
    body = new_body(programs, declared, ctx.block, sections, [])
    scope = BodyScope(body)
    for name, value in zip(inputs, block.args, strict=True):
        value.name_hint = hint_of(name)
        value.location = location_of(node.name)
        scope.bind(name, ctx.poison() if is_poison(value) else value, node.name.span)
    with ctx.inside(block):
        run_statements(body, sections, scope, [])
        outputs, is_record = _outputs(body, sections.get("output"), scope, node)
    finish_body(body, block, node, list(outputs.values()))
    types = {name: value.type for name, value in outputs.items()}
    symbol = programs.shared.symbol(node.name.text)
    result = DeclaredSubworkflow(symbol, inputs, types, is_record, node.name.span)
    if any(is_poison(kind) for kind in (*inputs.values(), *types.values())):
        return None
    names = list(types) if is_record else []
    region = Region(block)
    arguments, results = list(inputs.values()), list(types.values())
    op = workflow.SubworkflowOp(symbol, arguments, results, region, list(inputs), names)
    ctx.add(op, node)
    return result


def _inputs(ctx: Context, section: tree.Section | None) -> dict[str, Attribute]:
    """Return the inputs: `{ tx: Transaction }`, or names in the draft's style, which are json."""
    if section is None:
        return {}
    node = section.value
    if isinstance(node, tree.Object):
        inputs: dict[str, Attribute] = {}
        for name, pair in pairs_of(ctx, node).items():
            kind = type_argument(ctx, pair.value)
            if kind is None:
                ctx.report(InvalidSection(pair.value.span, name, "a type"))
            inputs[name] = JSON if kind is None else kind
        return inputs
    items = node.items if isinstance(node, tree.Array) else (node,)
    names = [item.value for item in items if isinstance(item, tree.String)]
    if len(names) != len(items):
        ctx.report(InvalidSection(section.value.span, "input", "`{ name: type }`"))
    return {name.rpartition(".")[2]: JSON for name in names}


def _outputs(
    body: Body, section: tree.Section | None, scope: BlockScope, node: tree.Subworkflow
) -> tuple[dict[str, SSAValue], bool]:
    """Return the outputs by name, and whether a caller sees them as a record."""
    if section is None or isinstance(section.value, tree.Program):
        report = MissingSection(node.name.span, "subworkflow", "output", "output: …")
        body.ctx.report(report)
        return {}, True
    value = section.value
    if isinstance(value, tree.Object):
        pairs = pairs_of(body.ctx, value)
        return {name: _output(body, p.value, scope) for name, p in pairs.items()}, True
    if isinstance(value, tree.Array):
        named = [(_last_name(item), _output(body, item, scope)) for item in value.items]
        return dict(named), True
    return {"output": _output(body, value, scope)}, False


def _output(body: Body, node: tree.Expr, scope: BlockScope) -> SSAValue:
    expr = expression_of(body.ctx, node, Role.REFERENCE)
    return body.ctx.poison() if expr is None else body.expressions.build(expr, scope)


def _last_name(node: tree.Expr) -> str:
    text = node.value if isinstance(node, tree.String) else node.span.text
    return text.replace("/", ".").rpartition(".")[2]
