"""Lines of an input as events with ids that a second run of the same input makes again.

An input is known by its path and its first line, an event by its input and its line number. So a
file may grow between two runs, and a restart neither loses a line nor sends one twice.
"""

import csv
import hashlib
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote

from kumeo_runtime.sources.rows import Convert, oversized

LINE_MAX = 64 << 20
"""A line of more bytes is cut here; no server takes even a part of it."""


@dataclass(frozen=True, slots=True)
class Line:
    """One event of an input."""

    number: int
    """1 is the first line; in CSV, the first line after the names of the columns."""
    payload: bytes
    end: int
    """Offset of the next line; -1 where it cannot be told."""


@dataclass(slots=True)
class Input:
    """A file or stream of events, one on each line."""

    name: str
    """What the user calls it."""
    stream: BinaryIO
    key: str
    """Identity: path and first line, as a short hash."""
    convert: Convert | None = None
    """Set for CSV."""
    generation: str = ""
    """Makes other events of the same lines: how often the user sends them again."""

    def id_of(self, number: int) -> str:
        """Return the id of the event on a line."""
        return f"{self.prefix}{number}"

    @property
    def prefix(self) -> str:
        """How all ids of this input start."""
        return f"{quote(Path(self.name).name)}:{self.key}{self.generation}:"

    def number_of(self, event_id: str) -> int | None:
        """Return the line number of an id of this input, or None for another id."""
        number = event_id.removeprefix(self.prefix)
        return int(number) if number != event_id and number.isdigit() else None

    def lines(self, after: int = 0, offset: int = 0) -> Iterator[Line]:
        """Yield the events after a line; `offset` says where that line ends, if it is known."""
        if self.convert is not None:
            yield from self._rows(self.convert, after)
            return
        number = after
        if offset:
            self.stream.seek(offset)
        else:
            number, offset = self._skip(after)
        for raw in self._raw_lines():
            number += 1
            offset += len(raw)
            text = raw.rstrip(b"\r\n")
            if text.strip():
                yield Line(number, text, offset)

    def _skip(self, count: int) -> tuple[int, int]:
        offset = number = 0
        while number < count:
            raw = self.stream.readline()
            if not raw:
                break
            number += 1
            offset += len(raw)
        return count, offset

    def _raw_lines(self) -> Iterator[bytes]:
        while raw := self.stream.readline(LINE_MAX):
            yield raw
            cut = len(raw) == LINE_MAX and not raw.endswith(b"\n")
            while cut:
                rest = self.stream.readline(LINE_MAX)
                cut = len(rest) == LINE_MAX and not rest.endswith(b"\n")

    def _rows(self, convert: Convert, after: int) -> Iterator[Line]:
        text = io.TextIOWrapper(self.stream, "utf-8-sig", "surrogateescape", newline="")
        rows = (row for row in csv.reader(text) if row)
        columns = next(rows, list[str]())
        for number, cells in enumerate(rows, 1):
            if number <= after:
                continue
            if len(cells) > len(columns):
                yield Line(number, oversized(number, cells, len(columns)), -1)
            else:
                yield Line(number, convert(dict(zip(columns, cells, strict=False))), -1)


def open_input(path: str, stdin: BinaryIO | None, convert: Convert | None = None) -> Input:
    """Open a file, or standard input for `-`; raises OSError.

    What comes from standard input is new each time: nobody can tell it from an earlier one.
    """
    if path == "-":
        assert stdin is not None, "the caller has one"
        from uuid import uuid4

        return Input("stdin", stdin, uuid4().hex[:12], convert)
    stream = open(path, "rb")  # noqa: SIM115 - kept open while the run lasts
    first = stream.readline(LINE_MAX)
    stream.seek(0)
    return Input(path, stream, key_of(path, first), convert)


def wrong_separator(path: str, known: Iterable[str]) -> str | None:
    """Return what separates the columns of a CSV file in place of commas, or None.

    That is so when its first line is one column with several names of `known` in it.
    """
    with open(path, encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
        columns = next(csv.reader(file), list[str]())
    names = set(known)
    for mark in ";\t|":
        parts = [part.strip().strip('"') for part in columns[0].split(mark)] if columns else []
        if len(columns) == 1 and len(parts) > 1 and names.intersection(parts):
            return mark
    return None


def key_of(path: str, first_line: bytes) -> str:
    """Return the identity of a file."""
    what = f"{Path(path).resolve()}\0".encode("utf-8", "surrogateescape")
    return hashlib.blake2b(what + first_line.rstrip(b"\r\n"), digest_size=6).hexdigest()
