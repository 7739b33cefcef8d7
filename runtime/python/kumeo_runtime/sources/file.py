"""`FileSource`: the lines of a file as events, each stored once, across restarts.

An event is known by its file (path and first line) and its line number. The position in the store
also knows the bytes before it: a file that was written anew is read from its beginning, as other
events.
"""

import asyncio
import base64
import hashlib
import logging
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import quote

import msgspec
from msgspec import Struct

from kumeo_runtime.engine.letters import HEAD_BYTES, Letter
from kumeo_runtime.engine.shared import EngineError, Shared
from kumeo_runtime.engine.worker import Worker
from kumeo_runtime.ids import activation_id, child_id
from kumeo_runtime.sources.cursor import Cursor
from kumeo_runtime.sources.lines import LINE_MAX, CsvRows, JsonLines, Reader, Row
from kumeo_runtime.sources.rows import converter_of
from kumeo_runtime.spec import Source
from kumeo_runtime.transport.api import CREATE, Outgoing, TransportError

log = logging.getLogger("kumeo.sources")
BATCH = 256
BATCH_BYTES = 1 << 20
POLL_S = 0.5
"""How often a followed file is looked at."""
STANDBY_S = 2.0
"""How long a process waits when another one reads the same file."""
MARK_BYTES = 64
HEADERS_BYTES = 1024
FORMATS = ("json", "jsonl", "csv")


class Position(Struct):
    """How far a file is read."""

    key: str = ""
    """Of the file: path and first line."""
    generation: int = 0
    """How often a file with this key was written anew."""
    line: int = 0
    offset: int = 0
    mark: str = ""
    """Hash of the bytes before the offset."""


class FileSource:
    """Reads one file into the store."""

    def __init__(self, shared: Shared, source: Source, handler: str, root: Path) -> None:
        self.name = source.name
        self.is_done = False
        """Whether the file was read to its end and nothing more is waited for."""
        self._shared = shared
        self._source = source
        self._handler = handler
        self._path = root / source.address
        self._follows = bool(source.settings.get("watch", False))
        self._is_csv = format_of(source.address, source.settings, "source", source.name) == "csv"
        self._cursor = Cursor(shared, source)
        self._position = Position()
        self._file: BinaryIO | None = None
        self._task = Worker(shared, f"source {source.name}")

    async def start(self) -> None:
        """Begin to read. Raises: EngineError when there is no file and none is waited for."""
        if not self._follows and not self._path.is_file():
            raise EngineError(
                "cannot-read",
                f"source `{self.name}` reads {self._path}, which is no file",
                "correct the path, or write `watch: true` to wait for the file",
            )
        self._task.start(self._run())

    async def stop(self) -> None:
        """Read no more; what is stored stays."""
        await self._task.stop()
        self._close()

    # -- work
    async def _run(self) -> None:
        while self._shared.failure is None:
            try:
                await self._read_file()
                if not self._follows:
                    self.is_done = True
                    return
            except EngineError:
                return
            except TransportError as error:
                log.warning("source %s waits for the store: %s", self.name, error.code)
            except OSError as error:
                log.error("source %s cannot read its file: %s", self.name, error.strerror)
            finally:
                self._close()
            await asyncio.sleep(POLL_S)

    async def _read_file(self) -> None:
        """Read from the stored position to the end, and on while the file is followed."""
        stored = await self._cursor.load()
        reader = await asyncio.to_thread(self._open, stored)
        while reader is not None:
            await self._cursor.room()
            rows = await asyncio.to_thread(reader.take, BATCH)
            if not rows and not await self._grows():
                return
            if rows and not await self._store(rows):
                log.info("source %s is read by another process too", self.name)
                await asyncio.sleep(STANDBY_S)
                stored = await self._cursor.load()
                reader = await asyncio.to_thread(self._open, stored)

    async def _grows(self) -> bool:
        """Wait a while; False when the open file is not read any more."""
        if not self._follows:
            return False
        await asyncio.sleep(POLL_S)
        return await asyncio.to_thread(self._is_same)

    def _is_same(self) -> bool:
        try:
            there = os.stat(self._path)
        except OSError:
            return False
        assert self._file is not None
        mine = os.fstat(self._file.fileno())
        same = (there.st_dev, there.st_ino) == (mine.st_dev, mine.st_ino)
        return same and there.st_size >= self._position.offset

    def _open(self, stored: bytes | None) -> Reader | None:
        """Open the file where it was read to; None while there is none."""
        self._close()
        try:
            file = self._file = open(self._path, "rb")  # noqa: SIM115 - kept while it is read
        except FileNotFoundError:
            return None
        known = msgspec.json.decode(stored, type=Position) if stored else Position()
        self._position = at = resumed(known, file, key_of(self._path, file))
        if self._is_csv:
            convert = converter_of(self._source.type)
            return CsvRows(file, at.offset, at.line, self._follows, convert)
        return JsonLines(file, at.offset, at.line, self._follows)

    def _close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    # -- storing
    async def _store(self, rows: Sequence[Row]) -> bool:
        """Store events and the position behind them, in parts that fit."""
        for part in parts_of(rows):
            events = [event for row in part if (event := await self._event(row)) is not None]
            last = part[-1]
            assert self._file is not None
            mark = await asyncio.to_thread(mark_of, self._file, last.end)
            at = msgspec.structs.replace(
                self._position, line=last.number, offset=last.end, mark=mark
            )
            if not await self._cursor.move(events, msgspec.json.encode(at)):
                return False
            self._position = at
        return True

    async def _event(self, row: Row) -> Outgoing | None:
        key = self._id_of(row.number)
        if len(row.payload) + HEADERS_BYTES > self._shared.transport.max_payload:
            await self._bury(row, key)
            return None
        return Outgoing(self._cursor.subject, row.payload, {"Kumeo-Id": key})

    def _id_of(self, number: int) -> str:
        at = self._position
        again = f".{at.generation}" if at.generation else ""
        return f"{quote(self._path.name)}:{at.key}{again}:{number}"

    async def _bury(self, row: Row, key: str) -> None:
        """Make a dead letter of a line that no store takes."""
        shared, limit = self._shared, self._shared.transport.max_payload
        act = activation_id(shared.workflow.token, self.name, key)
        head = row.payload[:HEAD_BYTES]
        cut = " or more" if len(row.payload) >= LINE_MAX else ""
        letter = Letter(
            id=child_id(act, "too-large"),
            code="too-large",
            message=f"line {row.number} has {len(row.payload)}{cut} bytes, the limit is {limit}",
            workflow=shared.workflow.name,
            handler=self._handler,
            at_us=shared.clock.now_us(),
            source=self.name,
            event_id=key,
            now_us=shared.clock.now_us(),
            stream=str(self._path),
            seq=row.number,
            subject=self._cursor.subject,
            body=base64.b64encode(head).decode(),
            truncated=True,
        )
        subject = shared.names.letter(self._handler, letter.id)
        await shared.store(Outgoing(subject, msgspec.json.encode(letter), None, CREATE))
        log.error("source %s: line %d is too large for the store", self.name, row.number)


