"""The message of `server-failed`. A file where the server wants a folder."""

from collections.abc import Callable
from pathlib import Path
from typing import Any


def test_message_is_the_expected_one(scene: Any, golden: Callable[[Path | str, str], None]) -> None:
    (scene.folder / ".kumeo" / "server").mkdir(parents=True)
    (scene.folder / ".kumeo" / "server" / "jetstream").write_text("")
    golden("message.txt", scene.run())
