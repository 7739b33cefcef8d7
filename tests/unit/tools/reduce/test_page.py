"""`docs/kumeo-reduce.md`: its commands print what the page says."""

from pathlib import Path

import pytest

from kumeo.testing import PROGRAMS, run_pipeline
from kumeo.testing.documents import blocks_of, commands_of
from kumeo.testing.lit_inprocess import parse_pipeline
from kumeo.tools.reduce.main import make_parser

PAGE = Path(__file__).parents[4] / "docs" / "kumeo-reduce.md"


def fits(expected: str, actual: str) -> bool:
    start, mark, end = expected.partition("...\n")
    return actual.startswith(start) and actual.endswith(end) if mark else actual == expected


def printed(command: str) -> str:
    commands = parse_pipeline(command)
    assert commands is not None, command
    outcome = run_pipeline(commands, PROGRAMS)
    code = f"# exit code {outcome.code}\n" if outcome.code else ""
    return outcome.out + outcome.err + code


def test_commands_print_what_the_page_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    count = 0
    for block in blocks_of(PAGE.read_text()):
        if block.title:
            Path(block.title).write_text(block.text)
        for command, expected in commands_of(block.text) if block.language == "console" else ():
            actual = printed(command)
            assert fits(expected, actual), f"$ {command}\n{actual}"
            count += 1
    assert count == 3


def test_options_are_on_the_page() -> None:
    page = PAGE.read_text()
    names = [
        action.option_strings[-1] for action in make_parser()._actions if action.option_strings
    ]
    assert [n for n in names if n not in page] == ["--output", "--help"]
