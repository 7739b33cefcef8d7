"""The message of `no-such-id`. An event that is not there."""

from collections.abc import Callable
from pathlib import Path
from typing import Any


def test_message_is_the_expected_one(scene: Any, golden: Callable[[Path | str, str], None]) -> None:
    golden("message.txt", scene.kumeo("trace", "orders.kumeo", "nothing"))
