"""The message of `unknown-override`: a value for an entry that is not there."""

from collections.abc import Callable
from pathlib import Path

from kumeo.diagnostics import render_text
from kumeo.interp import World
from kumeo.testing.small_workflows import play


def test_message_is_the_expected_one(golden: Callable[[Path | str, str], None]) -> None:
    declared = "workflow.config @limit : i64 = 5 : i64"
    run = play("", world=World(config={"limt": 1}), declarations=declared)
    golden("misspelt.txt", render_text(run.diagnostics))
