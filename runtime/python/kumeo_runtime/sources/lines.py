"""Events of a file, each with its number and the offset behind it.

A reader starts at any offset that it has given before. When it follows a file that grows, a line
without its end is left for later.
"""

import csv
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple, Protocol

from kumeo_runtime.sources.rows import Convert, oversized

LINE_MAX = 64 << 20
"""A longer line is cut: no server takes even a part of it."""


class Row(NamedTuple):
    """One event of a file."""

    number: int
    """1 is the first line; in CSV, the first row behind the names of the columns."""
    payload: bytes
    end: int
    """Offset of what follows."""


class Reader(Protocol):
    """Reads events of an open file."""

    def take(self, most: int) -> list[Row]:
        """Return the next events, fewer than `most` only when there are no more now."""
        ...


class JsonLines:
    """One JSON value on each line; empty lines count but are no events."""

    def __init__(self, file: BinaryIO, offset: int, number: int, follows: bool) -> None:
        self._source = Lines(file, offset, follows)
        self._number = number

    def take(self, most: int) -> list[Row]:
        """Return the next events."""
        rows: list[Row] = []
        while len(rows) < most:
            line = self._source.next()
            if line is None:
                break
            self._number += 1
            text = line.rstrip(b"\r\n")
            if text.strip():
                rows.append(Row(self._number, text, self._source.offset))
        return rows


class CsvRows:
    """Rows of a CSV file; its first row names the columns."""

    def __init__(
        self, file: BinaryIO, offset: int, number: int, follows: bool, convert: Convert
    ) -> None:
        csv.field_size_limit(LINE_MAX)
        self._file = file
        self._follows = follows
        self._convert = convert
        self._number = number
        self._offset = offset
        self._columns: list[str] | None = None

    def take(self, most: int) -> list[Row]:
        """Return the next events."""
        if self._columns is None and not self._read_columns():
            return []
        rows: list[Row] = []
        for cells, end in self._rows(self._offset):
            self._number += 1
            self._offset = end
            rows.append(Row(self._number, self._payload(cells), end))
            if len(rows) == most:
                break
        return rows

    def _payload(self, cells: list[str]) -> bytes:
        columns = self._columns or []
        if len(cells) > len(columns):
            return oversized(self._number, cells, len(columns))
        return self._convert(dict(zip(columns, cells, strict=False)))

    def _read_columns(self) -> bool:
        """Read the first row, if it is there."""
        for cells, end in self._rows(0):
            self._columns = [cells[0].removeprefix("\ufeff"), *cells[1:]]
            self._offset = max(self._offset, end)
            return True
        return False

    def _rows(self, offset: int) -> Iterator[tuple[list[str], int]]:
        """Yield rows with the offset behind each."""
        source = Lines(self._file, offset, self._follows)
        for cells in csv.reader(source.texts()):
            if source.has_ended and self._follows:
                return  # The end of the file is inside of quotes: the rest comes later.
            if cells:
                yield cells, source.offset


class Lines:
    """Lines of a file with the offset behind the last one."""

    def __init__(self, file: BinaryIO, offset: int, follows: bool) -> None:
        self._file = file
        self._follows = follows
        self.offset = offset
        self.has_ended = False
        file.seek(offset)

    def next(self) -> bytes | None:
        """Return the next line, or None when there is none now."""
        line = self._file.readline(LINE_MAX)
        if not line.endswith(b"\n") and len(line) < LINE_MAX and (self._follows or not line):
            self._file.seek(self.offset)
            return None
        self.offset += len(line)
        rest = line
        while len(rest) == LINE_MAX and not rest.endswith(b"\n"):
            rest = self._file.readline(LINE_MAX)
            self.offset += len(rest)
        return line

    def texts(self) -> Iterator[str]:
        """Yield the lines as text; bytes that are none stay what they are."""
        while (line := self.next()) is not None:
            yield line.decode("utf-8", "surrogateescape")
        self.has_ended = True
