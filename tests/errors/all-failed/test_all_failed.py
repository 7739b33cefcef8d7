"""The message of `all-failed`. An input whose events have other fields."""

from collections.abc import Callable
from pathlib import Path
from typing import Any


def test_message_is_the_expected_one(scene: Any, golden: Callable[[Path | str, str], None]) -> None:
    (scene.folder / "events.jsonl").write_text('{"name": "a"}\n{"name": "b"}\n')
    golden("message.txt", scene.run("--input", "events.jsonl"))
