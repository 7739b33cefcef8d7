"""What every store can do: open, answer a query with bound values, close."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, TypeAlias

import msgspec

from kumeo_runtime.functions_text import json_text
from kumeo_runtime.values import json_enc_hook

Row: TypeAlias = dict[str, Any]


class Store(ABC):
    """A database. One object serves all calls of an agent."""

    @abstractmethod
    async def open(self) -> None:
        """Connect, and see that the database answers. Raises: AgentError."""

    @abstractmethod
    async def rows(self, sql: str, values: Mapping[str, Any]) -> list[Row]:
        """Return the rows of a query as JSON data.

        sql: holds `:name` for each value. values: plain data (`plain`), bound by name.
        Raises: Fault with the code `attempt-failed`.
        """

    @abstractmethod
    async def close(self) -> None:
        """End what is open; nothing can be asked any more."""


def plain(value: Any) -> Any:
    """Return a value as stores take it: times are text, lists and records JSON text."""
    if value is None or type(value) in (bool, int, float, str, bytes):
        return value
    data = msgspec.to_builtins(value, enc_hook=json_enc_hook)
    return json_text(data) if isinstance(data, list | dict) else data
