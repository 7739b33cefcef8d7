"""The message of `system-unsupported`. A system without what the embedded server needs."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


def test_message_is_the_expected_one(
    scene: Any, monkeypatch: pytest.MonkeyPatch, golden: Callable[[Path | str, str], None]
) -> None:
    from types import SimpleNamespace

    from kumeo_runtime.embedded import server

    monkeypatch.setattr(server, "os", SimpleNamespace(name="nt"))
    golden("message.txt", scene.run())
