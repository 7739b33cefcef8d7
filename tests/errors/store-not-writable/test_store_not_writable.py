"""The message of `store-not-writable`. A state folder below a file."""

from collections.abc import Callable
from pathlib import Path
from typing import Any


def test_message_is_the_expected_one(scene: Any, golden: Callable[[Path | str, str], None]) -> None:
    golden("message.txt", scene.run("--state", "orders.kumeo/state"))
