"""Tokens of an expression that stands inside a string, with places in the original file."""

from dataclasses import replace

from kumeo.diagnostics import Diagnostic, Source, Span
from kumeo.frontend import tree
from kumeo.frontend.lexer import lex
from kumeo.frontend.literals import Decoded, decode_escapes, dedent
from kumeo.frontend.tokens import Tokens


def expression_tokens(string: tree.String) -> Tokens:
    """Return the tokens of the string's value; their places are those of the written text."""
    source, start, end = string.span
    written = string.span.text
    quotes = 3 if string.raw else 1
    inside = written[quotes:-quotes]
    if inside == string.value:
        return lex(source, start + quotes, end - quotes)
    decoded = _decode(string, inside, start + quotes)
    if decoded.value != string.value:  # The string itself is damaged and already reported.
        decoded = Decoded(string.value, [start] * len(string.value) + [end], ())
    tokens = lex(Source(source.path, string.value))
    offsets = decoded.offsets
    tokens.source = source
    tokens.starts[:] = [offsets[offset] for offset in tokens.starts]
    tokens.ends[:] = [offsets[offset] for offset in tokens.ends]
    tokens.damaged = {offsets[offset] for offset in tokens.damaged}
    tokens.diagnostics[:] = [_moved(d, source, offsets) for d in tokens.diagnostics]
    return tokens


def _decode(string: tree.String, inside: str, start: int) -> Decoded:
    return dedent(inside, start) if string.raw else decode_escapes(inside, start)


def _moved(diagnostic: Diagnostic, source: Source, offsets: list[int]) -> Diagnostic:
    place = diagnostic.place
    if not isinstance(place, Span):
        return diagnostic
    return replace(diagnostic, place=Span(source, offsets[place.start], offsets[place.end]))
