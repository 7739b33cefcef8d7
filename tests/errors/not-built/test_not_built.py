"""The message of `not-built`. A misspelt name of a workflow."""

from collections.abc import Callable
from pathlib import Path
from typing import Any


def test_message_is_the_expected_one(scene: Any, golden: Callable[[Path | str, str], None]) -> None:
    assert scene.kumeo("build", "orders.kumeo", "-o", ".kumeo/Orders/build") == ""
    golden("message.txt", scene.kumeo("tail", "Ordres"))
