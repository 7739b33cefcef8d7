"""The message of `server-missing`. No `nats-server` anywhere."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


def test_message_is_the_expected_one(
    scene: Any, monkeypatch: pytest.MonkeyPatch, golden: Callable[[Path | str, str], None]
) -> None:
    from kumeo_runtime.embedded import binary

    monkeypatch.setattr(binary, "_candidates", lambda: iter([scene.folder / "nats-server"]))
    golden("message.txt", scene.run())
