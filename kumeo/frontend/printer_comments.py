"""Lists with their comments and blank lines.

Comments are handed out in the order of the text: those before an element stand above it, those
behind it on its line stay there, the rest go to the end of the list. A comment inside something
that has no list, such as `a + /* why */ b`, moves behind the element. None is lost.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from kumeo.frontend import tree
from kumeo.frontend.layout import BROKEN, HARD, LINE, Break, Doc, group, indent, seq
from kumeo.frontend.tokens import Comment

N = TypeVar("N", bound=tree.Node)


@dataclass(frozen=True)
class Style:
    """How a list is written: its brackets, separator and padding, and whether it is broken."""

    opener: str
    closer: str
    separator: str = ""
    padding: Break = Break.HARD
    """The break behind the opener and before the closer."""


class ListPrinter:
    """Writes lists of elements and hands out the comments of one text."""

    def __init__(self, text: str, comments: Sequence[Comment]) -> None:
        self.text = text
        self._comments = comments
        self._next = 0

    def listing(
        self,
        style: Style,
        elements: Sequence[N],
        write: Callable[[N], Doc],
        start: int,
        end: int,
    ) -> Doc:
        """Return a bracketed list that stands between two offsets of the text."""
        rows = self.rows(style.separator, elements, write, start, end)
        if not rows:
            return style.opener + style.closer
        padding = style.padding
        body = indent(padding, *rows)
        return group(style.opener, body, padding, style.closer)

    def rows(
        self,
        separator: str,
        elements: Sequence[N],
        write: Callable[[N], Doc],
        start: int,
        end: int,
        is_apart: Callable[[N], bool] = lambda _: False,
    ) -> list[Doc]:
        """Return the elements and comments between two offsets, with a break between each two.

        A blank line stands before each element for which `is_apart` holds, its comments included.
        """
        rows: list[Doc] = []
        is_broken = self._has_comment_before(end)
        last = start
        for index, element in enumerate(elements):
            is_next_apart = is_apart(element)
            if self._has_comment_before(element.span.start):
                last = self._above(rows, element.span.start, last, is_next_apart)
                is_next_apart = False
            if rows:
                rows.append(HARD if is_broken or not separator else LINE)
                self._blank(rows, last, element.span.start, is_next_apart)
            mark = separator if index + 1 < len(elements) else ""
            rows.append(seq(write(element), mark))
            last = self._behind(rows, element.span.end)
        self._above(rows, end, last)
        return rows

    def _has_comment_before(self, offset: int) -> bool:
        return self._next < len(self._comments) and self._peek().span.start < offset

    def _peek(self) -> Comment:
        return self._comments[self._next]

    def _above(self, rows: list[Doc], offset: int, last: int, is_apart: bool = False) -> int:
        """Append the comments before an offset as lines of their own; return where they end."""
        while self._has_comment_before(offset):
            comment = self._peek()
            if rows:
                rows.append(HARD)
                self._blank(rows, last, comment.span.start, is_apart)
            is_apart = False
            rows.append(seq(comment.text.rstrip(), BROKEN))
            last = max(last, comment.span.end)
            self._next += 1
        return last

    def _behind(self, rows: list[Doc], end: int) -> int:
        """Append the comments on the line of an element that ends at `end`."""
        last = end
        count = 0
        while self._next < len(self._comments):
            comment = self._peek()
            between = self.text[last : comment.span.start]
            if comment.span.start >= end and between.strip(" \t,;"):
                break
            rows.append("  " if count == 0 else HARD)
            rows.append(seq(comment.text.rstrip(), BROKEN))
            count += 1
            last = max(last, comment.span.end)
            self._next += 1
        return last

    def _blank(self, rows: list[Doc], last: int, start: int, is_apart: bool) -> None:
        """Keep one of the blank lines between two places, or add one."""
        if is_apart or self.text.count("\n", last, start) > 1:
            rows.append(HARD)
