"""What of a target is in its file: a small database beside it, written with each batch of lines.

It knows the size of the file and the ids of the last values. Lines behind that size were written
by a process that died before it could say so; they are cut off, and come again.
"""

import os
import sqlite3
from collections.abc import Sequence
from pathlib import Path

IDS_KEPT = 1_000_000
"""Ids that are remembered: far more than can come again."""
PRUNE_EVERY = 10_000


class LedgerBusy(Exception):  # noqa: N818 - a state of the file that is waited for
    """Another process writes the file."""


class Ledger:
    """The lines of one file. Only one process has it open."""

    def __init__(self, path: Path) -> None:
        """Open the file and its ledger. Raises: OSError, LedgerBusy."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._base = self._open_base(path.with_name(f"{path.name}.kumeo"))
        try:
            self._file = open(path, "ab", buffering=0)  # noqa: SIM115 - kept while values come
        except OSError:
            self._base.close()
            raise
        self.size = self._resume()
        self._added = 0

    def _open_base(self, path: Path) -> sqlite3.Connection:
        base = sqlite3.connect(path, timeout=0.1, isolation_level=None, check_same_thread=False)
        try:
            base.execute("PRAGMA locking_mode = EXCLUSIVE")
            base.execute("BEGIN EXCLUSIVE")
            base.execute("CREATE TABLE IF NOT EXISTS ids (id TEXT UNIQUE NOT NULL)")
            base.execute("CREATE TABLE IF NOT EXISTS file (one INTEGER PRIMARY KEY, size INTEGER)")
            base.execute("COMMIT")
        except sqlite3.OperationalError as error:
            base.close()
            if "locked" in str(error):
                raise LedgerBusy(str(path)) from None
            raise OSError(None, str(error), str(path)) from None
        except sqlite3.DatabaseError as error:
            base.close()
            raise OSError(None, f"no ledger: {error}", str(path)) from None
        return base

    def _resume(self) -> int:
        """Cut off what was never noted; return the size."""
        there = os.fstat(self._file.fileno()).st_size
        row = self._base.execute("SELECT size FROM file").fetchone()
        if row is not None and there > row[0]:
            self._file.truncate(row[0])
            return int(row[0])
        return there

    def unknown(self, ids: Sequence[str]) -> set[str]:
        """Return those of some ids that are not in the file."""
        ask = self._base.execute
        found = "SELECT 1 FROM ids WHERE id = ?"
        return {key for key in ids if ask(found, (key,)).fetchone() is None}

    def append(self, ids: Sequence[str], data: bytes) -> None:
        """Write lines and note their ids, both or none. Raises: OSError."""
        try:
            self._write(data)
            os.fsync(self._file.fileno())
            self._note(ids, self.size + len(data))
        except (OSError, sqlite3.Error) as error:
            self._undo()
            raise error if isinstance(error, OSError) else OSError(None, str(error)) from None
        self.size += len(data)

    def _write(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            view = view[self._file.write(view) :]

    def _note(self, ids: Sequence[str], size: int) -> None:
        base = self._base
        base.execute("BEGIN")
        base.executemany("INSERT OR IGNORE INTO ids VALUES (?)", [(key,) for key in ids])
        base.execute("INSERT OR REPLACE INTO file VALUES (1, ?)", (size,))
        self._added += len(ids)
        if self._added >= PRUNE_EVERY:
            self._added = 0
            oldest = "SELECT max(rowid) FROM ids"
            base.execute(f"DELETE FROM ids WHERE rowid <= ({oldest}) - ?", (IDS_KEPT,))
        base.execute("COMMIT")

    def _undo(self) -> None:
        if self._base.in_transaction:
            self._base.execute("ROLLBACK")
        os.ftruncate(self._file.fileno(), self.size)

    def close(self) -> None:
        """Leave the file to others."""
        self._file.close()
        self._base.close()
