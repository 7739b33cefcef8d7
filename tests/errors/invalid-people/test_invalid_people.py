"""The message of `invalid-people`. A role that does not exist."""

from collections.abc import Callable
from pathlib import Path
from typing import Any


def test_message_is_the_expected_one(scene: Any, golden: Callable[[Path | str, str], None]) -> None:
    (scene.folder / "people.json").write_text('{"people": [{"name": "ana", "roles": ["boss"]}]}')
    golden("message.txt", scene.kumeo("people", "list", "people.json"))
