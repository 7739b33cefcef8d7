"""Workflows, subworkflows and integrations become top-level ops."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from xdsl.dialects.builtin import FunctionType
from xdsl.ir import Attribute, Block, Operation, Region, SSAValue

from kumeo.diagnostics import Related, Span, has_errors, nearest
from kumeo.dialects import agent, data, workflow
from kumeo.dialects.data import JSON, RecordType
from kumeo.dialects.settings import Setting
from kumeo.frontend import signatures, tree
from kumeo.frontend.elaborate.arguments import Role, expression_of
from kumeo.frontend.elaborate.body import BlockScope, Body, BodyScope, finish_body
from kumeo.frontend.elaborate.context import POISON, Context, Scope, is_poison, location_of
from kumeo.frontend.elaborate.declarations import (
    Declared,
    declare_config,
    declare_contexts,
    declare_models,
    declare_secrets,
    declare_sources,
    declare_tables,
    declare_targets,
)
from kumeo.frontend.elaborate.expressions import Expressions
from kumeo.frontend.elaborate.library import DeclaredAgent, DeclaredSubworkflow, Library
from kumeo.frontend.elaborate.outline import outline_of
from kumeo.frontend.elaborate.settings import known_settings, pairs_of, plain
from kumeo.frontend.elaborate.statements import elaborate_statements
from kumeo.frontend.elaborate.targets import target_symbol
from kumeo.frontend.elaborate.type_arguments import type_argument
from kumeo.frontend.elaborate.types import resolve_type
from kumeo.frontend.errors.flow import UnknownAgent
from kumeo.frontend.errors.outside import SubworkflowCycle
from kumeo.frontend.errors.sections import (
    DuplicateKey,
    InvalidSection,
    InvalidSetting,
    MissingSection,
    UnknownSection,
)

_NOTES = ("description", "version", "name")
_SHARED = ("models", "context", "data", "schemas", "config", "secrets", "preprocessors", "agents")
_WORKFLOW = ("source", "target", *_SHARED, "on_error", "deployment", "monitor", "nats", "budget")
_SUBWORKFLOW = ("input", "output", *_SHARED)
_INTEGRATION = ("workflow", "use", "mapping", "id")
_ATTRIBUTES = ("deployment", "monitor", "nats", "budget")

Sections = Mapping[str, tree.Section]


@dataclass
class Programs:
    """Everything that a file's workflows share while they are elaborated."""

    ctx: Context
    library: Library
    module: Block
    """The body of the module: subworkflows, declared agents, providers, workflows."""
    shared: Declared = field(default_factory=Declared)
    """Symbols at the top of the module."""
    finished: dict[str, DeclaredSubworkflow | None] = field(
        default_factory=dict[str, DeclaredSubworkflow | None]
    )
    pending: list[str] = field(default_factory=list[str])
    source_types: dict[str, Attribute] = field(default_factory=dict[str, Attribute])
    targets: dict[str, Declared] = field(default_factory=dict[str, Declared])


def sections_of(
    ctx: Context, body: tree.Body, owner: str, known: Sequence[str]
) -> dict[str, tree.Section]:
    """Return the sections of a body by key; unknown and repeated ones are diagnostics."""
    found: dict[str, tree.Section] = {}
    for section in body.sections:
        key = section.key.text
        if key not in known and key not in _NOTES:
            close = nearest(key, known)
            ctx.report(UnknownSection(section.key.span, owner, key, close, tuple(known)))
        elif key in found:
            related = (Related(found[key].key.span, "first written here"),)
            ctx.report(DuplicateKey(section.key.span, key, related=related))
        else:
            found[key] = section
    return found


def declare_agent(programs: Programs, node: tree.AgentDeclaration) -> None:
    """Insert the `agent.extern` of `agent Name(…) -> T { python: "module:function" }`."""
    ctx = programs.ctx
    name = node.name.text
    parameters: dict[str, Attribute] = {}
    for parameter in node.parameters:
        if parameter.name.text in parameters:
            ctx.report(DuplicateKey(parameter.name.span, parameter.name.text))
        parameters[parameter.name.text] = resolve_type(ctx, parameter.type)
    result = resolve_type(ctx, node.result)
    settings = pairs_of(ctx, node.settings)
    language, function = _function(ctx, node, settings)
    effects = _effects(ctx, settings)
    _check_settings(ctx, node, settings)
    symbol = programs.shared.symbol(name)
    programs.library.agents[name] = DeclaredAgent(symbol, parameters, result, effects, node)
    if function is None or any(is_poison(kind) for kind in (*parameters.values(), result)):
        return
    type = FunctionType.from_lists(list(parameters.values()), [result])
    with ctx.inside(programs.module):
        ctx.add(agent.ExternOp(symbol, language, function, type, effects), node)


