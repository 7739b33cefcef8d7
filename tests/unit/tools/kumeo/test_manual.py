"""`docs/kumeo.md`: every example is run; `make golden` rewrites what the commands print."""

import io
import re
import shlex
from collections.abc import Callable
from pathlib import Path

from kumeo.tools.kumeo import COMMANDS, run

MANUAL = Path(__file__).parents[4] / "docs" / "kumeo.md"
BLOCK = re.compile(r"^```(console|kumeo (\S+))\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def run_commands(block: str) -> str:
    """The lines of a block that start with `$`, each with what the command prints now."""
    commands = [line for line in block.splitlines() if line.startswith("$ ")]
    return "".join(f"{command}\n{output_of(command)}" for command in commands)


def output_of(command: str) -> str:
    name, *arguments = shlex.split(command.removeprefix("$ "))
    assert name == "kumeo"
    out = io.StringIO()
    run(arguments, "", out, out)
    text = out.getvalue().rstrip("\n")
    return text + "\n" if text else ""


def executed(text: str) -> str:
    """The page with the files of its blocks written and its commands run, top to bottom."""

    def replace(block: re.Match[str]) -> str:
        if block[2] is not None:
            Path(block[2]).write_text(block[3], "utf-8")
            return block[0]
        return f"```console\n{run_commands(block[3])}```"

    return BLOCK.sub(replace, text)


def test_manual_shows_what_the_commands_print(
    folder: Path, golden: Callable[[Path | str, str], None]
) -> None:
    golden(MANUAL, executed(MANUAL.read_text("utf-8")))


def test_manual_has_a_chapter_for_each_command() -> None:
    text = MANUAL.read_text("utf-8")
    assert [name for name in COMMANDS if f"\n## `kumeo {name}`" not in text] == []