def format_of(address: str, settings: Any, what: str, name: str) -> str:
    """Return the format of a file: its setting, else what its name ends with."""
    found = str(settings.get("format") or ("csv" if address.endswith(".csv") else "json")).lower()
    if found not in FORMATS:
        raise EngineError(
            "invalid-setting",
            f"{what} `{name}` has the format `{found}`",
            f"write one of {', '.join(FORMATS)}",
        )
    return found


def key_of(path: Path, file: BinaryIO) -> str:
    """Return what a file is known by."""
    file.seek(0)
    first = file.readline(LINE_MAX).rstrip(b"\r\n")
    what = f"{path.resolve()}\0".encode("utf-8", "surrogateescape") + first
    return hashlib.blake2b(what, digest_size=6).hexdigest()


def mark_of(file: BinaryIO, offset: int) -> str:
    """Return a hash of the bytes before an offset; the file stays where it is."""
    at = file.tell()
    start = max(0, offset - MARK_BYTES)
    file.seek(start)
    data = file.read(offset - start)
    file.seek(at)
    return hashlib.blake2b(data, digest_size=8).hexdigest() if len(data) == offset - start else ""


def resumed(known: Position, file: BinaryIO, key: str) -> Position:
    """Return where to go on in a file."""
    if known.key != key:
        return Position(key)
    if known.offset and mark_of(file, known.offset) != known.mark:
        return Position(key, known.generation + 1)
    return known


def parts_of(rows: Sequence[Row]) -> list[list[Row]]:
    """Return rows in parts of a limited size."""
    parts: list[list[Row]] = [[]]
    size = 0
    for row in rows:
        if parts[-1] and size + len(row.payload) > BATCH_BYTES:
            parts.append([])
            size = 0
        parts[-1].append(row)
        size += len(row.payload)
    return parts
