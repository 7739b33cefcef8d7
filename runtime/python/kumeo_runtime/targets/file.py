"""`FileTarget`: values as lines of a file, each once, across restarts."""

import asyncio
import csv
import io
import json
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

from kumeo_runtime.engine.shared import EngineError, Shared
from kumeo_runtime.engine.worker import Worker
from kumeo_runtime.shapes import fields_of, shape_of
from kumeo_runtime.sources.file import format_of
from kumeo_runtime.spec import Target
from kumeo_runtime.targets.ledger import Ledger, LedgerBusy
from kumeo_runtime.targets.pump import Pump, place_of
from kumeo_runtime.transport.api import Delivery

log = logging.getLogger("kumeo.targets")
CREDIT = 2048
ACK_WAIT_S = 30.0
RETRY_S = 2.0
"""Wait after a write that failed, and while another process has the file."""


class FileTarget:
    """Appends the values of one target to a file."""

    def __init__(self, shared: Shared, target: Target, root: Path) -> None:
        self.name = target.name
        self._shared = shared
        self._path = root / target.address
        is_csv = format_of(target.address, target.settings, "target", target.name) == "csv"
        self._columns = columns_of(target) if is_csv else None
        self._come: list[Delivery] = []
        self._wake = asyncio.Event()
        self._ledger: Ledger | None = None
        self._writing = asyncio.Lock()
        self._task = Worker(shared, f"target {target.name}")
        self.pump = Pump(
            shared, place_of(shared, target), self._arrived, credit=CREDIT, ack_wait_s=ACK_WAIT_S
        )

    async def start(self) -> None:
        """Open the file. Raises: EngineError when it cannot be written."""
        try:
            await asyncio.to_thread(self._open)
        except LedgerBusy:
            log.warning("target %s waits: another process writes its file", self.name)
        except OSError as error:
            raise EngineError(
                "cannot-write",
                f"target `{self.name}` cannot write {self._path}: {error.strerror}",
                "make the folder writable, or correct the path",
            ) from None
        if self._ledger is not None:
            await self.pump.start()
        self._task.start(self._run())

    async def stop(self) -> None:
        """Take no more; what is not written stays stored."""
        await self.pump.stop()
        await self._task.stop()
        for delivery in self._come:
            self._shared.transport.nak(delivery)
        self._come.clear()
        async with self._writing:
            if self._ledger is not None:
                self._ledger.close()
                self._ledger = None

    def _open(self) -> None:
        self._ledger = Ledger(self._path)

    def _arrived(self, delivery: Delivery) -> None:
        self._come.append(delivery)
        self._wake.set()

    async def _run(self) -> None:
        if self._ledger is None:
            await self._wait_for_file()
            await self.pump.start()
        while True:
            await self._wake.wait()
            self._wake.clear()
            # What is being written is finished, even when the process stops now.
            await asyncio.shield(asyncio.create_task(self._take()))

    async def _wait_for_file(self) -> None:
        while self._ledger is None:
            await asyncio.sleep(RETRY_S)
            await self._try_open()

    async def _try_open(self) -> None:
        try:
            await asyncio.to_thread(self._open)
        except LedgerBusy:
            return
        except OSError as error:
            log.error("target %s cannot write its file: %s", self.name, error.strerror)

    async def _take(self) -> None:
        async with self._writing:
            come, self._come = self._come, []
            if self._ledger is not None and come:
                await self._write(self._ledger, come)

    async def _write(self, ledger: Ledger, come: Sequence[Delivery]) -> None:
        try:
            await asyncio.to_thread(self._append, ledger, come)
        except OSError as error:
            self._shared.observer.count("file_refused")
            log.error("target %s cannot write its file: %s", self.name, error.strerror)
            for delivery in come:
                self.pump.again(delivery, RETRY_S)
            return
        for delivery in come:
            self.pump.done(delivery)

    def _append(self, ledger: Ledger, come: Sequence[Delivery]) -> None:
        ids = {id_of(delivery): delivery for delivery in come}
        new = ledger.unknown(list(ids))
        wanted = [delivery for key, delivery in ids.items() if key in new]
        if not wanted:
            return
        data = b"".join(self._line(delivery.payload) for delivery in wanted)
        if self._columns is not None and ledger.size == 0:
            data = csv_line(self._columns) + data
        ledger.append([key for key in ids if key in new], data)

    def _line(self, payload: bytes) -> bytes:
        if self._columns is None:
            return payload.replace(b"\n", b" ") + b"\n"
        value = json.loads(payload)
        record: dict[str, Any] = cast(dict[str, Any], value) if isinstance(value, dict) else {}
        return csv_line([cell_of(record.get(name)) for name in self._columns])


def id_of(delivery: Delivery) -> str:
    """Return what a value is known by: its id, else where it is stored."""
    return (delivery.headers or {}).get("Kumeo-Id") or f"#{delivery.seq}"


def columns_of(target: Target) -> tuple[str, ...]:
    """Return the names of the columns. Raises: EngineError when the values have no fields."""
    shape = shape_of(target.type)
    if shape.kind != "record":
        raise EngineError(
            "invalid-setting",
            f"target `{target.name}` is a CSV file, and its values are not records of one type",
            "emit records of one schema to it, or write JSON lines",
        )
    return tuple(field.json_name for field in fields_of(shape.type))


def cell_of(value: Any) -> str:
    """Return a value as a cell: text as it is, null empty, what has parts as JSON."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def csv_line(cells: Sequence[str]) -> bytes:
    """Return one row."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerow(cells)
    return text.getvalue().encode("utf-8", "surrogateescape")
