"""The message of `run-failed`. More copies than there are servers."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


def test_message_is_the_expected_one(
    scene: Any, golden: Callable[[Path | str, str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KUMEO_REPLICAS", "3")
    golden("message.txt", scene.run())
