"""Elaboration: types are checked and IR is built in one walk over the syntax tree.

On entry: a tree of the parser, with the trees of its imports. On exit: a module of the dialects
`workflow`, `agent` and `data` in which every name is resolved and every value has a type, or
diagnostics. A value whose type could not be found is *poison*: it fits everywhere, so that one
fault gives one diagnostic. ADR 0003 says why there is no typed tree in between.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from xdsl.dialects.builtin import ModuleOp, StringAttr
from xdsl.ir import Attribute, Block, Region

from kumeo.diagnostics import Diagnostic, Related, Source, Span, has_errors
from kumeo.frontend import tree
from kumeo.frontend.elaborate.cases import WorkflowTest, agents_of, read_test
from kumeo.frontend.elaborate.context import Context, Files, is_poison, location_of
from kumeo.frontend.elaborate.declared_agents import declare_agent
from kumeo.frontend.elaborate.integrations import check_integrations
from kumeo.frontend.elaborate.library import Library
from kumeo.frontend.elaborate.programs import Programs
from kumeo.frontend.elaborate.providers import declare_provider
from kumeo.frontend.elaborate.settings import check_secrets
from kumeo.frontend.elaborate.subworkflows import elaborate_subworkflow
from kumeo.frontend.elaborate.types import declare_types
from kumeo.frontend.elaborate.workflows import elaborate_workflow
from kumeo.frontend.errors.sections import DuplicateName, InvalidTest

_NAMED = (tree.Provider, tree.AgentDeclaration, tree.Workflow, tree.Subworkflow)


@dataclass(frozen=True)
class Elaborated:
    """What a file means, or why it means nothing."""

    module: ModuleOp | None
    """None when there are errors."""
    tests: tuple[WorkflowTest, ...]
    diagnostics: tuple[Diagnostic, ...]
    type_names: Mapping[Attribute, str] = field(default_factory=dict[Attribute, str])
    """What the author calls the records and enums: records are structural in the IR."""


def elaborate(
    file: tree.File,
    imported: Sequence[tree.Item],
    files: Files,
    folders: Mapping[Source, str] | None = None,
) -> Elaborated:
    """Return the module and the tests of a file.

    `imported` holds the declarations that the file's imports bring in, each item only once;
    `folders` tells in which folder each imported file lies, relative to that of the main file.
    """
    aliases = {i.alias.text for i in file.items if isinstance(i, tree.Import) and i.alias}
    ctx = Context(files, folders=folders or {}, aliases=frozenset(aliases))
    items = [*imported, *file.items]
    check_secrets(ctx, file)
    schemas = [item for item in items if isinstance(item, tree.Schema)]
    enums = [item for item in items if isinstance(item, tree.Enum)]
    declare_types(ctx, schemas, enums, {})
    _check_names(ctx, items)
    module = Block()
    programs = Programs(ctx, Library(), module)
    _declare_library(programs, items)
    _elaborate_programs(programs, items)
    op = ModuleOp(Region(module), attributes={"kumeo.level": StringAttr("workflow")})
    op.location = location_of(file)
    # A workflow with errors lacks agents: what its tests say about them cannot be judged.
    agents = None if has_errors(ctx.diagnostics) else agents_of(op)
    tests = [read_test(ctx, t, agents, programs.targets) for t in items if isinstance(t, tree.Test)]
    _check_titles(ctx, items)
    found = tuple(ctx.diagnostics)
    kept = tuple(test for test in tests if test is not None)
    return Elaborated(None if has_errors(found) else op, kept, found, _type_names(ctx))


def _type_names(ctx: Context) -> dict[Attribute, str]:
    """Return the first name of each type."""
    names: dict[Attribute, str] = {}
    for name, kind in ctx.types.by_name.items():
        if not is_poison(kind):
            names.setdefault(kind, name)
    return names


def _check_titles(ctx: Context, items: Sequence[tree.Item]) -> None:
    """Report two tests of one workflow with one title: nobody could tell which one failed."""
    first: dict[tuple[str, str], Span] = {}
    for item in items:
        if not isinstance(item, tree.Test):
            continue
        key = (item.workflow.text, item.title.value)
        if key in first:
            related = (Related(first[key], "first test of this title"),)
            problem = f"two tests of `{key[0]}` have one title"
            fix = "give one of them another title"
            ctx.report(InvalidTest(item.title.span, problem, "again", fix, related=related))
        first.setdefault(key, item.title.span)


def _check_names(ctx: Context, items: Sequence[tree.Item]) -> None:
    """Report two declarations of one name; schemas and enums are checked with the types."""
    first: dict[str, Span] = dict(ctx.types.places)
    for item in items:
        if not isinstance(item, _NAMED):
            continue
        name = item.name.text
        if name in first:
            related = (Related(first[name], "first declared here"),)
            ctx.report(DuplicateName(item.name.span, name, related=related))
        first.setdefault(name, item.name.span)


def _declare_library(programs: Programs, items: Sequence[tree.Item]) -> None:
    """Insert providers and declared agents; remember subworkflows until they are called."""
    library = programs.library
    library.elaborate = lambda name, at: elaborate_subworkflow(programs, name, at)
    for item in items:
        match item:
            case tree.Provider():
                declare_provider(programs, item)
            case tree.AgentDeclaration():
                declare_agent(programs, item)
            case tree.Subworkflow():
                library.subworkflows.setdefault(item.name.text, item)
            case _:
                pass


def _elaborate_programs(programs: Programs, items: Sequence[tree.Item]) -> None:
    integrations = [item for item in items if isinstance(item, tree.Integration)]
    workflows = [item for item in items if isinstance(item, tree.Workflow)]
    for name, node in programs.library.subworkflows.items():
        elaborate_subworkflow(programs, name, node.name.span)
    check_integrations(programs.ctx, integrations, [node.name.text for node in workflows])
    for node in workflows:
        elaborate_workflow(programs, node, integrations)


__all__ = ["Context", "Elaborated", "Files", "WorkflowTest", "elaborate"]
