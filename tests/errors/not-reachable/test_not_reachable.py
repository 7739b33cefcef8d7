"""The message of `not-reachable`. A URL where nothing listens."""

from collections.abc import Callable
from pathlib import Path
from typing import Any


def test_message_is_the_expected_one(scene: Any, golden: Callable[[Path | str, str], None]) -> None:
    golden("message.txt", scene.run("--nats", "nats://127.0.0.1:1"))
