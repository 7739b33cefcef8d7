"""The helper programs that a `RUN:` line can name."""

import io
from pathlib import Path

import pytest

from kumeo.testing.commands import Program
from kumeo.testing.programs import cat, filecheck


def call(program: Program, arguments: list[str], stdin: str = "") -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    return program(arguments, stdin, out, err), out.getvalue(), err.getvalue()


@pytest.fixture
def checks(tmp_path: Path) -> str:
    file = tmp_path / "checks.txt"
    file.write_text("CHECK: one\nCHECK-NEXT: two\nOTHER: three\n")
    return str(file)


def test_filecheck_all_lines_match_succeeds(checks: str) -> None:
    assert call(filecheck, [checks], "zero\none\ntwo\n") == (0, "", "")


def test_filecheck_planted_failure_fails(checks: str) -> None:
    code, _, err = call(filecheck, [checks], "one\nthree\n")
    assert code == 1
    assert 'Couldn\'t match "two"' in err


def test_filecheck_prefix_selects_lines(checks: str) -> None:
    assert call(filecheck, [checks, "--check-prefix", "OTHER"], "three\n")[0] == 0


def test_filecheck_empty_input_fails(checks: str) -> None:
    assert call(filecheck, [checks], "")[0] == 1


@pytest.mark.parametrize("arguments", [[], ["missing.txt"], ["a", "b"]])
def test_filecheck_wrong_usage_is_2(arguments: list[str]) -> None:
    code, _, err = call(filecheck, arguments, "x")
    assert (code, err[:10]) == (2, "filecheck:")


def test_cat_without_files_prints_the_input() -> None:
    assert call(cat, [], "text") == (0, "text", "")


def test_cat_missing_file_fails() -> None:
    assert call(cat, ["missing.txt"])[0] == 1
