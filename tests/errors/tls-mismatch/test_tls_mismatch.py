"""The message of `tls-mismatch`. A server without TLS."""

from collections.abc import Callable
from pathlib import Path
from typing import Any


def test_message_is_the_expected_one(
    scene: Any, server: Callable[[dict[str, Any]], str], golden: Callable[[Path | str, str], None]
) -> None:
    url = server({"jetstream": {"store_dir": str(scene.folder / "js")}})
    golden("message.txt", scene.run("--nats", url.replace("nats:", "tls:")))
