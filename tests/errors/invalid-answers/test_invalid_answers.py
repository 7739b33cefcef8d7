"""The message of `invalid-answers`. JSON that ends too early, and a field that does not exist."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("malformed", '{\n  "rules": [\n    { "answers": ["Hello." }\n  ]\n}\n'),
        ("unknown-field", '{ "rules": [{ "answer": "Hello." }] }\n'),
        ("truncated", '{ "rules": [\n  { "answers": ["Hello."\n'),
        ("empty", ""),
        ("inner-field", '{ "rules": [{ "answers": [\n  "a", { "fault": { "stats": 500 } }\n] }] }'),
        ("wrong-type", '{ "rules": [{ "answers": [\n  { "fault": { "status": "no" } }\n] }] }'),
        ("wrong-word", '{ "rules": [{ "answers": ["a"],\n  "then": "stopp" }] }'),
        ("two-contents", '{ "rules": [{ "answers": [\n  { "text": "a", "json": 1 }\n] }] }'),
        ("wrong-pattern", '{ "rules": [{ "prompt": "(", "answers": ["Hello."] }] }\n'),
    ],
)
def test_message_is_the_expected_one(
    scene: Any, golden: Callable[[Path | str, str], None], name: str, text: str
) -> None:
    (scene.folder / "answers.json").write_text(text)
    golden(f"{name}.txt", scene.kumeo("fake-models", "answers.json"))
