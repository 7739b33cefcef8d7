"""The message of `foreign-folder`. A folder with files of somebody else."""

from collections.abc import Callable
from pathlib import Path
from typing import Any


def test_message_is_the_expected_one(scene: Any, golden: Callable[[Path | str, str], None]) -> None:
    (scene.folder / "out").mkdir()
    (scene.folder / "out" / "notes.txt").write_text("mine")
    golden("message.txt", scene.kumeo("build", "orders.kumeo", "-o", "out"))
