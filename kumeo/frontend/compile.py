"""The whole frontend: text in; IR, tests and diagnostics out. Imports are read on the way."""

import posixpath
from collections.abc import Sequence
from dataclasses import dataclass, field

from kumeo.diagnostics import Diagnostic, Source, Span, has_errors
from kumeo.frontend import tree
from kumeo.frontend.collector import without_gc
from kumeo.frontend.elaborate import Elaborated, Files, WorkflowTest, elaborate
from kumeo.frontend.errors.outside import ImportCycle, MissingFile
from kumeo.frontend.parser import parse, read_source

_SHARED = (tree.Schema, tree.Enum, tree.Provider, tree.AgentDeclaration, tree.Subworkflow)

_FOLLOW_UPS = (
    *("unknown-", "missing-", "unused-", "later-", "incomplete-", "dead-", "unreachable-"),
    *("no-output", "not-optional"),
)
"""Codes of faults that a damaged part of the file may cause."""


def compile_source(source: Source, files: Files) -> Elaborated:
    """Return what a file means. With syntax errors the undamaged parts are checked as well.

    A name that is missing there may be defined in a damaged part, so it is not reported then.
    """
    with without_gc():
        parsed = parse(source)
        imports = _Imports(files)
        imports.read(parsed.tree, source.path, "", [posixpath.basename(source.path)])
        result = elaborate(parsed.tree, imports.items, files, imports.folders)
    syntax = [*parsed.diagnostics, *imports.diagnostics]
    found = result.diagnostics
    if has_errors(syntax):
        damaged = [each.place for each in syntax if isinstance(each.place, Span)]
        found = tuple(
            each
            for each in found
            if not each.code.startswith(_FOLLOW_UPS) and not _lies_in(each, damaged)
        )
    diagnostics = (*syntax, *found)
    module = None if has_errors(diagnostics) else result.module
    return Elaborated(module, result.tests, diagnostics, result.type_names)


def _lies_in(diagnostic: Diagnostic, damaged: Sequence[Span]) -> bool:
    """Say whether a fault is about what stands where the parser has mended the text."""
    place = diagnostic.place
    return isinstance(place, Span) and any(
        place.source is each.source and each.start <= place.start and place.end <= each.end
        for each in damaged
    )


@dataclass
class _Imports:
    """Collects what imported files declare. Each file is read once."""

    files: Files
    items: list[tree.Item] = field(default_factory=list[tree.Item])
    diagnostics: list[Diagnostic] = field(default_factory=list[Diagnostic])
    seen: set[str] = field(default_factory=set[str])
    folders: dict[Source, str] = field(default_factory=dict[Source, str])

    def read(self, file: tree.File, shown: str, folder: str, chain: Sequence[str]) -> None:
        """Read the imports of `file`, which lies in `folder` below the main file."""
        for item in file.items:
            if isinstance(item, tree.Import):
                path = posixpath.normpath(posixpath.join(folder, item.path.value))
                self._read_one(item, path, shown, chain)

    def _read_one(self, item: tree.Import, path: str, shown: str, chain: Sequence[str]) -> None:
        if path in chain:
            circle = " → ".join(f"`{each}`" for each in [*chain[chain.index(path) :], path])
            self.diagnostics.append(ImportCycle(item.path.span, circle))
            return
        if path in self.seen:
            return
        self.seen.add(path)
        content = self.files.read(path)
        if content is None:
            self.diagnostics.append(MissingFile(item.path.span, path))
            return
        name = posixpath.join(posixpath.dirname(shown), item.path.value)
        source, found = read_source(posixpath.normpath(name), content)
        self.diagnostics.extend(found)
        if source is None:
            return
        self.folders[source] = posixpath.dirname(path)
        parsed = parse(source)
        self.diagnostics.extend(parsed.diagnostics)
        self.read(parsed.tree, source.path, posixpath.dirname(path), [*chain, path])
        self.items += [each for each in parsed.tree.items if isinstance(each, _SHARED)]


__all__ = ["Elaborated", "Files", "WorkflowTest", "compile_source"]
