"""Pipelines of commands inside this process."""

import sys
from pathlib import Path
from typing import TextIO

import pytest

from kumeo.testing.commands import CRASHED, Command, run_pipeline


def upper(arguments: list[str], stdin: str, stdout: TextIO, stderr: TextIO) -> int:
    stdout.write(stdin.upper())
    return 0


def noisy(arguments: list[str], stdin: str, stdout: TextIO, stderr: TextIO) -> int:
    stdout.write("one ")
    stderr.write("two ")
    stdout.write("three")
    return int(arguments[0]) if arguments else 0


def crash(arguments: list[str], stdin: str, stdout: TextIO, stderr: TextIO) -> int:
    raise ZeroDivisionError("planted")


def leave(arguments: list[str], stdin: str, stdout: TextIO, stderr: TextIO) -> int:
    sys.exit(0)


def stray(arguments: list[str], stdin: str, stdout: TextIO, stderr: TextIO) -> int:
    print("stray")
    return 0


PROGRAMS = {f.__name__: f for f in (upper, noisy, crash, leave, stray)}


def test_pipeline_two_commands_second_reads_first() -> None:
    outcome = run_pipeline([Command("noisy"), Command("upper")], PROGRAMS)
    assert (outcome.code, outcome.out, outcome.err) == (0, "ONE THREE", "two ")


def test_pipeline_first_fails_whole_fails() -> None:
    assert run_pipeline([Command("noisy", ("3",)), Command("upper")], PROGRAMS).code == 3


def test_pipeline_merged_keeps_order() -> None:
    outcome = run_pipeline([Command("noisy", merged=True)], PROGRAMS)
    assert (outcome.out, outcome.err) == ("one two three", "")


@pytest.mark.parametrize(("code", "expected"), [("0", 1), ("2", 0)])
def test_pipeline_not_turns_the_code_around(code: str, expected: int) -> None:
    assert run_pipeline([Command("noisy", (code,), negated=True)], PROGRAMS).code == expected


@pytest.mark.parametrize("negated", [False, True])
@pytest.mark.parametrize("name", ["crash", "leave"])
def test_pipeline_crash_is_a_failure(name: str, negated: bool) -> None:
    outcome = run_pipeline([Command(name, negated=negated)], PROGRAMS)
    assert outcome.code == CRASHED
    assert "Traceback" in outcome.err


def test_pipeline_stray_print_is_caught() -> None:
    assert run_pipeline([Command("stray")], PROGRAMS).out == "stray\n"


def test_pipeline_files_hold_the_streams(tmp_path: Path) -> None:
    source, out, err = (tmp_path / name for name in ("in", "out", "err"))
    source.write_text("abc")
    run_pipeline([Command("upper", stdin=str(source), stdout=str(out))], PROGRAMS)
    outcome = run_pipeline([Command("noisy", stderr=str(err))], PROGRAMS)
    assert (out.read_text(), err.read_text(), outcome.err) == ("ABC", "two ", "")
