"""The tokens and comments of one text."""

from dataclasses import dataclass, field

from kumeo.diagnostics import Diagnostic, Source, Span

END = "$END"
"""Kind of the token after the last one."""


@dataclass(frozen=True)
class Comment:
    """One comment; `text` includes `//` or `/*` and `*/`."""

    span: Span
    text: str


@dataclass
class Tokens:
    """Tokens as parallel lists: the lexer fills them, the bracket repair may change them."""

    source: Source
    kinds: list[str] = field(default_factory=list[str])
    texts: list[str] = field(default_factory=list[str])
    starts: list[int] = field(default_factory=list[int])
    ends: list[int] = field(default_factory=list[int])
    comments: list[Comment] = field(default_factory=list[Comment])
    diagnostics: list[Diagnostic] = field(default_factory=list[Diagnostic])
    damaged: set[int] = field(default_factory=set[int])
    """Offsets where a token starts that a repair made, or that follows a dropped piece."""
    is_cut: bool = False
    """Whether the rest of the text is lost in a string or comment that is not closed."""

    def add(self, kind: str, text: str, start: int, end: int) -> None:
        """Append a token."""
        self.kinds.append(kind)
        self.texts.append(text)
        self.starts.append(start)
        self.ends.append(end)

    def replace(self, first: int, last: int, rows: list[tuple[str, str, int, int]]) -> None:
        """Put other tokens (kind, text, start, end) in the place of `first` to `last`."""
        self.kinds[first:last] = [row[0] for row in rows]
        self.texts[first:last] = [row[1] for row in rows]
        self.starts[first:last] = [row[2] for row in rows]
        self.ends[first:last] = [row[3] for row in rows]

    def cut(self, index: int) -> None:
        """Forget the tokens from `index` on."""
        for column in (self.kinds, self.texts, self.starts, self.ends):
            del column[index:]

    def span(self, index: int) -> Span:
        """Return the place of a token."""
        return Span(self.source, self.starts[index], self.ends[index])

    def is_first_on_line(self, index: int) -> bool:
        """Return whether a line break stands between a token and the one before it."""
        if index == 0:
            return True
        return "\n" in self.source.text[self.ends[index - 1] : self.starts[index]]
