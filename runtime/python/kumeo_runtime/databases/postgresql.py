"""PostgreSQL, by `asyncpg`: prepared queries, values bound by their places.

A store that only reads says so to the server: the session cannot write, whatever the query is.
Values have the types that the server expects of them, so a text such as `2026-01-01` may stand for
a date.
"""

import datetime
import decimal
import json
import uuid
from collections.abc import Callable, Mapping
from typing import Any, cast

from kumeo_runtime.agents.resources import AgentError, library
from kumeo_runtime.databases.api import Row, Store
from kumeo_runtime.databases.named import numbered
from kumeo_runtime.databases.values import data_of
from kumeo_runtime.values import Fault

CONNECTIONS, OPEN_S = 4, 10.0
"""Connections of one agent, and the seconds that opening one may take."""


class Postgresql(Store):
    """A few connections, opened when they are needed."""

    def __init__(self, address: str, *, read_only: bool = True) -> None:
        self._address = address
        self._read_only = read_only
        self._pool: Any = None

    async def open(self) -> None:
        """Connect once, to see that the address is right. Raises: AgentError."""
        asyncpg = library("asyncpg", "postgresql")
        only = {"default_transaction_read_only": "on"} if self._read_only else {}
        try:
            self._pool = await asyncpg.create_pool(
                self._address,
                min_size=1,
                max_size=CONNECTIONS,
                timeout=OPEN_S,
                server_settings={"application_name": "kumeo", **only},
                init=_prepare,
            )
        except (OSError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            message = f"the database cannot be opened: {_reason(error)}"
            raise AgentError("database", message, "check the address and the server") from None

    async def close(self) -> None:
        """Close all connections."""
        if self._pool is not None:
            self._pool.terminate()
            self._pool = None

    async def rows(self, sql: str, values: Mapping[str, Any]) -> list[Row]:
        """Return the rows of a query. Raises: Fault."""
        if self._pool is None:
            raise Fault("attempt-failed", "the database is not open")
        asyncpg = library("asyncpg", "postgresql")
        text, names = numbered(sql)
        try:
            async with (
                self._pool.acquire() as connection,
                connection.transaction(readonly=self._read_only),
            ):
                query = await connection.prepare(text)
                kinds = [each.name for each in query.get_parameters()]
                given = [_bound(values[n], kind) for n, kind in zip(names, kinds, strict=True)]
                return [_row_of(record) for record in await query.fetch(*given)]
        except KeyError as error:
            raise Fault("attempt-failed", f"the query's `:{error.args[0]}` is not given") from None
        except (
            OSError,
            ValueError,
            OverflowError,
            asyncpg.PostgresError,
            asyncpg.InterfaceError,
            # What the driver says of a connection that the server closes at this very moment.
            asyncpg.InternalClientError,
        ) as error:
            raise Fault("attempt-failed", f"the database answers: {_reason(error)}") from None


async def _prepare(connection: Any) -> None:
    for kind in ("json", "jsonb"):
        await connection.set_type_codec(
            kind, encoder=str, decoder=json.loads, schema="pg_catalog", format="text"
        )


def _reason(error: BaseException) -> str:
    """Return the first line of a message; addresses with passwords are not in it."""
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__


def _moment(text: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(text)


def _integer(value: Any) -> int:
    """Return a whole number: the driver would cut off the rest. Raises: ValueError."""
    if int(value) != value:
        raise ValueError
    return int(value)


def _seconds(value: Any) -> datetime.timedelta:
    return datetime.timedelta(seconds=float(value))


_READERS: Mapping[str, Callable[[Any], Any]] = {
    "timestamptz": lambda text: _moment(text),
    "timestamp": lambda text: _moment(text).replace(tzinfo=None),
    "date": lambda text: _moment(text).date(),
    "time": datetime.time.fromisoformat,
    "interval": _seconds,
    "numeric": lambda number: decimal.Decimal(str(number)),
    "uuid": lambda text: uuid.UUID(str(text)),
    "int2": _integer,
    "int4": _integer,
    "int8": _integer,
    "text": str,
    "varchar": str,
    "bpchar": str,
    "name": str,
    "json": json.dumps,
    "jsonb": json.dumps,
    "float4": float,
    "float8": float,
}
_TEXTS = frozenset({"text", "varchar", "bpchar", "name"})


def _bound(value: Any, kind: str) -> Any:
    """Return plain data as the server's type wants it. Raises: Fault when it does not fit."""
    if value is None:
        return None
    if kind in ("json", "jsonb"):
        return value if isinstance(value, str) and _is_json(value) else json.dumps(value)
    if kind.endswith("[]"):
        return _array(value, kind)
    if kind in _TEXTS and not isinstance(value, str):
        raise Fault("attempt-failed", f"a value of the type {kind} is a text, not {value!r:.60}")
    reader = _READERS.get(kind)
    try:
        return value if reader is None else reader(value)
    except (TypeError, ValueError, ArithmeticError):
        raise Fault("attempt-failed", f"{value!r:.60} is no value of the type {kind}") from None


def _array(value: Any, kind: str) -> Any:
    """Return a list, also one in lists, with each item as the server wants it. Raises: Fault."""
    try:
        items = json.loads(value) if isinstance(value, str) else value
    except ValueError:
        items = None
    if not isinstance(items, list):
        raise Fault("attempt-failed", f"{value!r:.60} is no value of the type {kind}")
    one = kind.removesuffix("[]")
    return [
        _array(item, kind) if isinstance(item, list) else _bound(item, one)
        for item in cast(list[Any], items)
    ]


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def _row_of(record: Any) -> Row:
    return {name: data_of(value) for name, value in record.items()}
