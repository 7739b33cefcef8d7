"""An explanation for a terminal and as JSON."""

import json
import math
from collections.abc import Iterator

from kumeo.backends.explain.view import Explanation, Section, Value, cell_text

_CELL_MAX = 60


def render_text(shown: Explanation) -> str:
    """Return the explanation as plain text, tables in columns."""
    lines = [f"{shown.title}: {shown.kind}", ""]
    width = max((len(name) for name, _ in shown.facts), default=0)
    lines += [f"  {name:<{width}}  {cell_text(value)}".rstrip() for name, value in shown.facts]
    for section in shown.sections:
        lines += ["", section.title, *(f"  {note}" for note in section.notes), *_body(section)]
    if shown.hints:
        lines += ["", "next", *(f"  {hint}" for hint in shown.hints)]
    return "\n".join(lines) + "\n"


def _body(section: Section) -> Iterator[str]:
    yield from (f"  {line}" for line in section.lines)
    if not section.rows:
        return
    cells = [
        [*(_short(cell_text(v)) for v in row[:-1]), cell_text(row[-1])] for row in section.rows
    ]
    heads = list(section.columns)
    widths = [max(len(row[i]) for row in (heads, *cells)) for i in range(len(heads))]
    right = [_is_numeric(section, i) for i in range(len(heads))]
    yield _row(heads, widths, right)
    yield "  " + "  ".join("-" * min(width, _CELL_MAX) for width in widths)
    yield from (_row(row, widths, right) for row in cells)


def _row(cells: list[str], widths: list[int], right: list[bool]) -> str:
    parts = (
        cell.rjust(width) if is_right else cell.ljust(width)
        for cell, width, is_right in zip(cells, widths, right, strict=True)
    )
    return ("  " + "  ".join(parts)).rstrip()


def _is_numeric(section: Section, column: int) -> bool:
    values = [row[column] for row in section.rows if row[column] is not None]
    return bool(values) and all(isinstance(value, int | float) for value in values)


def _short(text: str) -> str:
    return text if len(text) <= _CELL_MAX else text[: _CELL_MAX - 1] + "…"


def render_json(shown: Explanation) -> str:
    """Return the explanation as one JSON object: facts by name, a list of rows per section."""
    tables = {
        section.name: [
            {name: _plain(value) for name, value in zip(section.columns, row, strict=True)}
            for row in section.rows
        ]
        for section in shown.sections
        if section.columns
    }
    notes = {s.name: list(s.notes) for s in shown.sections if s.notes}
    whole = {
        "file": shown.title,
        "kind": shown.kind,
        "facts": {name: _plain(value) for name, value in shown.facts},
        "tables": tables,
        "notes": notes,
    }
    return json.dumps(whole, indent=2, ensure_ascii=False) + "\n"


def _plain(value: Value) -> Value:
    """Return a value that JSON has: it knows no infinity and no NaN."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value
