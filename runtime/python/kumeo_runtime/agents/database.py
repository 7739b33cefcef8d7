"""`Database`: asks SQLite. Values are bound, never pasted; the connection cannot write."""

import asyncio
import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path as FilePath
from typing import Any, TypeVar, cast
from urllib.parse import quote

import msgspec

from kumeo_runtime.agents.base import AwaitedAgent, Call, Path, Policy
from kumeo_runtime.agents.resources import AgentError, Resources, Secret
from kumeo_runtime.decoding import from_json
from kumeo_runtime.functions_text import json_text
from kumeo_runtime.shapes import fields_of, shape_of
from kumeo_runtime.values import Failure, Fault, json_enc_hook
from kumeo_runtime.writing import write

T = TypeVar("T")
_READING = frozenset(
    {
        sqlite3.SQLITE_SELECT,
        sqlite3.SQLITE_READ,
        sqlite3.SQLITE_FUNCTION,
        sqlite3.SQLITE_RECURSIVE,
    }
)
_PREFIXES = ("sqlite:///", "sqlite://", "sqlite:")


class Database(AwaitedAgent[T]):
    """A query with named parameters. Inputs are the parameters; `inputs` has their names."""

    def __init__(
        self,
        *,
        site: str,
        address: str | Secret,
        sql: str,
        result: Any,
        id: str = "",
        policy: Policy | None = None,
        acts: bool = False,
        inputs: Sequence[str] = (),
    ) -> None:
        super().__init__(site=site, id=id, result=result, policy=policy, acts=acts, inputs=inputs)
        self.address = address
        self.sql = sql
        self._row = shape_of(result).inner
        self._bools = _bool_columns(self._row)
        self._connection: sqlite3.Connection | None = None
        self._lock = asyncio.Lock()

    async def start(self, resources: Resources) -> None:
        """Open the database. Raises: AgentError."""
        path = _file_of(resources.text_of(self.address), resources.root)
        uri = f"file:{quote(str(path))}?mode=ro"
        try:
            self._connection = sqlite3.connect(uri, uri=True, check_same_thread=False)
            self._connection.execute("SELECT name FROM sqlite_master LIMIT 1").fetchall()
        except sqlite3.Error as error:
            message = f"the database {path} cannot be opened: {error}"
            raise AgentError("database", message, "check the path of the context") from None
        self._connection.set_authorizer(_may)

    async def stop(self) -> None:
        """Close the database."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    async def work(self, act: Call, path: Path, inputs: Mapping[str, Any]) -> T:
        """Return the rows. Raises: Fault."""
        connection = self._connection
        if connection is None:
            raise Fault("attempt-failed", f"agent `{self.id}` is not started")
        values = {name: _bound(v) for name, v in self.named(inputs).items()}
        async with self._lock:
            rows = await self._rows(connection, values)
        found = from_json(rows, self.result)
        if isinstance(found, Failure):
            raise Fault("invalid-answer", f"agent `{self.id}`: {found.message}")
        return cast(T, found)

    async def _rows(self, connection: sqlite3.Connection, values: dict[str, Any]) -> list[Any]:
        asked = asyncio.ensure_future(asyncio.to_thread(self._asked, connection, values))
        try:
            return await asyncio.shield(asked)
        except asyncio.CancelledError:
            connection.interrupt()
            await asyncio.wait([asked])
            raise
        except (sqlite3.Error, OverflowError) as error:
            raise Fault("attempt-failed", f"the database answers: {error}") from None

    def _asked(self, connection: sqlite3.Connection, values: dict[str, Any]) -> list[Any]:
        cursor = connection.execute(self.sql, values)
        names = [column[0] for column in cursor.description or ()]
        return [self._data_of(names, row) for row in cursor.fetchall()]

    def _data_of(self, names: Sequence[str], row: Sequence[Any]) -> dict[str, Any]:
        """Return a row as JSON data; SQLite has no truth values, so 0 and 1 stand for them."""
        found: dict[str, Any] = {}
        for name, value in zip(names, row, strict=True):
            is_bool = name in self._bools and value in (0, 1)
            data = bool(value) if is_bool else value
            found[name] = write(data, bytes) if isinstance(data, bytes) else data
        return found


def _bound(value: Any) -> Any:
    """Return a value as SQLite takes it: times are text, lists and records JSON text."""
    if value is None or type(value) in (bool, int, float, str, bytes):
        return value
    data = msgspec.to_builtins(value, enc_hook=json_enc_hook)
    return json_text(data) if isinstance(data, list | dict) else data


def _may(action: int, *about: str | None) -> int:
    """Allow reading only: a file that is attached would be made if it is not there."""
    return sqlite3.SQLITE_OK if action in _READING else sqlite3.SQLITE_DENY


def _bool_columns(row: Any) -> frozenset[str]:
    if shape_of(row).kind != "record":
        return frozenset()
    return frozenset(f.json_name for f in fields_of(row) if _is_bool(f.type))


def _is_bool(type: Any) -> bool:
    shape = shape_of(type)
    return shape.type is bool or (shape.kind == "option" and shape_of(shape.inner).type is bool)


def _file_of(url: str, root: FilePath) -> FilePath:
    for prefix in _PREFIXES:
        if url.startswith(prefix):
            return root / url[len(prefix) :]
    if "://" in url:
        kind = url.partition("://")[0]
        message = f"databases of the kind `{kind}` cannot be asked yet"
        raise AgentError("database", message, "use SQLite: `sqlite:FILE`")
    return root / url