def _function(
    ctx: Context, node: tree.AgentDeclaration, settings: Mapping[str, tree.Pair]
) -> tuple[str, str | None]:
    for language in ("python", "rust"):
        pair = settings.get(language)
        if pair is None:
            continue
        if isinstance(pair.value, tree.String) and ":" in pair.value.value:
            return language, pair.value.value
        ctx.report(InvalidSetting(pair.value.span, language, '`"module:function"`'))
        return language, None
    expected = '`{ python: "module:function" }` or `{ rust: "crate:function" }`'
    ctx.report(InvalidSetting(node.settings.span, node.name.text, expected))
    return "python", None


def _effects(ctx: Context, settings: Mapping[str, tree.Pair]) -> str:
    """Return what the function may do; the safest assumption when nothing is said."""
    pair = settings.get("effects")
    if pair is None:
        return "acts"
    text = plain(ctx, pair.value, "effects")
    if isinstance(text, str) and text in ("pure", "read", "acts"):
        return text
    ctx.report(InvalidSetting(pair.value.span, "effects", '`"pure"`, `"read"` or `"acts"`'))
    return "acts"


def _check_settings(
    ctx: Context, node: tree.AgentDeclaration, settings: Mapping[str, tree.Pair]
) -> None:
    known = ("python", "rust", "effects", "description")
    for name, pair in settings.items():
        if name not in known:
            expected = f"one of {', '.join(known)}"
            ctx.report(InvalidSetting(pair.key.span, name, expected))


def elaborate_subworkflow(programs: Programs, name: str, at: Span) -> DeclaredSubworkflow | None:
    """Elaborate a subworkflow unless that is done; a circle of calls is a diagnostic."""
    if name in programs.finished:
        return programs.finished[name]
    if name in programs.pending:
        circle = [*programs.pending[programs.pending.index(name) :], name]
        shown = " → ".join(f"`{each}`" for each in circle)
        programs.ctx.report(SubworkflowCycle(at, shown))
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
    _declare(ctx, declared, sections)
    inputs = _inputs(ctx, sections.get("input"))
    block = Block(arg_types=list(inputs.values()))
    body = _body(programs, declared, ctx.block, sections, [])
    scope = BodyScope(body)
    for name, value in zip(inputs, block.args, strict=True):
        value.name_hint = name
        value.location = location_of(node.name)
        scope.bind(name, ctx.poison() if is_poison(value) else value, node.name.span)
    with ctx.inside(block):
        _run(body, sections, scope, [])
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


def elaborate_workflow(
    programs: Programs, node: tree.Workflow, integrations: Sequence[tree.Integration]
) -> None:
    """Insert a `workflow.workflow` with its declarations and its activation body."""
    ctx = programs.ctx
    sections = sections_of(ctx, node.body, "workflow", _WORKFLOW)
    declared = Declared()
    declarations = Block()
    with ctx.inside(declarations):
        _declare(ctx, declared, sections)
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
        and _is_object(ctx, section)
        and isinstance(section.value, tree.Object)
    }
    declarations.add_op(on)
    symbol = programs.shared.symbol(node.name.text)
    with ctx.inside(programs.module):
        ctx.add(_workflow_op(symbol, declarations, attributes), node)


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


def _is_object(ctx: Context, section: tree.Section) -> bool:
    if isinstance(section.value, tree.Object):
        return True
    ctx.report(InvalidSection(section.value.span, section.key.text, "an object `{ name: … }`"))
    return False


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
    integrated = _integrated(ctx, node.name.text, integrations)
    body = _body(programs, declared, declarations, sections, integrated)
    scope = BodyScope(body)
    block.args[0].name_hint = "source"
    block.args[0].location = location_of(node.name)
    with ctx.inside(block):
        scope.bind("source", _with_defaults(body, block.args[0], node.name))
        _run(body, sections, scope, integrated)
        if not body.has_emit:
            _emit_last(body, node)
        on_error = _on_error(body, sections.get("on_error"))
    finish_body(body, block, node)
    if not has_errors(ctx.diagnostics):
        body.report_unused()
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


def _body(
    programs: Programs,
    declared: Declared,
    declarations: Block,
    sections: Sections,
    integrated: Sequence[tree.Statement],
) -> Body:
    output = sections.get("output")
    others = [] if output is None else [output.value]
    return Body(
        programs.ctx,
        Expressions(programs.ctx),
        declared,
        programs.library,
        outline_of([*integrated, *_statements(sections)], others),
        declarations,
        Block(),
    )


def _statements(sections: Sections) -> list[tree.Statement]:
    """Return preprocessors, then agents."""
    found: list[tree.Statement] = []
    for key in ("preprocessors", "agents"):
        section = sections.get(key)
        if section is not None and isinstance(section.value, tree.Program):
            found += section.value.statements
    return found


def _run(
    body: Body, sections: Sections, scope: BlockScope, integrated: Sequence[tree.Statement]
) -> None:
    for key in ("preprocessors", "agents"):
        section = sections.get(key)
        if section is not None and not isinstance(section.value, tree.Program):
            body.ctx.report(InvalidSection(section.value.span, key, "`[ … ]`"))
    statements = _statements(sections)
    elaborate_statements(body, [*integrated, *statements], scope)


