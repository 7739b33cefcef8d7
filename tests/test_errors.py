"""Every diagnostic as the user sees it: `errors/CODE/CASE.kumeo` and the text in `CASE.err`.

A case is a `.kumeo` file (run by `kumeo check`), an `.mlir` file (run by `kumeo-opt`), or a
folder with `main.kumeo` or `main.mlir` and the files that it needs; the folder's text is in
`CASE.err` beside it. A line `// RUN: kumeo-opt %s -p nonsense` replaces the command. Names that
start with `_` are no cases. A code that no input file can cause has a `test_*.py` in its folder.
"""

import contextlib
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from kumeo.testing import PROGRAMS, Command, run_pipeline
from kumeo.testing.commands import CRASHED
from kumeo.testing.lit_inprocess import parse_pipeline
from kumeo.tools.codes import all_codes

FOLDER = Path(__file__).parent / "errors"
RUN = re.compile(rb"^// RUN: (.*?)\r?$", re.MULTILINE)
INPUTS = (".kumeo", ".mlir")


def is_case(path: Path) -> bool:
    if path.name.startswith("_"):
        return False
    return path.suffix in INPUTS if path.is_file() else main_of(path) is not None


def main_of(folder: Path) -> Path | None:
    mains = [folder / f"main{suffix}" for suffix in INPUTS]
    return next((main for main in mains if main.exists()), None)


def command_of(file: Path) -> tuple[Command, ...]:
    written = RUN.search(file.read_bytes())
    default = "kumeo check %s" if file.suffix == ".kumeo" else "kumeo-opt %s"
    line = written[1].decode("utf-8") if written else default
    commands = parse_pipeline(line.replace("%s", file.name))
    assert commands is not None, f"{file}: only a shell can run `{line}`"
    return commands


def rendered(file: Path) -> str:
    """The diagnostics of one file; a crash of the tool fails the test."""
    with contextlib.chdir(file.parent):
        outcome = run_pipeline(command_of(file), PROGRAMS)
    assert outcome.code != CRASHED, outcome.err
    has_error = re.search(r"^error\[", outcome.out + outcome.err, re.MULTILINE) is not None
    assert (outcome.code != 0) == has_error, f"exit code {outcome.code}\n{outcome.err}"
    return outcome.out + outcome.err if file.suffix == ".kumeo" else outcome.err


CASES = {
    path.relative_to(FOLDER).as_posix(): path
    for path in sorted(FOLDER.glob("*/*"))
    if is_case(path)
}


@pytest.mark.parametrize("name", sorted(CASES))
def test_case(name: str, golden: Callable[[Path, str], None]) -> None:
    path = CASES[name]
    text = rendered(path if path.is_file() else main_of(path) or path)
    assert f"[{path.parent.name}]" in text, f"the case does not show its code:\n{text}"
    golden(path.with_name(f"{path.stem}.err"), text)


@pytest.mark.parametrize("code", sorted(all_codes()))
def test_code_has_a_case(code: str) -> None:
    folder = FOLDER / code
    files = list(folder.glob("*")) if folder.is_dir() else []
    assert any(is_case(path) or path.match("test_*.py") for path in files)


def test_folders_name_known_codes_only() -> None:
    folders = {path.name for path in FOLDER.iterdir() if path.is_dir() and path.name[0] not in "._"}
    assert folders <= set(all_codes())


def test_expected_files_belong_to_a_case() -> None:
    expected = {path.with_suffix("") for path in FOLDER.glob("*/*.err")}
    assert expected == {path.parent / path.stem for path in CASES.values()}
