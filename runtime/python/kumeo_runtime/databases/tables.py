"""CSV and Parquet files as tables, by DuckDB: read once, then asked in memory.

A query is one `SELECT`. Files are closed to it: it sees the tables and nothing else.
"""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kumeo_runtime.agents.resources import AgentError, library
from kumeo_runtime.databases.api import Row, Store
from kumeo_runtime.databases.named import numbered
from kumeo_runtime.databases.values import data_of
from kumeo_runtime.values import Fault

_READERS = {
    ".csv": "read_csv(?, sample_size = -1, hive_partitioning = false)",
    ".parquet": "read_parquet(?, hive_partitioning = false)",
}
SUFFIXES = tuple(_READERS)
"""Files that are tables."""
_LOCKS = ("SET enable_external_access = false", "SET lock_configuration = true")


class Tables(Store):
    """Files by the names of their tables."""

    def __init__(self, files: Mapping[str, Path]) -> None:
        self._files = files
        self._connection: Any = None
        self._library: Any = None
        self._lock = asyncio.Lock()

    async def open(self) -> None:
        """Read the files. Raises: AgentError."""
        self._library = library("duckdb", "tables")
        self._connection = self._library.connect(":memory:", config={"threads": 1})
        for name, path in self._files.items():
            await asyncio.to_thread(self._read, name, path)
        for lock in _LOCKS:
            self._connection.execute(lock)

    def _read(self, name: str, path: Path) -> None:
        reader = _READERS.get(path.suffix.lower())
        if reader is None:
            message = f"{path} is no table"
            raise AgentError("database", message, f"name a file with {' or '.join(SUFFIXES)}")
        quoted = name.replace('"', '""')
        try:
            self._connection.execute(
                f'CREATE TABLE "{quoted}" AS SELECT * FROM {reader}', [str(path)]
            )
        except self._library.Error as error:
            message = f"the table {path} cannot be read: {_reason(error)}"
            raise AgentError("database", message, "check the path and the file") from None

    async def close(self) -> None:
        """Forget the tables."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    async def rows(self, sql: str, values: Mapping[str, Any]) -> list[Row]:
        """Return the rows of a query. Raises: Fault."""
        connection = self._connection
        if connection is None:
            raise Fault("attempt-failed", "the tables are not open")
        async with self._lock:
            asked = asyncio.ensure_future(asyncio.to_thread(self._asked, connection, sql, values))
            try:
                return await asyncio.shield(asked)
            except asyncio.CancelledError:
                connection.interrupt()
                await asyncio.wait([asked])
                raise

    def _asked(self, connection: Any, sql: str, values: Mapping[str, Any]) -> list[Row]:
        text, names = numbered(sql)
        missing = [name for name in names if name not in values]
        if missing:
            raise Fault("attempt-failed", f"the query's `:{missing[0]}` is not given")
        try:
            self._require_select(connection, text)
            cursor = connection.execute(text, [values[name] for name in names])
            columns = [column[0] for column in cursor.description or ()]
            found = cursor.fetchall()
        except self._library.Error as error:
            raise Fault("attempt-failed", f"the tables answer: {_reason(error)}") from None
        return [dict(zip(columns, map(data_of, row), strict=True)) for row in found]

    def _require_select(self, connection: Any, text: str) -> None:
        statements = connection.extract_statements(text)
        select = self._library.StatementType.SELECT
        if len(statements) != 1 or statements[0].type != select:
            raise Fault("attempt-failed", "a table is asked by one `SELECT`")


def _reason(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
