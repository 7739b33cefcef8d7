"""The message of `unknown-workflow`: the module has no workflow of this name."""

from collections.abc import Callable
from pathlib import Path

from kumeo.diagnostics import render_text
from kumeo.interp import World, run
from kumeo.testing.small_workflows import module_of


def test_message_is_the_expected_one(golden: Callable[[Path | str, str], None]) -> None:
    result = run(module_of(""), "Fraud", [], World())
    golden("misspelt.txt", render_text(result.diagnostics))
