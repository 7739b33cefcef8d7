"""`docs/kumeo-opt.md`: its commands are run, and it has an example of every flag.

A block with a title is a file. In a `console` block each line after `$` is a command, and what
follows is its output and then its messages; `...` stands for any text. A line `# exit code N` is
there when the code is not 0. `--update-golden` writes what the commands print, except where the
text on the page still fits.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from kumeo.testing import PROGRAMS, run_pipeline
from kumeo.testing.lit_inprocess import parse_pipeline
from kumeo.tools.options import make_parser

PAGE = Path(__file__).parents[3] / "docs" / "kumeo-opt.md"
BLOCK = re.compile(r"^```(\w+)(?: title=(\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", re.MULTILINE)


def actual_output(command: str) -> str:
    commands = parse_pipeline(command)
    assert commands is not None, command
    outcome = run_pipeline(commands, PROGRAMS)
    code = f"# exit code {outcome.code}\n" if outcome.code else ""
    text = "".join(line.rstrip() + "\n" for line in (outcome.out + outcome.err).splitlines())
    return text + code


def fits(expected: str, actual: str) -> bool:
    pattern = re.escape(expected).replace(re.escape("...\n"), "(.*\n)*?")
    return re.fullmatch(pattern.replace(re.escape("..."), ".*"), actual) is not None


def rerun(page: str) -> Iterator[tuple[str, str, str]]:
    """Yield each command with the output on the page and the real one; write the files."""
    for match in BLOCK.finditer(page):
        language, title, body = match.groups()
        if title:
            Path(title).write_text(body)
        if language == "console":
            for command, expected in COMMAND.findall(body):
                yield command, expected, actual_output(command)


def test_commands_print_what_the_page_says(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    page = PAGE.read_text()
    wrong: list[str] = []
    for command, expected, actual in rerun(page):
        if fits(expected, actual):
            continue
        wrong.append(f"$ {command}\n{actual}")
        page = page.replace(f"$ {command}\n{expected}", f"$ {command}\n{actual}", 1)
    if request.config.getoption("--update-golden"):
        PAGE.write_text(page)
        return
    assert wrong == []


def test_every_flag_is_in_a_command() -> None:
    commands = " ".join(command for command, _ in COMMAND.findall(PAGE.read_text()))
    page = PAGE.read_text()
    options = [action.option_strings for action in make_parser()._actions]
    for names in options:
        assert all(f"`{name}" in page or name in commands for name in names), names
        assert not names or any(re.search(rf"{name}\b", commands) for name in names), names


@pytest.mark.parametrize(
    ("expected", "actual", "result"),
    [
        ("a\n", "a\n", True),
        ("a\n", "a\nb\n", False),
        ("a\n...\n", "a\nb\nc\n", True),
        ("a\n...\nd\n", "a\nb\nc\n", False),
        ("a ... c\n", "a b c\n", True),
        ("a ... c\n", "a b\nc\n", False),
    ],
)
def test_fits_cases(expected: str, actual: str, result: bool) -> None:
    assert fits(expected, actual) == result
