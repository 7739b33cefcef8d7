"""The message of `no-space`. A server with little room."""

from collections.abc import Callable
from pathlib import Path
from typing import Any


def test_message_is_the_expected_one(
    scene: Any, server: Callable[[dict[str, Any]], str], golden: Callable[[Path | str, str], None]
) -> None:
    jetstream = {"store_dir": str(scene.folder / "js"), "max_file_store": 1 << 20}
    golden("message.txt", scene.run("--nats", server({"jetstream": jetstream})))
