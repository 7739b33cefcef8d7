"""The message of `invalid-override`: a configuration value of the wrong type."""

from collections.abc import Callable
from pathlib import Path

from kumeo.diagnostics import render_text
from kumeo.interp import World
from kumeo.testing.small_workflows import play


def test_message_is_the_expected_one(golden: Callable[[Path | str, str], None]) -> None:
    declared = 'workflow.config @limit : i64 = 5 : i64 loc("a.kumeo":7:3)'
    run = play("", world=World(config={"limit": "high"}), declarations=declared)
    golden("wrong-type.txt", render_text(run.diagnostics))
