"""The message of `missing-answer`: an agent is called more often than it is mocked."""

from collections.abc import Callable
from pathlib import Path

from kumeo.diagnostics import render_text
from kumeo.interp import World
from kumeo.testing.small_workflows import play


def test_message_is_the_expected_one(golden: Callable[[Path | str, str], None]) -> None:
    body = """%p = data.constant "hi" : !data.str
    %f = agent.llm "m" (prompt = %p) id "f" site "f" : (!data.str) -> i64 loc("a.kumeo":3:5)"""
    run = play(body, [1, 2], World(answers={"f": [1]}))
    golden("second-call.txt", render_text(run.diagnostics))
