"""The message of `run-failed`. A URL of something that is no message store."""

from collections.abc import Callable
from pathlib import Path
from typing import Any


def test_message_is_the_expected_one(scene: Any, golden: Callable[[Path | str, str], None]) -> None:
    golden("message.txt", scene.run("--nats", "http://127.0.0.1:8222"))
