"""Functions and classes in the user's own Python code, as its source says; nothing of it is run.

    agent Score(amount: float) -> float { python: "rules.scoring:score" }

`Code.find("rules.scoring", "score")` reads `rules/scoring.py` beside the workflow. A name that is
imported from another file beside the workflow is followed there; anything else is not known.
"""

import ast
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from kumeo.diagnostics import Source, Span

ReadFile: TypeAlias = Callable[[str], bytes | None]
Definition: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
_HOPS_MAX = 20
"""Imports of one name that are followed: files may import each other in a circle."""


class Found(NamedTuple):
    """What a name stands for, and the module in which that is written."""

    node: ast.AST | None
    """A definition, an assigned expression, or None when it is not known."""
    module: "Module"


class BrokenCode(Exception):  # noqa: N818 - the reason why a file cannot be read
    """A file that is no Python: the reason and the line, if there is one."""

    def __init__(self, path: str, reason: str, place: Span | None) -> None:
        super().__init__(reason)
        self.path = path
        self.reason = reason
        self.place = place


@dataclass
class Module:
    """One parsed file."""

    name: str
    path: str
    source: Source
    names: dict[str, ast.AST] = field(default_factory=dict[str, ast.AST])
    """Definitions and assigned values at the top; the last one of a name counts."""
    imports: dict[str, tuple[str, str]] = field(default_factory=dict[str, tuple[str, str]])
    """Imported names: the module, and the name in it (empty for a module itself)."""
    is_open: bool = False
    """Whether `from x import *` brings names that are not seen."""

    def span(self, node: ast.AST) -> Span:
        """Return the place of a node; of a definition that of its name."""
        line, column = getattr(node, "lineno", 1), getattr(node, "col_offset", 0)
        text = self.source.text
        start = self.source.line_starts[line - 1]
        start += len(text[start:].encode()[:column].decode("utf-8", "ignore"))
        if isinstance(node, Definition):
            found = text.find(node.name, start)
            return Span(self.source, found, found + len(node.name))
        shown = ast.get_source_segment(text, node) or ""
        return Span(self.source, start, start + len(shown.split("\n")[0]))


@dataclass
class Code:
    """The modules beside a workflow, each read once."""

    read: ReadFile
    modules: dict[str, Module | None] = field(default_factory=dict[str, Module | None])

    def module(self, name: str) -> Module | None:
        """Return a module beside the workflow, or None. Raises: BrokenCode."""
        if name not in self.modules:
            self.modules[name] = self._read(name)
        return self.modules[name]

    def _read(self, name: str) -> Module | None:
        for path in files_of(name):
            content = self.read(path)
            if content is not None:
                return _parsed(name, path, content)
        return None

    def find(self, module: Module, name: str) -> Found | None:
        """Return what a name of a module stands for; None when nothing is called so.

        Raises: BrokenCode.
        """
        for _ in range(_HOPS_MAX):
            if name in module.names:
                return Found(module.names[name], module)
            if name not in module.imports:
                return Found(None, module) if module.is_open else None
            where, name_there = module.imports[name]
            following = self.module(where) if name_there else None
            if following is None:
                return Found(None, module)
            module, name = following, name_there
        return Found(None, module)


def files_of(name: str) -> tuple[str, str]:
    """Return the paths at which a module may lie, beside the workflow."""
    path = name.replace(".", "/")
    return f"{path}.py", f"{path}/__init__.py"


def _parsed(name: str, path: str, content: bytes) -> Module:
    text = content.decode("utf-8-sig", "replace")
    source = Source(path, text)
    try:
        tree = ast.parse(text)
    except SyntaxError as error:
        line = min(error.lineno or 1, len(source.line_starts))
        start = source.line_starts[line - 1]
        end = text.find("\n", start)
        place = Span(source, start, len(text) if end < 0 else end)
        raise BrokenCode(path, error.msg, place) from None
    except (ValueError, RecursionError, MemoryError):
        raise BrokenCode(path, "it cannot be parsed", None) from None
    module = Module(name, path, source)
    is_package = path.endswith("__init__.py")
    for statement, is_sure in _statements(tree.body):
        before = dict(module.names) if not is_sure else {}
        _declare(module, statement, is_package)
        for name, node in before.items():
            if module.names[name] is not node:
                module.names[name] = _OPEN  # which of the two it is shows when the code runs
    return module


_OPEN = ast.Constant(None)
"""Stands for a name that has several definitions."""


def _statements(body: Iterable[ast.stmt], is_sure: bool = True) -> Iterator[tuple[ast.stmt, bool]]:
    """Yield the statements at the top, and whether each one runs for certain.

    Those inside of `if`, `try` and `with` are included.
    """
    for statement in body:
        yield statement, is_sure
        for part in ("body", "orelse", "finalbody"):
            if isinstance(statement, ast.If | ast.Try | ast.With):
                yield from _statements(getattr(statement, part, ()), False)
        for handler in getattr(statement, "handlers", ()):
            yield from _statements(handler.body, False)


def _declare(module: Module, statement: ast.stmt, is_package: bool) -> None:
    match statement:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            module.names[statement.name] = statement
        case ast.Assign(targets=targets, value=value):
            names = (target.id for target in targets if isinstance(target, ast.Name))
            module.names |= dict.fromkeys(names, value)
        case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
            module.names[name] = value
        case ast.Import(names=names):
            for each in names:
                module.imports[each.asname or each.name] = (each.name, "")
        case ast.ImportFrom(module=where, names=names, level=level):
            base = _absolute(module.name, where or "", level, is_package)
            module.is_open |= any(each.name == "*" for each in names)
            for each in names:
                module.imports[each.asname or each.name] = (base, each.name)
        case _:
            pass


def _absolute(name: str, where: str, level: int, is_package: bool) -> str:
    """Return the module that a relative import means."""
    if not level:
        return where
    parts = name.split(".")
    kept = parts[: len(parts) - level + is_package]
    return ".".join([*kept, *([where] if where else [])])
