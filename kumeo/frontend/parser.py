"""Text to syntax tree: `parse`, `parse_expression` and `read_source`.

The parser never raises. Whatever it finds wrong is a diagnostic, and all undamaged items, sections
and statements are in the tree.
"""

from dataclasses import dataclass
from typing import Any

from kumeo.diagnostics import Diagnostic, Source, Span, in_order
from kumeo.frontend import tree
from kumeo.frontend.brackets import balance
from kumeo.frontend.collector import without_gc
from kumeo.frontend.engine import Engine
from kumeo.frontend.errors.syntax import EmptyFile
from kumeo.frontend.expressions import expression_tokens
from kumeo.frontend.lexer import lex
from kumeo.frontend.reading import read_source
from kumeo.frontend.recovery import Recovery
from kumeo.frontend.tokens import Comment, Tokens

__all__ = ["Comment", "ParseResult", "parse", "parse_expression", "read_source"]


@dataclass(frozen=True)
class ParseResult:
    """A tree with what is not in it: comments and diagnostics, in order of position."""

    tree: tree.File
    comments: tuple[Comment, ...]
    diagnostics: tuple[Diagnostic, ...]


def parse(source: Source) -> ParseResult:
    """Return the tree of a whole file."""
    with without_gc():
        tokens = lex(source)
        file, diagnostics = _run(tokens, "start")
    whole = Span(source, 0, len(source.text))
    items = file.items if isinstance(file, tree.File) else ()
    if not items and not diagnostics:
        diagnostics.append(EmptyFile(Span(source, 0, 0)))
    found = tuple(in_order(diagnostics))
    return ParseResult(tree.File(whole, items), tuple(tokens.comments), found)


def parse_expression(
    string: tree.String,
) -> tuple[tree.Expr | None, tuple[Diagnostic, ...]]:
    """Return the expression that a string holds, with places in the original file.

    The expression is None when the text is damaged; the diagnostics then say where.
    """
    expression, diagnostics = _run(expression_tokens(string), "expr")
    return (None if diagnostics else expression), tuple(in_order(diagnostics))


def _run(tokens: Tokens, start: str) -> tuple[Any, list[Diagnostic]]:
    balance(tokens)
    engine = Engine(tokens, start)
    recovery = Recovery(engine)
    done = recovery.run()
    diagnostics = [*tokens.diagnostics, *engine.builder.diagnostics, *recovery.diagnostics]
    return (engine.values[-1] if done else None), diagnostics
