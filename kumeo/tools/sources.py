"""The `.kumeo` files of a command line: found, read and compiled."""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import click

from kumeo.diagnostics import Diagnostic, Severity, Source, has_errors
from kumeo.tools.files import FolderFiles
from kumeo.tools.io import Stdin, read_input

if TYPE_CHECKING:
    from xdsl.dialects.builtin import ModuleOp
    from xdsl.ir import Attribute

    from kumeo.frontend.compile import WorkflowTest

SUFFIX = ".kumeo"


@dataclass(frozen=True)
class Compiled:
    """One file after the frontend; no module when it has errors."""

    path: str
    module: "ModuleOp | None"
    tests: "tuple[WorkflowTest, ...]"
    diagnostics: tuple[Diagnostic, ...]
    source: Source | None = None
    type_names: "Mapping[Attribute, str]" = field(default_factory=dict["Attribute", str])
    """What the author calls records and enums."""
    seen: Mapping[str, str] = field(default_factory=dict[str, str])
    """Hashes of the files that the compiler has read, by path."""


def find_sources(paths: Sequence[str]) -> list[str]:
    """Return the files of a command line; a folder stands for all `.kumeo` files below it.

    Raises: click.UsageError if a folder holds none, which is more often a wrong path than a wish.
    """
    return list(dict.fromkeys(found for path in paths for found in _expand(path)))


def _expand(path: str) -> Iterator[str]:
    if path == "-" or not os.path.isdir(path):
        yield path
        return
    found = False
    for folder, folders, names in os.walk(path):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if name.endswith(SUFFIX):
                found = True
                yield os.path.join(folder, name)
    if not found:
        raise click.UsageError(f"the folder `{path}` holds no {SUFFIX} file")


def read_source_file(path: str, stdin: Stdin) -> tuple[Source | None, tuple[Diagnostic, ...]]:
    """Return the text of a `.kumeo` file or of standard input (`-`)."""
    given, found = read_input(path, "kumeo", stdin)
    return (None if given is None else given.source), tuple(found)


def compile_file(path: str, stdin: Stdin) -> Compiled:
    """Read and compile one file and verify its module."""
    source, found = read_source_file(path, stdin)
    if source is None:
        return Compiled(path, None, (), found)
    from kumeo.frontend.compile import compile_source

    files = FolderFiles.beside(path)
    result = compile_source(source, files)
    diagnostics = (*found, *files.explain(result.diagnostics))
    if result.module is None or has_errors(diagnostics):
        return Compiled(path, None, (), diagnostics)
    from kumeo.analysis.verify import verify_module

    faults = tuple(verify_module(result.module))
    module = None if has_errors(faults) else result.module
    found = (*diagnostics, *faults)
    return Compiled(path, module, result.tests, found, source, result.type_names, files.seen)


def optimise(
    module: "ModuleOp", level: str, lower_to: str = "workflow", *, fold_config: bool = True
) -> list[Diagnostic]:
    """Run the passes of `-O0`, `-O1` or `-O2` on a module, and those that lower it to a level."""
    from kumeo.passes.pipelines import pipeline_text

    text = pipeline_text(level, lower_to, fold_config=fold_config)
    if not text:
        return []
    import time

    from kumeo.analysis.verify import verify_module
    from kumeo.passes.manager import Manager
    from kumeo.passes.resolve import PassTable, resolve
    from kumeo.passes.timing import Timer
    from kumeo.tools.catalog import make_catalog
    from kumeo.tools.session import deep_stack

    catalog = make_catalog()
    table = PassTable(catalog.find_pass, catalog.pass_names, catalog.nearest_op)
    steps, found = resolve(text, table)
    if has_errors(found):
        return list(found)
    with deep_stack():
        outcome = Manager(catalog.ctx, Timer(time.perf_counter), verify_module).run(steps, module)
    return [d for d in outcome.diagnostics if d.severity is not Severity.REMARK]


def count_words(count: int, word: str) -> str:
    """Return `1 file`, `2 files`."""
    return f"{count} {word}{'s' * (count != 1)}"
