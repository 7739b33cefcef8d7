"""`store_of`: the store that an address stands for."""

from collections.abc import Mapping
from pathlib import Path

from kumeo_runtime.agents.resources import AgentError
from kumeo_runtime.databases.api import Store

_SQLITE = ("sqlite:///", "sqlite://", "sqlite:")
_POSTGRESQL = ("postgresql://", "postgres://")


def store_of(
    address: str, root: Path, *, tables: Mapping[str, str] | None = None, read_only: bool = True
) -> Store:
    """Return a store that is not open yet.

    address: `sqlite:FILE` or a path, relative to `root`; or a URL of PostgreSQL. tables: CSV and
    Parquet files by name, instead of an address. Raises: AgentError for any other kind.
    """
    if tables:
        from kumeo_runtime.databases.tables import Tables

        return Tables({name: root / path for name, path in tables.items()})
    if address.startswith(_POSTGRESQL):
        from kumeo_runtime.databases.postgresql import Postgresql

        return Postgresql(address, read_only=read_only)
    from kumeo_runtime.databases.sqlite import Sqlite

    prefix = next((each for each in _SQLITE if address.startswith(each)), "")
    if not prefix and "://" in address:
        kind = address.partition("://")[0]
        message = f"databases of the kind `{kind}` cannot be asked"
        raise AgentError("database", message, "use `sqlite:FILE` or `postgresql://HOST/NAME`")
    return Sqlite(root / address.removeprefix(prefix), read_only=read_only)
