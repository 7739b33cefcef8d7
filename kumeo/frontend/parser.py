"""Text to syntax tree: `parse`, `parse_expression` and `read_source`.

The parser never raises. Whatever it finds wrong is a diagnostic, and all undamaged items, sections
and statements are in the tree.
"""

import gc
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass

from kumeo.diagnostics import Diagnostic, Source, Span
from kumeo.frontend import tree
from kumeo.frontend.engine import Engine
from kumeo.frontend.errors.syntax import EmptyFile, SyntaxFault
from kumeo.frontend.expressions import expression_tokens
from kumeo.frontend.lexer import lex
from kumeo.frontend.reading import read_source
from kumeo.frontend.tokens import Comment

__all__ = ["Comment", "ParseResult", "parse", "parse_expression", "read_source"]


@dataclass(frozen=True)
class ParseResult:
    """A tree with what is not in it: comments and diagnostics, in order of position."""

    tree: tree.File
    comments: tuple[Comment, ...]
    diagnostics: tuple[Diagnostic, ...]


def parse(source: Source) -> ParseResult:
    """Return the tree of a whole file."""
    with _without_gc():
        tokens = lex(source)
        engine = Engine(tokens, "start")
        done = engine.run()
    diagnostics = tokens.diagnostics + engine.builder.diagnostics
    file = tree.File(Span(source, 0, len(source.text)), ())
    if done:
        file = engine.values[-1]
    else:
        diagnostics.append(SyntaxFault(tokens.span(engine.index), "unexpected text"))
    if done and not file.items:
        diagnostics.append(EmptyFile(Span(source, 0, 0)))
    return ParseResult(file, tuple(tokens.comments), tuple(diagnostics))


def parse_expression(
    string: tree.String,
) -> tuple[tree.Expr | None, tuple[Diagnostic, ...]]:
    """Return the expression that a string holds, with places in the original file.

    The expression is None when the text is damaged; the diagnostics then say where.
    """
    tokens = expression_tokens(string)
    engine = Engine(tokens, "expr")
    done = engine.run()
    diagnostics = tokens.diagnostics + engine.builder.diagnostics
    if not done:
        diagnostics.append(SyntaxFault(tokens.span(engine.index), "unexpected text"))
    return (None if diagnostics else engine.values[-1]), tuple(diagnostics)


@contextmanager
def _without_gc() -> Generator[None]:
    """Stop the garbage collector: a tree has no cycles, and walking it again and again is slow."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
