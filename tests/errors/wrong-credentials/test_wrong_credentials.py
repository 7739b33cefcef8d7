"""The message of `wrong-credentials`. A server with another password."""

from collections.abc import Callable
from pathlib import Path
from typing import Any


def test_message_is_the_expected_one(
    scene: Any,
    server: Callable[[dict[str, Any]], str],
    golden: Callable[[Path | str, str], None],
) -> None:
    url = server({"authorization": {"user": "u", "password": "p"}})
    golden("message.txt", scene.run("--nats", url.replace("//", "//u:wrong@")))
