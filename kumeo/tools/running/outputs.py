"""Writes the values of targets as JSON lines, each once, also over kills and restarts.

    {"target": "alerts", "id": "6d0e…", "value": {"tx":{"tx_id":"3"}}}

A durable of its own reads each stream. A sidecar in the state folder says how long the file is
and which sequences are in it; it is written after the file and before the acknowledgements. After
a kill the file is cut back to that length, and what comes again is known by its sequence.
"""

import json
import os
import time
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO
from uuid import uuid4

from kumeo_runtime.transport.api import ConsumerConfig, Delivery, Pull, Transport

CREDIT = 4096
CREDIT_BYTES = 16 << 20
_FLOOR_S = 1.0
"""How often it is asked what the store knows as acknowledged."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the values of a target are stored."""

    stream: str
    subject: str


@dataclass(slots=True)
class Written:
    """What of a stream is in the file."""

    created: str = ""
    """When the stream was created: another one starts anew."""
    floor: int = 0
    """All sequences up to this one."""
    runs: list[list[int]] = field(default_factory=list[list[int]])
    """First and last of the sequences behind it, in order."""

    def has(self, seq: int) -> bool:
        """Return whether a sequence is in the file."""
        return seq <= self.floor or any(first <= seq <= last for first, last in self.runs)

    def add(self, seq: int) -> None:
        """Note a sequence; those of one reader come nearly in order."""
        if self.runs and self.runs[-1][1] + 1 == seq:
            self.runs[-1][1] = seq
        else:
            self.runs.append([seq, seq])

    def raise_floor(self, seq: int) -> None:
        """Everything up to `seq` is acknowledged, which happens only after it is written.

        The store may name a sequence that it is about to deliver when nothing else is open. Values
        come in order, so no floor lies above the last one that is written.
        """
        last = self.runs[-1][1] if self.runs else self.floor
        self.floor = max(self.floor, min(seq, last))
        self.runs = [[a, b] for a, b in self.runs if b > self.floor]


@dataclass(slots=True)
class Note:
    """The sidecar."""

    path: str
    durable: str
    size: int = 0
    streams: dict[str, Written] = field(default_factory=dict[str, Written])


