"""Strings without a closing quote: where they most likely end.

A quoted string ends on its line, before brackets and commas that cannot belong to it. A raw string
ends before the first line that is indented no deeper than the line on which it opens. When an
unclosed raw string has swallowed the opening quotes of the next one, all later ones are turned
inside out; the first one with a line that stands too far to the left is then the unclosed one.
"""

from kumeo.diagnostics import Span
from kumeo.frontend.errors.syntax import UnterminatedString
from kumeo.frontend.tokens import Tokens

_PARTNERS = {")": "(", "]": "[", "}": "{"}
_QUOTES = '"""'


def mend_string(tokens: Tokens, start: int, end: int) -> int:
    """Report the string that opens at `start`; return where it ends."""
    text = tokens.source.text
    quote = text[start]
    end = start + 1 + len(_content(text[start + 1 : end].rstrip()))
    tokens.diagnostics.append(UnterminatedString(Span(tokens.source, start, end), quote))
    tokens.damaged.add(start)
    content = text[start + 1 : end]
    if (len(content) - len(content.rstrip("\\"))) % 2:
        content += "\\"
    tokens.add("STRING", quote + content + quote, start, end)
    return end


def _content(text: str) -> str:
    """Return `text` without the brackets and commas at its end that it does not open itself."""
    keep = len(text)
    while keep and text[keep - 1] in ",;)]} ":
        keep -= 1
    while keep < len(text):
        opener = _PARTNERS.get(text[keep])
        if opener is None or text.count(opener, 0, keep) <= text.count(text[keep], 0, keep):
            break
        keep += 1
    return text[:keep]


def mend_raw_string(tokens: Tokens, start: int, stop: int) -> int | None:
    """Report the raw string that is not closed; return where it ends, None for the end of text."""
    start = _unclosed_start(tokens, start)
    text = tokens.source.text
    opening = Span(tokens.source, start, start + len(_QUOTES))
    end = _first_line_to_the_left(text, start, stop)
    tokens.diagnostics.append(UnterminatedString(opening, _QUOTES))
    tokens.damaged.add(start)
    tokens.is_cut = end is None
    last = stop if end is None else end
    content = text[opening.end : last].replace('"', "'").rstrip()
    tokens.add("RAW_STRING", _QUOTES + content + _QUOTES, start, start + 3 + len(content))
    return end


def _unclosed_start(tokens: Tokens, start: int) -> int:
    """Return where the unclosed raw string opens, and forget the tokens from there on."""
    text = tokens.source.text
    for index, kind in enumerate(tokens.kinds):
        if kind != "RAW_STRING" or tokens.starts[index] in tokens.damaged:
            continue
        first = tokens.starts[index]
        if _first_line_to_the_left(text, first, tokens.ends[index] - 3) is None:
            continue
        tokens.cut(index)
        tokens.comments[:] = [c for c in tokens.comments if c.span.start < first]
        tokens.diagnostics[:] = [d for d in tokens.diagnostics if _is_before(d.place, first)]
        return first
    return start


def _is_before(place: object, offset: int) -> bool:
    return isinstance(place, Span) and place.start < offset


def _first_line_to_the_left(text: str, start: int, stop: int) -> int | None:
    """Return where the first line begins that is indented no deeper than the one at `start`."""
    depth = _indent(text, text.rfind("\n", 0, start) + 1)
    at = text.find("\n", start, stop) + 1
    while at:
        filled = text[at : _line_end(text, at, stop)].strip()
        if filled and _indent(text, at) <= depth:
            return at
        at = text.find("\n", at, stop) + 1
    return None


def _line_end(text: str, at: int, stop: int) -> int:
    end = text.find("\n", at, stop)
    return stop if end < 0 else end


def _indent(text: str, at: int) -> int:
    end = at
    while end < len(text) and text[end] in " \t":
        end += 1
    return len(text[at:end].expandtabs(8))
