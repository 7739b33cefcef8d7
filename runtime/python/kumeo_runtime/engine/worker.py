"""A task that lasts as long as its owner. One that breaks stops the engine: it is not missed."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from kumeo_runtime.engine.shared import EngineError, Shared


class Worker:
    """One task."""

    def __init__(self, shared: Shared, name: str) -> None:
        self._shared = shared
        self._name = name
        self._task: asyncio.Task[None] | None = None

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Begin."""
        self._task = asyncio.create_task(work)
        self._task.add_done_callback(self._ended)

    async def stop(self) -> None:
        """End it, wherever it is."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    def _ended(self, task: "asyncio.Task[None]") -> None:
        if task.cancelled() or (error := task.exception()) is None:
            return
        if isinstance(error, EngineError):
            self._shared.fatal(error.code, error.message, error.fix)
            return
        problem = f"{self._name} broke: {type(error).__name__}: {error}"
        self._shared.fatal("connector-failed", problem, "start again; report it if it stays")
