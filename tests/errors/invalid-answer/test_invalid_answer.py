"""The message of `invalid-answer`: a mock of the wrong type, found when the agent is called."""

from collections.abc import Callable
from pathlib import Path

from kumeo.diagnostics import render_text
from kumeo.interp import World
from kumeo.testing.small_workflows import play


def test_message_is_the_expected_one(golden: Callable[[Path | str, str], None]) -> None:
    body = """%p = data.constant "hi" : !data.str
    %f = agent.llm "m" (prompt = %p) id "f" site "f" : (!data.str) -> i64 loc("a.kumeo":3:5)"""
    run = play(body, world=World(answers={"f": ["text"]}))
    golden("wrong-type.txt", render_text(run.diagnostics))
