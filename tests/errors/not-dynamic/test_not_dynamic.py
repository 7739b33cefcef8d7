"""The message of `not-dynamic`. A constant of the run that is to change."""

from collections.abc import Callable
from pathlib import Path
from typing import Any


def test_message_is_the_expected_one(scene: Any, golden: Callable[[Path | str, str], None]) -> None:
    golden("message.txt", scene.kumeo("config", "set", "orders.kumeo", "limit", "5.0"))
