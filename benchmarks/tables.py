"""Results as data: printed as text, written as JSON."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

Cell = str | int | float


@dataclass(frozen=True)
class Options:
    """How much to measure."""

    best_of: int = 3
    large: bool = False
    """Also measure what takes minutes."""
    reference: str | None = None
    """A script to compare delivery with in the same run."""
    minutes: float = 0.3
    """How long memory is watched."""


@dataclass(frozen=True)
class Table:
    """One benchmark: rows of names and numbers, and sentences about them."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    notes: Sequence[str] = ()

    def to_text(self) -> str:
        """Return the table in aligned columns, numbers to the right."""
        cells = [list(self.columns), *([shown(cell) for cell in row] for row in self.rows)]
        widths = [max(len(row[at]) for row in cells) for at in range(len(self.columns))]
        first = self.rows[0] if self.rows else [""] * len(widths)
        lines = [self._line(row, widths, first) for row in cells]
        rule = "-" * max(len(line) for line in lines)
        return "\n".join([self.title, rule, lines[0], rule, *lines[1:], *self.notes])

    @staticmethod
    def _line(row: Sequence[str], widths: Sequence[int], kinds: Sequence[Cell]) -> str:
        padded = (
            text.ljust(width) if isinstance(kind, str) else text.rjust(width)
            for text, width, kind in zip(row, widths, kinds, strict=True)
        )
        return "  ".join(padded).rstrip()

    def to_json(self) -> dict[str, Any]:
        """Return the table as JSON data: each row is an object."""
        rows = [dict(zip(self.columns, row, strict=True)) for row in self.rows]
        return {"title": self.title, "rows": rows, "notes": list(self.notes)}


def shown(cell: Cell) -> str:
    """Return a cell as text: floats with three digits that count."""
    if not isinstance(cell, float):
        return f"{cell:,}" if isinstance(cell, int) else cell
    return f"{cell:.3f}" if abs(cell) < 10 else f"{cell:.1f}"
