"""Logs as JSON lines: time, level, logger, event, and what the process is.

No payload is logged anywhere in the runtime. Here exceptions lose their text, which may hold one,
and the values of secrets are blacked out.
"""

import logging
import os
import sys
from collections.abc import Iterable, Mapping, MutableMapping
from typing import Any, TextIO, cast

import structlog

Entry = MutableMapping[str, Any]
SHORTEST_SECRET = 4
"""Shorter values stand in too many harmless words."""


def start_logs(
    level: str,
    context: Mapping[str, str],
    secrets: Iterable[str] = (),
    stream: TextIO | None = None,
) -> logging.Handler:
    """Write all logs of the process as JSON lines to a stream (standard error)."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(json_formatter(context, secrets))
    root = logging.getLogger()
    for old in tuple(root.handlers):
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(level.upper())
    # These tell every request at the level of what matters here.
    for chatty in ("httpx", "httpcore", "aiohttp.access"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    return handler


def json_formatter(context: Mapping[str, str], secrets: Iterable[str] = ()) -> logging.Formatter:
    """Return what makes a JSON line of a log record. `secrets` are names of variables."""
    given = dict(context)
    hidden = [
        value for name in secrets if len(value := os.environ.get(name, "")) >= SHORTEST_SECRET
    ]

    def add_context(logger: Any, method: str, entry: Entry) -> Entry:
        return {**entry, **given}

    def black_out(logger: Any, method: str, entry: Entry) -> Entry:
        return {key: _without(value, hidden) for key, value in entry.items()}

    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[structlog.stdlib.add_log_level, structlog.stdlib.add_logger_name],
        processors=[
            _exception,
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
            add_context,
            black_out,
            structlog.processors.JSONRenderer(),
        ],
    )


def _exception(logger: Any, method: str, entry: Entry) -> Entry:
    """Keep the type of an exception and where it was raised."""
    info = entry.pop("exc_info", None)
    record = entry.get("_record")
    if isinstance(record, logging.LogRecord):
        info, record.exc_info, record.exc_text = record.exc_info or info, None, None
    error = cast(tuple[Any, ...], info)[1] if isinstance(info, tuple) else info
    if isinstance(error, BaseException):
        entry["error"] = type(error).__name__
        frame = error.__traceback__
        while frame is not None and frame.tb_next is not None:
            frame = frame.tb_next
        if frame is not None:
            entry["place"] = f"{frame.tb_frame.f_code.co_name}, line {frame.tb_lineno}"
    return entry


def _without(value: Any, hidden: Iterable[str]) -> Any:
    if isinstance(value, str):
        for secret in hidden:
            value = value.replace(secret, "***")
    return value
