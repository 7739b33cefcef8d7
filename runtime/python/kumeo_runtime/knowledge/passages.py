"""Passages: texts of files, cut where a reader would cut them.

A passage is one or more paragraphs of one file, up to `chunk` characters; a longer paragraph is
cut at white space. A passage of a table (CSV, Parquet) is some of its rows below their names.
"""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from kumeo_runtime.agents.resources import AgentError, library
from kumeo_runtime.databases.values import data_of

_PARAGRAPH = re.compile(r"\n\s*\n")


class Passage(NamedTuple):
    """A part of a file."""

    text: str
    source: str


def texts_of(root: Path, patterns: Sequence[str]) -> list[tuple[str, str]]:
    """Return names and texts of the files that fit, in the order of their paths.

    A file that fits several patterns is read once. Raises: AgentError.
    """
    found = {path: name for pattern in patterns for name, path in found_files(root, pattern)}
    return [(name, read_text(path)) for path, name in found.items()]


def found_files(root: Path, pattern: str) -> list[tuple[str, Path]]:
    """Return the files of a pattern with their names, in order. Raises: AgentError for none."""
    is_absolute = Path(pattern).is_absolute()
    base = Path(Path(pattern).anchor) if is_absolute else root
    relative = str(Path(pattern).relative_to(base)) if is_absolute else pattern
    found = sorted(path for path in base.glob(relative) if path.is_file())
    if not found:
        message = f"no file fits `{pattern}` in {root}"
        raise AgentError(
            "files-missing", message, "correct the path, or start in the folder that it begins in"
        )
    return [(path.relative_to(base).as_posix(), path) for path in found]


def read_text(path: Path) -> str:
    """Return the text of a file, of a Parquet file as CSV. Raises: AgentError."""
    if path.suffix.lower() == ".parquet":
        return _read_parquet(path)
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        message = f"the file {path} cannot be read: {error}"
        raise AgentError("files-missing", message, "make it a readable text in UTF-8") from None


def _read_parquet(path: Path) -> str:
    duckdb = library("duckdb", "tables")
    try:
        table = duckdb.read_parquet(str(path))
        names, rows = table.columns, table.fetchall()
    except duckdb.Error as error:
        message = f"the file {path} cannot be read: {error}"
        raise AgentError("files-missing", message, "make it a Parquet file") from None
    written = io.StringIO()
    lines = csv.writer(written, lineterminator="\n")
    lines.writerow(names)
    lines.writerows([data_of(value) for value in row] for row in rows)
    return written.getvalue()


def parts_of(name: str, text: str, chunk: int) -> Iterator[str]:
    """Give the passages of a file."""
    is_table = name.lower().endswith((".csv", ".parquet"))
    return rows_of(text, chunk) if is_table else passages_of(text, chunk)


def rows_of(text: str, chunk: int) -> Iterator[str]:
    """Give rows of a table below its names, as many as fit; a long row stands alone."""
    head, *rows = _records_of(text)
    gathered: list[str] = []
    size = len(head)
    for row in rows:
        if gathered and size + len(row) + 1 > chunk:
            yield "\n".join([head, *gathered])
            gathered, size = [], len(head)
        gathered.append(row)
        size += len(row) + 1
    if gathered:
        yield "\n".join([head, *gathered])


def _records_of(text: str) -> list[str]:
    """Return the rows of a table; a cell in quotes may hold the end of a line."""
    records: list[str] = []
    is_open = False
    for line in text.strip().split("\n"):
        if is_open:
            records[-1] += f"\n{line}"
        else:
            records.append(line)
        is_open = is_open != bool(line.count('"') % 2)
    return records


def passages_of(text: str, chunk: int) -> Iterator[str]:
    """Give paragraphs, joined while they are short together."""
    gathered = ""
    for paragraph in _PARAGRAPH.split(text.strip()):
        for part in _cut(paragraph.strip(), chunk):
            if gathered and len(gathered) + len(part) + 2 > chunk:
                yield gathered
                gathered = ""
            gathered = f"{gathered}\n\n{part}" if gathered else part
    if gathered:
        yield gathered


def _cut(paragraph: str, chunk: int) -> Iterator[str]:
    while len(paragraph) > chunk:
        at = paragraph.rfind(" ", 1, chunk + 1)
        at = chunk if at < 0 else at
        yield paragraph[:at].rstrip()
        paragraph = paragraph[at:].lstrip()
    if paragraph:
        yield paragraph
