"""Imports code of a user and reads what it returns: the same in the worker and in its process."""

import asyncio
import importlib
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, is_dataclass
from datetime import timedelta
from typing import Any, cast

import msgspec

from kumeo_runtime.agents.resources import AgentError
from kumeo_runtime.values import json_enc_hook


def imported(target: str, folder: str) -> Callable[..., Any]:
    """Return what `module:name` names. Raises: AgentError, and what the module raises."""
    module, _, name = target.partition(":")
    if folder not in sys.path:
        sys.path.append(folder)
    try:
        found = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError) as error:
        message = f"the code `{target}` cannot be imported: {error}"
        raise AgentError("user-code", message, _fix(module)) from None
    if not callable(found):
        message = f"`{target}` cannot be called"
        raise AgentError("user-code", message, "name a function, or a class of agents")
    return found


def _fix(module: str) -> str:
    return f"put `{module.replace('.', '/')}.py` beside the workflow, or install it"


def outcome(
    function: Callable[..., Any], values: Sequence[Any]
) -> tuple[Any, BaseException | None]:
    """Return what a function returns or raises: not every exception comes out of a thread."""
    try:
        return function(*values), None
    except BaseException as error:
        return None, error


def is_cancelled() -> bool:
    """Say whether somebody has cancelled the running task, which its code can also pretend."""
    task = asyncio.current_task()
    return task is None or task.cancelling() > 0


def plain(found: Any) -> Any:
    """Return a result as JSON data. Raises: TypeError, ValueError, RecursionError."""
    data = msgspec.to_builtins(
        _without_class(found), enc_hook=json_enc_hook, builtin_types=(timedelta,)
    )
    return _with_seconds(data)


def _with_seconds(data: Any) -> Any:
    """Return data with durations as numbers of seconds."""
    if isinstance(data, timedelta):
        return data / timedelta(seconds=1)
    if isinstance(data, list):
        return [_with_seconds(item) for item in cast(list[Any], data)]
    if isinstance(data, dict):
        entries = cast(dict[Any, Any], data)
        return {key: _with_seconds(item) for key, item in entries.items()}
    return data


def _without_class(found: Any) -> Any:
    """Return models of pydantic and dataclasses as plain data."""
    dump: Any = getattr(found, "model_dump", None)
    if callable(dump):
        return dump()
    return asdict(found) if is_dataclass(found) and not isinstance(found, type) else found
