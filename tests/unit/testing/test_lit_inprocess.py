"""The lit format: what runs in this process, what goes to the shell, and that both can fail."""

import os
import pickle
import subprocess
import sys
from pathlib import Path

import pytest

from kumeo.testing import Command
from kumeo.testing.lit_inprocess import InProcess, parse_pipeline

LIT = "from lit.main import main; main()"
CONFIG = """
import os, sys
from lit.formats import ShTest
from kumeo.testing.lit_inprocess import InProcess
config.name = "planted"
config.test_exec_root = os.path.join(os.path.dirname(__file__), "out")
config.suffixes = [".txt"]
config.test_format = ShTest(False) if lit_config.params.get("shell") == "1" else InProcess(False)
config.environment["PATH"] = os.path.dirname(sys.executable) + os.pathsep + os.environ["PATH"]
"""


def test_parse_pipeline_all_supported_shapes() -> None:
    text = "not kumeo-opt a.mlir -p 'x,y{z=1}' 2>&1 | filecheck a.mlir --check-prefix X"
    assert parse_pipeline(text) == (
        Command("kumeo-opt", ("a.mlir", "-p", "x,y{z=1}"), negated=True, merged=True),
        Command("filecheck", ("a.mlir", "--check-prefix", "X")),
    )


def test_parse_pipeline_redirections_name_files() -> None:
    expected = (Command("kumeo", ("fmt",), stdin="a", stdout="b", stderr="c"),)
    assert parse_pipeline("kumeo fmt < a > b 2> c") == expected


@pytest.mark.parametrize(
    "text",
    ["kumeo a && kumeo b", "python -c 1", "kumeo *.kumeo", "kumeo a >> b", "not"],
)
def test_parse_pipeline_shell_only_gives_none(text: str) -> None:
    assert parse_pipeline(text) is None


def test_format_survives_pickling() -> None:
    assert isinstance(pickle.loads(pickle.dumps(InProcess(False))), InProcess)


def run_lit(folder: Path, text: str, *options: str) -> str:
    (folder / "lit.cfg").write_text(CONFIG)
    (folder / "case.txt").write_text(text)
    command = [sys.executable, "-c", LIT, "-v", *options, str(folder)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    return done.stdout + done.stderr


@pytest.mark.parametrize("shell", ["0", "1"])
@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("RUN: cat %s | filecheck %s\nabc\nCHECK: {{^}}abc\n", "PASS"),
        ("RUN: cat %s | filecheck %s\nabc\nCHECK: {{^}}planted\n", "FAIL"),
        ("RUN: cat %s > %t\nRUN: cat < %t | not filecheck %s\nCHECK: {{^}}planted\n", "PASS"),
        ("RUN: cat %s && cat %s-missing\n", "FAIL"),
        ("RUN: not cat missing 2>&1 | filecheck %s\nCHECK: issing\nXFAIL: *\n", "XPASS"),
        ("REQUIRES: nothing-has-this\nRUN: cat %s\n", "UNSUPPORTED"),
        ("no command here\n", "UNRESOLVED"),
    ],
)
def test_lit_same_verdict_here_and_in_the_shell(
    tmp_path: Path, text: str, verdict: str, shell: str
) -> None:
    assert f"{verdict}: planted :: case.txt" in run_lit(tmp_path, text, f"-Dshell={shell}")


def test_lit_failure_shows_command_and_reason(tmp_path: Path) -> None:
    shown = run_lit(tmp_path, "RUN: cat %s | filecheck %s\nCHECK: {{^}}planted\n")
    assert "command failed with code 1" in shown
    assert "planted" in shown
