"""The message of `store-locked`. A living holder of the lock that does not answer."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


def test_message_is_the_expected_one(
    scene: Any, monkeypatch: pytest.MonkeyPatch, golden: Callable[[Path | str, str], None]
) -> None:
    import os

    from kumeo_runtime.embedded import Connection, StoreFolder

    from kumeo.tools.running import store

    monkeypatch.setattr(store, "WAIT_S", 0.1)
    folder = StoreFolder(scene.folder / ".kumeo" / "server")
    folder.prepare()
    lock = folder.try_lock()
    assert lock is not None
    folder.write_connection(Connection("nats://127.0.0.1:1", "t", 4711, 4711))
    golden("message.txt", scene.run())
    os.close(lock)
