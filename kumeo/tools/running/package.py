"""From a `.kumeo` file to the package of one workflow, and from a package to its `Workflow`."""

import importlib
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kumeo.diagnostics import Diagnostic, has_errors
from kumeo.tools.io import Stdin
from kumeo.tools.running.builds import keep_before, version_in
from kumeo.tools.running.cache import find_build, forget_build, note_build
from kumeo.tools.running.state import StateFolder
from kumeo.tools.running.tree import Files, write_tree
from kumeo.tools.sources import compile_file, optimise
from kumeo.tools.usage import UsageError

if TYPE_CHECKING:
    from kumeo_runtime.spec import Workflow
    from xdsl.dialects.builtin import ModuleOp


@dataclass(frozen=True)
class Package:
    """A workflow as files."""

    workflow: str
    files: Files
    seen: Mapping[str, str]
    """Hashes of the files that it was made from, beside the workflow itself."""


def build_into(
    state: StateFolder, file: str, stdin: Stdin, passes: str, name: str | None
) -> tuple[str | None, list[Diagnostic]]:
    """Build a workflow into its place in the state folder, unless it is there; return its name."""
    known = find_build(state, file, passes, name)
    if known is not None:
        return known, []
    made, found = make_package(file, stdin, passes, name)
    if made is None:
        return None, found
    try:
        state.prepare()
        place = state.workflow(made.workflow)
        forget_build(place)
        keep_before(place, version_in(made.files["manifest.json"]))
        found += write_tree(place.build, made.files, force=True)
        place.remember_source(file)
        if not found:
            note_build(place, file, passes, name, made.seen)
    except OSError as error:
        from kumeo.tools.errors import CannotWrite
        from kumeo.tools.io import reason_of

        found.append(CannotWrite(None, str(state.path), reason_of(error)))
    return (None if has_errors(found) else made.workflow), found


def load_workflow(build: Path) -> "Workflow":
    """Import a package that Kumeo has built and return what it says about itself."""
    package = next(path.parent.name for path in sorted(build.glob("*/workflow.py")))
    # Another build of the same name may have been imported, as in tests.
    for name in [n for n in sys.modules if n == package or n.startswith(f"{package}.")]:
        del sys.modules[name]
    sys.path.insert(0, str(build.resolve()))
    try:
        importlib.invalidate_caches()
        workflow: Workflow = importlib.import_module(f"{package}.workflow").WORKFLOW
        return workflow
    finally:
        sys.path.pop(0)


def make_package(
    file: str, stdin: Stdin, passes: str, name: str | None, namespace: str = "dev"
) -> tuple[Package | None, list[Diagnostic]]:
    """Compile a file, lower one of its workflows and print it as a package."""
    compiled = compile_file(file, stdin)
    found = list(compiled.diagnostics)
    module = compiled.module
    if module is None or has_errors(found):
        return None, found
    chosen = _chosen(module, name)
    from kumeo.passes.files import reading
    from kumeo.tools.files import FolderFiles

    files = FolderFiles.beside(file)
    with reading(files.read):
        # The values of `config` may be set when it runs.
        found += optimise(module, passes, "messaging", fold_config=False)
    if has_errors(found):
        return None, found
    from kumeo import __version__
    from kumeo.backends.python import Origin, Unprintable, build_python
    from kumeo.tools.session import deep_stack

    origin = Origin(Path(file).name, __version__, namespace)
    try:
        with deep_stack():
            made = build_python(
                module,
                read_file=files.read,
                origin=origin,
                workflow=chosen,
                schemas=compiled.type_names,
            )
    except Unprintable as refused:
        return None, [*found, refused.diagnostic]
    return Package(chosen, made, {**compiled.seen, **files.seen}), found


def _chosen(module: "ModuleOp", name: str | None) -> str:
    from kumeo.dialects.workflow import WorkflowOp
    from kumeo.tools.running.looking import choose

    known = [op.symbol for op in module.body.block.ops if isinstance(op, WorkflowOp)]
    if name is not None:
        return choose(name, known, "workflow")
    if not known:
        raise click.UsageError("the file holds no workflow")
    if len(known) > 1:
        several = f"the file holds {len(known)} workflows: {', '.join(known)}"
        raise UsageError(several, f"add `--workflow {known[0]}`")
    return known[0]
