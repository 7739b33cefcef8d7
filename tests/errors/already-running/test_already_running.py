"""The message of `already-running`. A second run of one workflow."""

from collections.abc import Callable
from pathlib import Path
from typing import Any


def test_message_is_the_expected_one(scene: Any, golden: Callable[[Path | str, str], None]) -> None:
    from kumeo.tools.running.state import RunLock, StateFolder

    lock = StateFolder(Path(".kumeo")).workflow("Orders").lock_run()
    assert isinstance(lock, RunLock)
    with lock:
        golden("message.txt", scene.run())
