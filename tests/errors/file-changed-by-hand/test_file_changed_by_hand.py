"""The message of `file-changed-by-hand`. An edited file of an earlier build."""

from collections.abc import Callable
from pathlib import Path
from typing import Any


def test_message_is_the_expected_one(scene: Any, golden: Callable[[Path | str, str], None]) -> None:
    assert scene.kumeo("build", "orders.kumeo", "-o", "out") == ""
    (scene.folder / "out" / "README.md").write_text("edited")
    golden("message.txt", scene.kumeo("build", "orders.kumeo", "-o", "out"))
