"""SQLite: a file beside the workflow, read only unless writing is allowed."""

import asyncio
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from kumeo_runtime.agents.resources import AgentError
from kumeo_runtime.databases.api import Row, Store
from kumeo_runtime.databases.values import data_of
from kumeo_runtime.values import Fault

_READING = frozenset(
    {
        sqlite3.SQLITE_SELECT,
        sqlite3.SQLITE_READ,
        sqlite3.SQLITE_FUNCTION,
        sqlite3.SQLITE_RECURSIVE,
    }
)
_WRITING = frozenset(
    {
        *_READING,
        sqlite3.SQLITE_INSERT,
        sqlite3.SQLITE_UPDATE,
        sqlite3.SQLITE_DELETE,
        sqlite3.SQLITE_TRANSACTION,
    }
)


class Sqlite(Store):
    """One connection, which one query uses at a time."""

    def __init__(self, path: Path, *, read_only: bool = True) -> None:
        self._path = path
        self._read_only = read_only
        self._connection: sqlite3.Connection | None = None
        self._lock = asyncio.Lock()

    async def open(self) -> None:
        """Open the file; it is not made. Raises: AgentError."""
        mode = "ro" if self._read_only else "rw"
        uri = f"file:{quote(str(self._path))}?mode={mode}"
        try:
            self._connection = sqlite3.connect(
                uri, uri=True, check_same_thread=False, isolation_level=None
            )
            self._connection.execute("SELECT name FROM sqlite_master LIMIT 1").fetchall()
        except sqlite3.Error as error:
            message = f"the database {self._path} cannot be opened: {error}"
            raise AgentError("database", message, "check the path of the context") from None
        allowed = _READING if self._read_only else _WRITING
        self._connection.set_authorizer(_authorizer(allowed))

    async def close(self) -> None:
        """Close the file."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    async def rows(self, sql: str, values: Mapping[str, Any]) -> list[Row]:
        """Return the rows of a query. Raises: Fault."""
        connection = self._connection
        if connection is None:
            raise Fault("attempt-failed", "the database is not open")
        async with self._lock:
            asked = asyncio.ensure_future(asyncio.to_thread(_asked, connection, sql, values))
            try:
                return await asyncio.shield(asked)
            except asyncio.CancelledError:
                connection.interrupt()
                await asyncio.wait([asked])
                raise
            except (sqlite3.Error, OverflowError) as error:
                reason = f"the database answers: {error}"
                if str(error) == "not authorized":  # SQLite does not say who forbids it.
                    allowed = "read" if self._read_only else "read and change rows"
                    reason = f"{reason}: the workflow may only {allowed} here"
                raise Fault("attempt-failed", reason) from None


def _asked(connection: sqlite3.Connection, sql: str, values: Mapping[str, Any]) -> list[Row]:
    cursor = connection.execute(sql, dict(values))
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, map(data_of, row), strict=True)) for row in cursor.fetchall()]


def _authorizer(allowed: frozenset[int]) -> Any:
    """Allow some actions only: a file that is attached would be made if it is not there."""

    def may(action: int, *about: str | None) -> int:
        return sqlite3.SQLITE_OK if action in allowed else sqlite3.SQLITE_DENY

    return may
