"""The message of `jetstream-off`. A server without JetStream."""

from collections.abc import Callable
from pathlib import Path
from typing import Any


def test_message_is_the_expected_one(
    scene: Any, server: Callable[[dict[str, Any]], str], golden: Callable[[Path | str, str], None]
) -> None:
    golden("message.txt", scene.run("--nats", server({})))
