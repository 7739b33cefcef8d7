"""Logs: JSON lines without payloads and secrets."""

import io
import json
import logging
from typing import Any

import pytest
from kumeo_runtime.observe.logs import json_formatter


def logged(record: logging.LogRecord, secrets: tuple[str, ...] = ()) -> dict[str, Any]:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(json_formatter({"workflow": "Orders"}, secrets))
    handler.handle(record)
    (line,) = stream.getvalue().splitlines()
    return json.loads(line)


def record_of(message: str, *args: Any, error: BaseException | None = None) -> logging.LogRecord:
    info = (type(error), error, error.__traceback__) if error is not None else None
    return logging.LogRecord("kumeo.engine", logging.ERROR, "f.py", 1, message, args, info)


def test_line_says_when_who_and_what() -> None:
    found = logged(record_of("dead letter %s", "x"))
    assert found.pop("time").endswith("Z")
    assert found == {
        "event": "dead letter x",
        "level": "error",
        "logger": "kumeo.engine",
        "workflow": "Orders",
    }


def test_exception_keeps_its_type_and_place_only() -> None:
    def fail() -> None:
        raise ValueError("card 4111")

    try:
        fail()
    except ValueError as caught:
        found = logged(record_of("handler failed", error=caught))
    assert found["error"] == "ValueError"
    assert found["place"].startswith("fail, line ")
    assert "4111" not in json.dumps(found)


def test_secret_is_blacked_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("API_KEY", "sk-12345")
    found = logged(record_of("refused: %s", "Bearer sk-12345"), ("API_KEY",))
    assert found["event"] == "refused: Bearer ***"
