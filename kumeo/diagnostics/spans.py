"""Places in source files: a `Source` is a text with a name, a `Span` a range of its characters."""

from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple


@dataclass(eq=False)
class Source:
    """One source text. Two sources are equal only when they are the same object."""

    path: str
    """Shown to the user; relative to the folder the user works in."""
    text: str

    @cached_property
    def line_starts(self) -> list[int]:
        """Offset of the first character of each line."""
        text = self.text
        return [0, *(i + 1 for i, char in enumerate(text) if char == "\n")]

    def position(self, offset: int) -> tuple[int, int]:
        """Return line and column of a character offset; both start at 1."""
        line = bisect_right(self.line_starts, offset)
        return line, offset - self.line_starts[line - 1] + 1

    def line(self, number: int) -> str:
        """Return the text of a line (1 is the first) without its line break."""
        starts = self.line_starts
        end = starts[number] if number < len(starts) else len(self.text)
        return self.text[starts[number - 1] : end].rstrip("\r\n")


class Span(NamedTuple):
    """The characters `start` (inclusive) to `end` (exclusive) of a source."""

    source: Source
    start: int
    end: int

    @property
    def path(self) -> str:
        """Path of the source, as shown to the user."""
        return self.source.path

    @property
    def line(self) -> int:
        """Line of the first character; 1 is the first."""
        return self.source.position(self.start)[0]

    @property
    def column(self) -> int:
        """Column of the first character; 1 is the first."""
        return self.source.position(self.start)[1]

    @property
    def text(self) -> str:
        """The characters themselves."""
        return self.source.text[self.start : self.end]

    def to(self, other: "Span") -> "Span":
        """Return the span from the start of this one to the end of `other`."""
        return Span(self.source, self.start, max(self.end, other.end))


class Point(NamedTuple):
    """A place whose text is not at hand, for instance the location of an IR operation."""

    path: str
    line: int
    column: int


Place = Span | Point
