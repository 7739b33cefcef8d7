"""Writes the values of targets as JSON lines, each once, also over kills and restarts.

    {"target":"alerts","id":"6d0e…","value":{"tx":{"tx_id":"3"}}}

A sidecar in the state folder says how long the file was when which sequences were written. A
restart cuts the file back to that length and goes on with the next ones.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from kumeo_runtime.transport.api import Stored, Transport

_READ = 512


@dataclass(frozen=True, slots=True)
class Place:
    """Where the values of a target are stored."""

    stream: str
    subject: str


@dataclass(slots=True)
class Mark:
    """How far outputs are written."""

    path: str
    size: int = 0
    seqs: dict[str, list[Any]] = field(default_factory=dict[str, list[Any]])
    """By target: when its stream was created, and the last sequence written."""


class Outputs:
    """One file, or standard output, that gets what targets get."""

    def __init__(
        self, transport: Transport, places: Mapping[str, Place], path: str, sidecar: Path
    ) -> None:
        self._transport = transport
        self._places = places
        self._path = path
        self._sidecar = sidecar
        self._mark = _load(sidecar, path)
        self._file: BinaryIO | None = None
        self.written = 0

    async def open(self, stdout: BinaryIO) -> None:
        """Go on where an earlier run stopped; a new file starts with what comes from now on.

        Raises: OSError if the file cannot be written.
        """
        self._file = stdout if self._path == "-" else self._open_file()
        for target, place in self._places.items():
            info = await self._transport.stream_info(place.stream)
            if info is None:
                continue
            created, seq = self._mark.seqs.get(target, ["", 0])
            if created != info.created:
                seq = info.last_seq if created == "" else 0
            self._mark.seqs[target] = [info.created, seq]
        self._save()

    async def pump(self) -> int:
        """Write what has come since the last call; return how many values that were."""
        count = 0
        for target, place in self._places.items():
            count += await self._pump(target, place)
        if count:
            self._save()
        return count

    async def _pump(self, target: str, place: Place) -> int:
        count = 0
        mark = self._mark.seqs.setdefault(target, ["", 0])
        while batch := await self._transport.read(place.stream, place.subject, mark[1] + 1, _READ):
            self._write(b"".join(_line(target, message) for message in batch))
            mark[1] = batch[-1].seq
            count += len(batch)
        self.written += count
        return count

    def _write(self, data: bytes) -> None:
        assert self._file is not None, "open comes first"
        self._file.write(data)
        self._mark.size += len(data)

    def _save(self) -> None:
        assert self._file is not None, "open comes first"
        self._file.flush()
        self._sidecar.parent.mkdir(parents=True, exist_ok=True)
        scratch = self._sidecar.with_suffix(".tmp")
        scratch.write_text(json.dumps(asdict(self._mark)), encoding="utf-8")
        scratch.replace(self._sidecar)

    def _open_file(self) -> BinaryIO:
        file = open(self._path, "ab")  # noqa: SIM115 - kept open while the run lasts
        size = os.fstat(file.fileno()).st_size
        if self._mark.seqs and size > self._mark.size:
            # These lines came after the last note; they are written again.
            file.truncate(self._mark.size)
        self._mark.size = min(size, self._mark.size) if self._mark.seqs else size
        return file

    def close(self) -> None:
        """Leave the file."""
        if self._file is not None and self._path != "-":
            self._file.close()
        self._file = None


def _load(sidecar: Path, path: str) -> Mark:
    where = path if path == "-" else str(Path(path).resolve())
    try:
        found = Mark(**json.loads(sidecar.read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return Mark(where)
    return found if found.path == where else Mark(where)


def _line(target: str, message: Stored) -> bytes:
    key = (message.headers or {}).get("Kumeo-Id", "")
    head = json.dumps({"target": target, "id": key}, ensure_ascii=False)[:-1]
    return f'{head}, "value": '.encode() + _value(message.payload) + b"}\n"


def _value(payload: bytes) -> bytes:
    """Return the payload, which is JSON on one line unless somebody else has written it."""
    try:
        json.loads(payload)
    except ValueError:
        return json.dumps(payload.decode("utf-8", "replace")).encode()
    return payload.replace(b"\n", b" ")
