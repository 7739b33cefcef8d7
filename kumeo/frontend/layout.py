"""Lays out text in lines of at most 100 characters.

A document is made of strings, line breaks and groups. A group is written on one line when it fits,
else all its line breaks (not those of groups inside it) become real ones. The renderer has its own
stack, so that deep documents need no recursion.
"""

from dataclasses import dataclass
from enum import Enum

WIDTH = 100
INDENT = 2


class Break(Enum):
    """A place where a line may end."""

    LINE = " "
    """A space, or a new line in a broken group."""
    SOFT = ""
    """Nothing, or a new line in a broken group."""
    HARD = "\n"
    """Always a new line; it breaks all groups around it."""


@dataclass(frozen=True, slots=True)
class Group:
    """Parts that belong together; `is_broken` forces new lines at its breaks."""

    parts: tuple["Doc", ...]
    is_broken: bool
    is_choice: bool = True
    """False for a mere sequence, which follows the group around it."""
    indent: int = 0


Doc = str | Break | Group

LINE, SOFT, HARD = Break.LINE, Break.SOFT, Break.HARD


def group(*parts: Doc) -> Group:
    """Return a group that is written on one line if it fits."""
    return Group(parts, any(map(breaks, parts)))


def seq(*parts: Doc) -> Group:
    """Return parts in a row."""
    return Group(parts, any(map(breaks, parts)), is_choice=False)


def indent(*parts: Doc, by: int = INDENT) -> Group:
    """Return parts in a row whose new lines stand further to the right."""
    return Group(parts, any(map(breaks, parts)), is_choice=False, indent=by)


BROKEN = Group((), is_broken=True, is_choice=False)
"""Writes nothing and breaks the groups around it."""


def breaks(doc: Doc) -> bool:
    """Return whether a document cannot be written on one line."""
    if isinstance(doc, Group):
        return doc.is_broken
    return doc is HARD or (isinstance(doc, str) and "\n" in doc)


_Item = tuple[int, bool, Doc]
"""Indentation, whether the group around is broken, and the document."""


def render(doc: Doc) -> str:
    """Return the text of a document, without white space at line ends."""
    out: list[str] = []
    column = 0
    pending = 0
    stack: list[_Item] = [(0, True, doc)]
    while stack:
        margin, is_broken, item = stack.pop()
        if isinstance(item, Group):
            if item.is_choice:
                is_broken = item.is_broken or not _fits(item, stack, WIDTH - column)
            inner = margin + item.indent
            stack.extend((inner, is_broken, part) for part in reversed(item.parts))
        elif isinstance(item, Break):
            if item is HARD or is_broken:
                out.append("\n")
                column = pending = margin
            else:
                out.append(item.value)
                column += len(item.value)
        elif item:
            out.append(" " * pending + item)
            pending = 0
            column = len(item) - item.rfind("\n") - 1 if "\n" in item else column + len(item)
    return "".join(out)


def _fits(group: Group, rest: list[_Item], room: int) -> bool:
    """Return whether a group, and what follows up to the next new line, has room on the line."""
    stack: list[_Item] = [(0, False, group)]
    next_rest = len(rest)
    while room >= 0:
        if not stack:
            next_rest -= 1
            if next_rest < 0:
                return True
            stack.append(rest[next_rest])
        margin, is_broken, item = stack.pop()
        if isinstance(item, Group):
            inside = item.is_broken if item.is_choice else is_broken
            stack.extend((margin, inside, part) for part in reversed(item.parts))
        elif isinstance(item, Break):
            if item is HARD or is_broken:
                return True
            room -= len(item.value)
        else:
            room -= len(item) if "\n" not in item else item.index("\n")
            if "\n" in item:
                return room >= 0
    return False
