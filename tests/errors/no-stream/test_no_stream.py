"""The message of `no-stream`. A JetStream source without its stream."""

from collections.abc import Callable
from pathlib import Path

from kumeo_runtime.engine.shared import EngineError

from kumeo.diagnostics import render_one
from kumeo.tools.engine_errors import told


def test_message_is_the_expected_one(golden: Callable[[Path | str, str], None]) -> None:
    error = EngineError(
        "no-stream", "source `orders` reads the stream ORDRES, which does not exist", "create it"
    )
    golden("message.txt", render_one(told(error)))
