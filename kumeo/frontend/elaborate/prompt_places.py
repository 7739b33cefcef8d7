"""Where the parts of a prompt stand in the file.

The template engine knows lines only, so a path or filter is looked up in the template: its first
occurrence inside of `{{ … }}` or `{% … %}`.
"""

import re

from kumeo.diagnostics import Span
from kumeo.frontend import tree
from kumeo.frontend.literals import decode_escapes, dedent

_TAG = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)


class PromptPlaces:
    """Finds the places of a prompt's parts."""

    def __init__(self, string: tree.String, template: str, written: list[int]) -> None:
        """Take a string, its template, and where each character of the template comes from."""
        self.whole = string.span
        self._text = template
        offsets = _offsets(string)
        self._offsets = [offsets[at] for at in written] if offsets else []
        self._tags = [match.span() for match in _TAG.finditer(self._text)]

    def of(self, names: tuple[str, ...], start: int, end: int) -> Span:
        """Return the place of the names from `start` up to `end` of a dotted path."""
        words = [rf"({re.escape(name)})" for name in names]
        found = self._search(r"(?<![\w.])" + r"\s*\.\s*".join(words) + r"(?!\w)")
        if found is None:
            return self.whole
        return self._span(found.start(start + 1), found.end(end))

    def word(self, text: str, before: str = "") -> Span:
        """Return the place of a word, if `before` stands before it."""
        found = self._search(rf"{before}\s*\b({re.escape(text)})\b")
        return self.whole if found is None else self._span(found.start(1), found.end(1))

    def line(self, number: int) -> Span:
        """Return the text of a line of the template; 1 is the first."""
        lines = self._text.split("\n")
        if not 1 <= number <= len(lines) or not lines[number - 1].strip():
            return self.whole
        line = lines[number - 1]
        start = sum(len(each) + 1 for each in lines[: number - 1])
        return self._span(start + len(line) - len(line.lstrip()), start + len(line.rstrip()))

    def _search(self, pattern: str) -> re.Match[str] | None:
        compiled = re.compile(pattern)
        for start, end in self._tags:
            found = compiled.search(self._text, start, end)
            if found is not None:
                return found
        return None

    def _span(self, start: int, end: int) -> Span:
        if end >= len(self._offsets):
            return self.whole
        first, last = self._offsets[start], self._offsets[end - 1] + 1
        return Span(self.whole.source, first, max(first + 1, last))


def _offsets(string: tree.String) -> list[int]:
    """Return the place in the file of each character of the value; none if it is damaged."""
    quotes = 3 if string.raw else 1
    inside = string.span.text[quotes:-quotes]
    decode = dedent if string.raw else decode_escapes
    decoded = decode(inside, string.span.start + quotes)
    return decoded.offsets if decoded.value == string.value else []
