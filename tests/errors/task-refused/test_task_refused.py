"""The message of `task-refused`. Somebody else has the task."""

from collections.abc import Callable
from pathlib import Path
from typing import Any


def test_message_is_the_expected_one(scene: Any, golden: Callable[[Path | str, str], None]) -> None:
    import json

    (scene.folder / "events.jsonl").write_text('{"id": "1", "amount": 500}\n')
    assert scene.run("--input", "events.jsonl") == ""
    assert scene.kumeo("tasks", "list", "Orders", "--json") == ""
    task = json.loads(scene.output)["id"]
    assert scene.kumeo("tasks", "claim", "Orders", task, "--by", "ana") == ""
    golden("message.txt", scene.kumeo("tasks", "decide", "Orders", task, "approve", "--by", "ben"))
