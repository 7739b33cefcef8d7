"""The message of `invalid-config`. A limit that is no number."""

from collections.abc import Callable
from pathlib import Path
from typing import Any


def test_message_is_the_expected_one(scene: Any, golden: Callable[[Path | str, str], None]) -> None:
    golden("message.txt", scene.run("--config", "limit=high"))
