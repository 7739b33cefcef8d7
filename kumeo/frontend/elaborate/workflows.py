"""A workflow becomes a `workflow.workflow` with declarations and an activation body."""

from collections.abc import Mapping, Sequence

from xdsl.ir import Block, Operation, Region, SSAValue

from kumeo.diagnostics import has_errors
from kumeo.dialects import data, workflow
from kumeo.dialects.data import RecordType
from kumeo.dialects.facts import own_facts
from kumeo.dialects.settings import Setting
from kumeo.frontend import tree
from kumeo.frontend.elaborate.body import Body, BodyScope, finish_body
from kumeo.frontend.elaborate.context import Scope, is_poison, location_of
from kumeo.frontend.elaborate.declarations import (
    Declared,
)
from kumeo.frontend.elaborate.integrations import integrated_calls
from kumeo.frontend.elaborate.programs import (
    SHARED_SECTIONS,
    Programs,
    Sections,
    declare_sections,
    is_object,
    new_body,
    run_statements,
    sections_of,
)
from kumeo.frontend.elaborate.settings import known_settings
from kumeo.frontend.elaborate.targets import target_symbol
from kumeo.frontend.errors.flow import NoOutput
from kumeo.frontend.errors.sections import (
    InvalidSection,
    MissingSection,
)

_WORKFLOW = (
    "source",
    "target",
    *SHARED_SECTIONS,
    "on_error",
    "deployment",
    "monitor",
    "nats",
    "budget",
)


_ATTRIBUTES = ("deployment", "monitor", "nats", "budget")


def elaborate_workflow(
    programs: Programs, node: tree.Workflow, integrations: Sequence[tree.Integration]
) -> None:
    """Insert a `workflow.workflow` with its declarations and its activation body."""
    ctx = programs.ctx
    sections = sections_of(ctx, node.body, "workflow", _WORKFLOW)
    declared = Declared(symbols=_called(programs))
    declarations = Block()
    with ctx.inside(declarations):
        declare_sections(ctx, declared, sections)
    if "source" not in sections:
        example = 'source: NATS("subject")'
        ctx.report(MissingSection(node.name.span, "workflow", "source", example))
    if not {"agents", "preprocessors"} & set(sections):
        ctx.report(MissingSection(node.name.span, "workflow", "agents", "agents: [ … ]"))
    programs.source_types[node.name.text] = declared.source_type
    programs.targets[node.name.text] = declared
    on = _activation(programs, declared, declarations, sections, node, integrations)
    attributes = {
        key: known_settings(ctx, key, section.value)
        for key in _ATTRIBUTES
        if (section := sections.get(key)) is not None
        and is_object(ctx, section)
        and isinstance(section.value, tree.Object)
    }
    declarations.add_op(on)
    symbol = programs.shared.symbol(node.name.text)
    with ctx.inside(programs.module):
        ctx.add(_workflow_op(symbol, declarations, attributes), node)


def _called(programs: Programs) -> set[str]:
    """Return the symbols of what can be called: no name of a workflow may hide one."""
    agents = {each.symbol for each in programs.library.agents.values()}
    finished = programs.finished.values()
    return agents | {each.symbol for each in finished if each is not None}


def _workflow_op(
    symbol: str, block: Block, attributes: Mapping[str, Mapping[str, Setting]]
) -> Operation:
    return workflow.WorkflowOp(
        symbol,
        Region(block),
        deployment=attributes.get("deployment"),
        monitor=attributes.get("monitor"),
        nats=attributes.get("nats"),
        budget=attributes.get("budget"),
    )


def _activation(
    programs: Programs,
    declared: Declared,
    declarations: Block,
    sections: Sections,
    node: tree.Workflow,
    integrations: Sequence[tree.Integration],
) -> Operation:
    ctx = programs.ctx
    block = Block(arg_types=[declared.source_type])
    integrated = integrated_calls(ctx, node.name.text, integrations)
    body = new_body(programs, declared, declarations, sections, integrated)
    scope = BodyScope(body)
    block.args[0].name_hint = "source"
    block.args[0].location = location_of(node.name)
    with ctx.inside(block):
        scope.bind("source", _with_defaults(body, block.args[0], node.name))
        run_statements(body, sections, scope, integrated)
        if not body.has_emit:
            _emit_last(body, node)
        on_error = _on_error(body, sections.get("on_error"))
    finish_body(body, block, node)
    if not has_errors(ctx.diagnostics):
        body.report_unused()
        if all(own_facts(each).discardable for each in block.walk()):
            ctx.report(NoOutput(node.name.span, node.name.text))
    op = workflow.OnOp(list(declared.sources), on_error, Region(block))
    section = sections.get("agents") or sections.get("preprocessors")
    op.location = location_of(section.key if section is not None else node)
    return op


def _with_defaults(body: Body, event: SSAValue, at: tree.Node) -> SSAValue:
    """Return the event with the defaults of its schema in place of missing fields."""
    ctx = body.ctx
    kind = ctx.wire_types.get(event.type)
    if not isinstance(kind, RecordType):
        return event
    defaults = ctx.types.defaults_of(kind)
    values: list[SSAValue] = []
    for name in kind.names:
        value = ctx.add(data.GetOp(event, name), at).results[0]
        if name in defaults:
            default = body.expressions.build(defaults[name], Scope(), kind.field(name))
            value = ctx.add(data.CoalesceOp(value, default), at).results[0]
        values.append(value)
    op = ctx.add(data.RecordOp(values, kind), at)
    op.results[0].name_hint = "source"
    event.name_hint = "event"
    return op.results[0]


def _emit_last(body: Body, node: tree.Workflow) -> None:
    """Without an `emit`, the last result goes to every target."""
    if body.last is None or is_poison(body.last):
        return
    for symbol in body.declared.target_symbols:
        site = body.site(f"emit:{symbol}")
        body.ctx.add(workflow.EmitOp(body.last, symbol, site), node.name)


def _on_error(body: Body, section: tree.Section | None) -> str | None:
    if section is None:
        return None
    if isinstance(section.value, tree.Program):
        body.ctx.report(InvalidSection(section.value.span, "on_error", "a target"))
        return None
    return target_symbol(body, section.value)
