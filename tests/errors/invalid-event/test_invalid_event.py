"""The message of `invalid-event`. An event of another shape."""

from collections.abc import Callable
from pathlib import Path
from typing import Any


def test_message_is_the_expected_one(scene: Any, golden: Callable[[Path | str, str], None]) -> None:
    event = '{"id": "1", "amount": "a lot"}'
    golden("message.txt", scene.kumeo("publish", "orders.kumeo", "source", event))