def _declare(ctx: Context, declared: Declared, sections: Sections) -> None:
    """Insert the declarations; schemas come first because sources name them."""
    readers = (
        ("source", declare_sources),
        ("target", declare_targets),
        ("models", declare_models),
        ("context", declare_contexts),
        ("data", declare_tables),
        ("config", declare_config),
        ("secrets", declare_secrets),
    )
    if "schemas" in sections:
        _declare_schemas(ctx, sections["schemas"])
    for key, reader in readers:
        if key in sections:
            reader(ctx, declared, sections[key])


def _declare_schemas(ctx: Context, section: tree.Section) -> None:
    """Read `schemas: { tx: "tx.json", other: Transaction }`."""
    if not _is_object(ctx, section) or not isinstance(section.value, tree.Object):
        return
    for name, pair in pairs_of(ctx, section.value).items():
        node = pair.value
        if isinstance(node, tree.String) and node.value.lower().endswith(".json"):
            kind = _read_schema(ctx, node)
        else:
            kind = type_argument(ctx, node)
            if kind is None:
                expected = 'a type, or a JSON Schema file such as `"order.json"`'
                ctx.report(InvalidSection(node.span, name, expected))
        ctx.types.by_name[name] = POISON if kind is None else kind
        ctx.types.places[name] = pair.key.span


def _read_schema(ctx: Context, node: tree.String) -> Attribute | None:
    content = ctx.read(node)
    if content is None:
        return None
    kind, found = signatures.read_json_schema(content, node.span)
    ctx.diagnostics.extend(found)
    return kind


def _integrated(
    ctx: Context, name: str, integrations: Sequence[tree.Integration]
) -> list[tree.Statement]:
    """Return the calls that `integration { workflow, use, mapping }` adds to a workflow."""
    statements: list[tree.Statement] = []
    for node in integrations:
        sections = {section.key.text: section.value for section in node.body.sections}
        if _text(sections.get("workflow")) != name:
            continue
        used = sections.get("use")
        items = used.items if isinstance(used, tree.Array) else (used,)
        for item in items:
            callee = _text(item)
            if callee is None or item is None or isinstance(item, tree.Program):
                place = item or node
                ctx.report(InvalidSection(place.span, "use", "the name of a subworkflow"))
                continue
            statements.append(_call(ctx, callee, item, sections, node))
    return statements


def _call(
    ctx: Context,
    callee: str,
    item: tree.Expr,
    sections: Mapping[str, tree.Expr | tree.Program],
    node: tree.Integration,
) -> tree.Statement:
    mapping = sections.get("mapping")
    pairs = pairs_of(ctx, mapping) if isinstance(mapping, tree.Object) else {}
    arguments: list[tree.Argument] = []
    for key, pair in pairs.items():
        name = tree.Name(pair.key.span, key.removeprefix("input."))
        arguments.append(tree.Argument(pair.span, name, pair.value))
    call = tree.Call(node.span, tree.Variable(item.span, callee), tuple(arguments))
    given = _text(sections.get("id")) or callee
    return tree.Bind(node.span, tree.Name(item.span, given), call)


def _text(node: tree.Node | None) -> str | None:
    match node:
        case tree.String(value=value):
            return value
        case tree.Variable(name=name):
            return name
        case _:
            return None


def check_integrations(
    ctx: Context, integrations: Sequence[tree.Integration], workflows: Sequence[str]
) -> None:
    """Report unknown sections, and integrations into a workflow that is not there."""
    for node in integrations:
        sections = sections_of(ctx, node.body, "integration", _INTEGRATION)
        for key in ("workflow", "use"):
            if key not in sections:
                report = MissingSection(node.span, "integration", key, f"{key}: Name")
                ctx.report(report)
        section = sections.get("workflow")
        name = None if section is None else _text(section.value)
        if section is not None and name not in workflows:
            shown = name or section.value.span.text
            close = nearest(shown, workflows)
            ctx.report(UnknownAgent(section.value.span, shown, close))


def _emit_last(body: Body, node: tree.Workflow) -> None:
    """Without an `emit`, the result of the last agent goes to every target."""
    if not body.results or not body.declared.target_symbols:
        return
    _, value, _ = body.results[-1]
    if (
        value.owner is not body.ctx.block
        and getattr(value.owner, "parent", None) is not body.ctx.block
    ):
        return
    for symbol in body.declared.target_symbols:
        site = body.site(f"emit:{symbol}")
        body.ctx.add(workflow.EmitOp(value, symbol, site), node.name)


def _on_error(body: Body, section: tree.Section | None) -> str | None:
    if section is None:
        return None
    if isinstance(section.value, tree.Program):
        body.ctx.report(InvalidSection(section.value.span, "on_error", "a target"))
        return None
    return target_symbol(body, section.value)
