"""`integration { workflow, use, mapping }`: a subworkflow that runs first in a workflow."""

from collections.abc import Mapping, Sequence

from kumeo.diagnostics import nearest
from kumeo.frontend import tree
from kumeo.frontend.elaborate.context import Context
from kumeo.frontend.elaborate.programs import (
    sections_of,
)
from kumeo.frontend.elaborate.settings import pairs_of
from kumeo.frontend.errors.flow import UnknownAgent
from kumeo.frontend.errors.sections import (
    InvalidSection,
    MissingSection,
)

_INTEGRATION = ("workflow", "use", "mapping", "id")


def integrated_calls(
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
