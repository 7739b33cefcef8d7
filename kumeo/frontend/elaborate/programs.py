"""What workflows and subworkflows have in common: their sections and how a body is run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from xdsl.ir import Attribute, Block

from kumeo.diagnostics import Related, nearest
from kumeo.frontend import signatures, tree
from kumeo.frontend.elaborate.body import BlockScope, Body
from kumeo.frontend.elaborate.connectors import declare_sources, declare_targets
from kumeo.frontend.elaborate.context import POISON, Context
from kumeo.frontend.elaborate.contexts import declare_contexts, declare_tables
from kumeo.frontend.elaborate.declarations import (
    Declared,
    declare_config,
    declare_models,
    declare_secrets,
)
from kumeo.frontend.elaborate.expressions import Expressions
from kumeo.frontend.elaborate.library import DeclaredSubworkflow, Library
from kumeo.frontend.elaborate.outline import outline_of
from kumeo.frontend.elaborate.settings import check_environment, pairs_of
from kumeo.frontend.elaborate.statements import elaborate_statements
from kumeo.frontend.elaborate.type_arguments import type_argument
from kumeo.frontend.errors.sections import (
    DuplicateKey,
    InvalidSection,
    UnknownSection,
)

_NOTES = ("description", "version", "name")


SHARED_SECTIONS = (
    "models",
    "context",
    "data",
    "schemas",
    "config",
    "secrets",
    "preprocessors",
    "agents",
)


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


def is_object(ctx: Context, section: tree.Section) -> bool:
    """Return whether a section is an object; another value is a diagnostic."""
    if isinstance(section.value, tree.Object):
        return True
    ctx.report(InvalidSection(section.value.span, section.key.text, "an object `{ name: … }`"))
    return False


def new_body(
    programs: Programs,
    declared: Declared,
    declarations: Block,
    sections: Sections,
    integrated: Sequence[tree.Statement],
) -> Body:
    """Return the shared state of a body before its first statement."""
    output = sections.get("output")
    others = [] if output is None else [output.value]
    return Body(
        programs.ctx,
        Expressions(programs.ctx),
        declared,
        programs.library,
        outline_of([*integrated, *statements_of(sections)], others),
        declarations,
        Block(),
    )


def statements_of(sections: Sections) -> list[tree.Statement]:
    """Return preprocessors, then agents."""
    found: list[tree.Statement] = []
    for key in ("preprocessors", "agents"):
        section = sections.get(key)
        if section is not None and isinstance(section.value, tree.Program):
            found += section.value.statements
    return found


def run_statements(
    body: Body, sections: Sections, scope: BlockScope, integrated: Sequence[tree.Statement]
) -> None:
    """Elaborate integrated calls, preprocessors and agents, in this order."""
    for key in ("preprocessors", "agents"):
        section = sections.get(key)
        if section is None:
            continue
        if isinstance(section.value, tree.Program):
            check_environment(body.ctx, section.value)
        else:
            body.ctx.report(InvalidSection(section.value.span, key, "`[ … ]`"))
    statements = statements_of(sections)
    elaborate_statements(body, [*integrated, *statements], scope)


def declare_sections(ctx: Context, declared: Declared, sections: Sections) -> None:
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
    if not is_object(ctx, section) or not isinstance(section.value, tree.Object):
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
