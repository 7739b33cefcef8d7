"""`Database`: asks a database. Values are bound, never pasted; without leave it only reads."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar, cast

from kumeo_runtime.agents.base import AwaitedAgent, Call, Path, Policy
from kumeo_runtime.agents.resources import Resources, Secret
from kumeo_runtime.databases.api import Row, Store, plain
from kumeo_runtime.decoding import from_json
from kumeo_runtime.shapes import fields_of, shape_of
from kumeo_runtime.values import Failure, Fault

T = TypeVar("T")


class Database(AwaitedAgent[T]):
    """A query with named parameters. Inputs are the parameters; `inputs` has their names.

    address: of SQLite or PostgreSQL. tables: CSV and Parquet files by name, instead of an address.
    """

    def __init__(
        self,
        *,
        site: str,
        sql: str,
        result: Any,
        address: str | Secret = "",
        tables: Mapping[str, str] | None = None,
        read_only: bool = True,
        id: str = "",
        policy: Policy | None = None,
        acts: bool = False,
        inputs: Sequence[str] = (),
    ) -> None:
        super().__init__(site=site, id=id, result=result, policy=policy, acts=acts, inputs=inputs)
        self.address = address
        self.tables = dict(tables or {})
        self.read_only = read_only
        self.sql = sql
        self._bools = _bool_columns(shape_of(result).inner)
        self._store: Store | None = None

    async def start(self, resources: Resources) -> None:
        """Open the database. Raises: AgentError."""
        from kumeo_runtime.databases.opening import store_of

        address = resources.text_of(self.address)
        store = store_of(address, resources.root, tables=self.tables, read_only=self.read_only)
        await store.open()
        self._store = store

    async def stop(self) -> None:
        """Close the database."""
        store, self._store = self._store, None
        if store is not None:
            await store.close()

    async def work(self, act: Call, path: Path, inputs: Mapping[str, Any]) -> T:
        """Return the rows. Raises: Fault."""
        if self._store is None:
            raise Fault("attempt-failed", f"agent `{self.id}` is not started")
        values = {name: plain(value) for name, value in self.named(inputs).items()}
        rows = [self._with_bools(row) for row in await self._store.rows(self.sql, values)]
        found = from_json(rows, self.result)
        if isinstance(found, Failure):
            raise Fault("invalid-answer", f"agent `{self.id}`: {found.message}")
        return cast(T, found)

    def _with_bools(self, row: Row) -> Row:
        """Return a row with truth values; SQLite has none, so 0 and 1 stand for them."""
        bools = {name: bool(row[name]) for name in self._bools if row.get(name) in (0, 1)}
        return {**row, **bools} if bools else row


def _bool_columns(row: Any) -> frozenset[str]:
    if shape_of(row).kind != "record":
        return frozenset()
    return frozenset(f.json_name for f in fields_of(row) if _is_bool(f.type))


def _is_bool(type: Any) -> bool:
    shape = shape_of(type)
    return shape.type is bool or (shape.kind == "option" and shape_of(shape.inner).type is bool)
