"""The message of `truncated-letter`. A dead letter of an event that nearly fills a message."""

from collections.abc import Callable
from pathlib import Path
from typing import Any


def test_message_is_the_expected_one(scene: Any, golden: Callable[[Path | str, str], None]) -> None:
    event = '{"id": "' + "x" * 1_000_000 + '", "amount": "a lot"}'
    (scene.folder / "events.jsonl").write_text(event + "\n")
    assert "all-failed" in scene.run("--input", "events.jsonl")
    golden("message.txt", scene.kumeo("dlq", "retry", "Orders", "--all"))
