"""The message of `subject-taken`. A stream that takes everything."""

from collections.abc import Callable
from pathlib import Path
from typing import Any


def test_message_is_the_expected_one(
    scene: Any, server: Callable[[dict[str, Any]], str], golden: Callable[[Path | str, str], None]
) -> None:
    url = server({"jetstream": {"store_dir": str(scene.folder / "js")}})
    scene.with_stream(url, name="EVERYTHING", subjects=["kumeo.>"])
    golden("message.txt", scene.run("--nats", url))
