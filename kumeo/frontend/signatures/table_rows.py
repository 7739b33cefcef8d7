"""Compares the rows of a CSV file with the type that its author says they have.

A cell of a number, a truth value or an enum must be one; a blank cell is null, so its column must
be optional. Texts fit whatever stands there, and so do types that have no plain form in CSV.
"""

import csv
import io
from collections.abc import Callable, Iterator
from itertools import islice

from xdsl.ir import Attribute

from kumeo.diagnostics import Diagnostic, Place, nearest
from kumeo.dialects.data import BOOL, FLOAT, INT, EnumType, OptionType, RecordType
from kumeo.frontend.errors.files import InvalidTable
from kumeo.frontend.signatures.report import FileReport, ReadError

ROWS_MAX = 100_000
"""So many rows are looked at; a table may be larger than what a check should take."""
_TRUTHS = frozenset(("true", "false", "t", "f", "1", "0", "yes", "no", "y", "n"))
_DELIMITERS = ",;\t|"

Check = Callable[[str], str | None]
"""Returns what is wrong with the text of a cell."""


def columns_of(data: bytes) -> tuple[str, ...]:
    """Return the header of a CSV file, or nothing if it has none."""
    try:
        return _header(_rows(data.decode("utf-8-sig", "replace")))
    except csv.Error:
        return ()


def check_rows(data: bytes, name: str, place: Place | None, row: RecordType) -> list[Diagnostic]:
    """Return what is wrong with the rows of a CSV file that are to have the type `row`."""
    report = FileReport(InvalidTable, name, place)
    try:
        _check(report, report.decode(data).text, row)
    except csv.Error as error:
        report.add(f"it is no CSV: {error}")
    except ReadError:
        pass
    return report.found


def _check(report: FileReport, text: str, row: RecordType) -> None:
    rows = _rows(text)
    header = enumerate(_header(rows))
    wanted = [(i, title, row.field(title)) for i, title in header if title in row.names]
    checks = [(i, title, kind, _check_of(kind)) for i, title, kind in wanted if kind is not None]
    for line, cells in islice(rows, ROWS_MAX):
        for i, title, kind, check in checks:
            cell = cells[i].strip() if i < len(cells) else ""
            wrong = _blank(kind) if not cell else check(cell)
            if wrong is not None:
                _add(report, text, line, cell, f"`{title}` {wrong}", _fix(title, kind, cell))


def _header(rows: Iterator[tuple[int, list[str]]]) -> tuple[str, ...]:
    for _, cells in rows:
        return tuple(cell.strip() for cell in cells)
    return ()


def _check_of(kind: Attribute) -> Check:
    inner = kind.inner if isinstance(kind, OptionType) else kind
    if isinstance(inner, EnumType):
        names = inner.names
        return lambda cell: None if cell in names else f"is none of {', '.join(names)}"
    checks: dict[Attribute, Check] = {INT: _int, FLOAT: _float, BOOL: _bool}
    return checks.get(inner, lambda cell: None)


def _names(kind: Attribute) -> tuple[str, ...]:
    inner = kind.inner if isinstance(kind, OptionType) else kind
    return inner.names if isinstance(inner, EnumType) else ()


def _blank(kind: Attribute) -> str | None:
    needs_one = kind in (INT, FLOAT, BOOL) or isinstance(kind, EnumType)
    return "is blank, but may not be null" if needs_one else None


def _int(cell: str) -> str | None:
    try:
        is_whole = float(cell).is_integer()
    except (ValueError, OverflowError):
        is_whole = False
    return None if is_whole else "is no integer"


def _float(cell: str) -> str | None:
    try:
        float(cell)
    except ValueError:
        return "is no number"
    return None


def _bool(cell: str) -> str | None:
    return None if cell.lower() in _TRUTHS else "is no `true` or `false`"


def _fix(title: str, kind: Attribute, cell: str) -> str:
    if not cell:
        return f"fill it in, or declare `{title}` with a `?` behind its type"
    near = nearest(cell, _names(kind))
    return f"write `{near}`" if near else f"correct the cell, or declare `{title}: string`"


def _add(report: FileReport, text: str, line: int, cell: str, reason: str, fix: str) -> None:
    lines = text.splitlines(keepends=True)
    start = sum(map(len, lines[: line - 1]))
    within = lines[line - 1] if line <= len(lines) else ""
    at = max(within.find(cell), 0) if cell else 0
    end = start + at + (len(cell) or len(within.rstrip()))
    report.add(reason, start + at, end, fix=fix)


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the line and the cells of each row that is not blank, the header first."""
    first = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text), delimiter=max(_DELIMITERS, key=first.count))
    for cells in reader:
        if cells:
            yield reader.line_num, cells
