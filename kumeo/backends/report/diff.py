"""How two texts differ, as rows that a page can show."""

import difflib
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

Kind = Literal["same", "old", "new", "gap"]


class Piece(NamedTuple):
    """A part of a line; `changed` marks what its counterpart does not have."""

    text: str
    changed: bool = False


class Row(NamedTuple):
    """One line of a diff; a gap stands for lines that are the same on both sides."""

    kind: Kind
    old: int | None
    new: int | None
    pieces: tuple[Piece, ...]


def diff_rows(before: str, after: str, context: int = 3) -> list[Row]:
    """Return the changed lines with `context` lines around them; empty when nothing differs."""
    old, new = before.splitlines(), after.splitlines()
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    rows: list[Row] = []
    last = 0
    for group in matcher.get_grouped_opcodes(context):
        if group[0][0] == "equal" and group[0][1] == group[-1][2]:
            continue
        first = group[0][1]
        if first > last:
            rows.append(_gap(first - last))
        for tag, i1, i2, j1, j2 in group:
            rows += _rows(tag, old[i1:i2], new[j1:j2], i1, j1)
        last = group[-1][2]
    if rows and last < len(old):
        rows.append(_gap(len(old) - last))
    return rows


def _gap(count: int) -> Row:
    return Row("gap", None, None, (Piece(f"{count} lines are the same"),))


def _rows(tag: str, old: Sequence[str], new: Sequence[str], i: int, j: int) -> Iterator[Row]:
    if tag == "equal":
        for k, line in enumerate(old):
            yield Row("same", i + k + 1, j + k + 1, (Piece(line),))
        return
    paired = len(old) == len(new)
    for k, line in enumerate(old):
        pieces = _pieces(line, new[k]) if paired else (Piece(line),)
        yield Row("old", i + k + 1, None, pieces)
    for k, line in enumerate(new):
        pieces = _pieces(line, old[k]) if paired else (Piece(line),)
        yield Row("new", None, j + k + 1, pieces)


def _pieces(line: str, other: str) -> tuple[Piece, ...]:
    """Return the line in parts, those that `other` lacks marked."""
    prefix = _common(line, other)
    suffix = _common(line[prefix:][::-1], other[prefix:][::-1])
    if 2 * (prefix + suffix) < min(len(line), len(other)):
        return (Piece(line),)
    middle = line[prefix : len(line) - suffix]
    parts = (line[:prefix], False), (middle, True), (line[len(line) - suffix :], False)
    return tuple(Piece(text, changed) for text, changed in parts if text)


def _common(a: str, b: str) -> int:
    length = 0
    for left, right in zip(a, b, strict=False):
        if left != right:
            break
        length += 1
    return length
