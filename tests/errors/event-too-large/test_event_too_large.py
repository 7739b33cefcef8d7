"""The message of `event-too-large`. An input with a line of ten megabytes."""

from collections.abc import Callable
from pathlib import Path
from typing import Any


def test_message_is_the_expected_one(scene: Any, golden: Callable[[Path | str, str], None]) -> None:
    large = '{"id": "' + "x" * 10_000_000 + '", "amount": 1}'
    (scene.folder / "events.jsonl").write_text('{"id": "1", "amount": 1}\n' + large + "\n")
    text = scene.run("--input", "events.jsonl", "--output", "-")
    golden("message.txt", text)
    assert scene.output.count('"target"') == 1
