"""The message of `port-in-use`. A port that somebody listens on."""

from collections.abc import Callable
from pathlib import Path
from typing import Any


def test_message_is_the_expected_one(scene: Any, golden: Callable[[Path | str, str], None]) -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        golden("message.txt", scene.run("--port", str(taken.getsockname()[1])))