class Outputs:
    """One file, or standard output, that gets what targets get."""

    def __init__(
        self,
        transport: Transport,
        places: Mapping[str, Place],
        path: str,
        sidecar: Path,
        before: Mapping[str, int],
    ) -> None:
        """`before` are the last sequences of streams before this run: a new file starts there."""
        self._transport = transport
        self._targets = {place.subject: target for target, place in places.items()}
        self._streams = sorted({place.stream for place in places.values()})
        self._places = places
        self._before = before
        self._path = path
        self._sidecar = sidecar
        self._note, self._is_old = load_note(sidecar, path)
        self._file: BinaryIO | None = None
        self._come: dict[str, list[Delivery]] = {stream: [] for stream in self._streams}
        self._pulls: dict[str, Pull] = {}
        self._floor_asked = 0.0

    async def open(self, stdout: BinaryIO) -> None:
        """Go on where an earlier run stopped; a new file starts with what this run makes.

        Raises: OSError if the file cannot be written.
        """
        self._file = stdout if self._path == "-" else self._open_file()
        for stream in self._streams:
            await self._open_stream(stream)
        self._save()
        for stream in self._streams:
            pull = self._transport.pull(stream, self._note.durable, self._come[stream].append)
            self._pulls[stream] = pull
            pull.grant(CREDIT, CREDIT_BYTES)

    async def _open_stream(self, stream: str) -> None:
        info = await self._transport.stream_info(stream)
        assert info is not None, "its target has just been found there"
        known = self._note.streams.get(stream)
        if known is None or known.created != info.created:
            is_new = known is None and not self._is_old
            known = Written(info.created, self._before.get(stream, 0) if is_new else 0)
            self._note.streams[stream] = known
        if self._is_old:
            # What a killed run has taken and not acknowledged would come after the ack wait only.
            await self._transport.delete_consumer(stream, self._note.durable)
        filters = tuple(sorted(p.subject for p in self._places.values() if p.stream == stream))
        config = ConsumerConfig(
            stream,
            self._note.durable,
            filters,
            max_ack_pending=2 * CREDIT,
            start_seq=known.floor + 1,
        )
        await self._transport.ensure_consumer(config)

    async def pump(self) -> int:
        """Write what has come since the last call; return how many values that were."""
        come = {stream: list(deliveries) for stream, deliveries in self._come.items()}
        lines = [self._take(stream, each) for stream, found in come.items() for each in found]
        data = b"".join(lines)
        for deliveries in self._come.values():
            deliveries.clear()
        if lines:
            self._write(data)
            self._save()
        for stream, deliveries in come.items():
            self._acknowledge(stream, deliveries)
        await self._ask_floor()
        return sum(line != b"" for line in lines)

    def _acknowledge(self, stream: str, deliveries: list[Delivery]) -> None:
        for each in deliveries:
            self._transport.ack(each)
        if deliveries:
            self._pulls[stream].grant(len(deliveries), CREDIT_BYTES)

    def _take(self, stream: str, delivery: Delivery) -> bytes:
        written = self._note.streams[stream]
        if written.has(delivery.seq):
            return b""
        written.add(delivery.seq)
        return line_of(self._targets.get(delivery.subject, delivery.subject), delivery)

    async def finish(self) -> None:
        """Write everything that is stored now, and stop."""
        for stream in self._streams:
            while True:
                await self.pump()
                info = await self._transport.consumer_info(stream, self._note.durable)
                if info is None or info.pending + info.unacknowledged == 0:
                    break
        for pull in self._pulls.values():
            await pull.stop()
        await self.pump()

    async def _ask_floor(self) -> None:
        now = time.monotonic()
        if now - self._floor_asked < _FLOOR_S:
            return
        self._floor_asked = now
        for stream in self._streams:
            info = await self._transport.consumer_info(stream, self._note.durable)
            if info is not None:
                self._note.streams[stream].raise_floor(info.ack_floor)

    def _write(self, data: bytes) -> None:
        assert self._file is not None, "open comes first"
        self._file.write(data)
        self._note.size += len(data)

    def _save(self) -> None:
        assert self._file is not None, "open comes first"
        self._file.flush()
        self._sidecar.parent.mkdir(parents=True, exist_ok=True)
        scratch = self._sidecar.with_suffix(".tmp")
        scratch.write_text(json.dumps(asdict(self._note)), encoding="utf-8")
        scratch.replace(self._sidecar)

    def _open_file(self) -> BinaryIO:
        file = open(self._path, "ab")  # noqa: SIM115 - kept open while the run lasts
        size = os.fstat(file.fileno()).st_size
        if self._is_old and size > self._note.size:
            # These lines came after the last note; they are written again.
            file.truncate(self._note.size)
        self._note.size = min(size, self._note.size) if self._is_old else size
        return file

    def close(self) -> None:
        """Leave the file."""
        if self._file is not None and self._path != "-":
            self._file.close()
        self._file = None


async def last_sequences(
    transport: Transport, subjects: Iterable[str]
) -> tuple[dict[str, Place], dict[str, int]]:
    """Return the places of subjects that somebody stores, and how far their streams go."""
    places: dict[str, Place] = {}
    lasts: dict[str, int] = {}
    for subject in subjects:
        stream = await transport.stream_of(subject)
        info = None if stream is None else await transport.stream_info(stream)
        if info is not None:
            places[subject] = Place(info.name, subject)
            lasts[info.name] = info.last_seq
    return places, lasts


def load_note(sidecar: Path, path: str) -> tuple[Note, bool]:
    """Return the note of an earlier run into the same file, or a new one."""
    where = path if path == "-" else str(Path(path).resolve())
    try:
        data: dict[str, Any] = json.loads(sidecar.read_text("utf-8"))
        streams = {name: Written(**each) for name, each in data.pop("streams").items()}
        note = Note(**data, streams=streams)
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        note = None
    if note is not None and note.path == where:
        return note, True
    return Note(where, f"kumeo_out_{uuid4().hex[:12]}"), False


def line_of(target: str, delivery: Delivery) -> bytes:
    """Return the line of a value; what is no JSON is text."""
    key = (delivery.headers or {}).get("Kumeo-Id", "")
    head = json.dumps({"target": target, "id": key}, ensure_ascii=False)[:-1]
    return b'%b, "value": %b}\n' % (head.encode(), _value(delivery.payload))


_dumps = partial(json.dumps, ensure_ascii=False)


def _value(payload: bytes) -> bytes:
    try:
        json.loads(payload)
    except ValueError:
        return _dumps(payload.decode("utf-8", "replace")).encode()
    return payload.replace(b"\n", b" ") if b"\n" in payload else payload
