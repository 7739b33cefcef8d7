"""The `golden` fixture and its option, in a small suite of their own."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CONFTEST = Path(__file__).parents[2] / "conftest.py"


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    shutil.copy(CONFTEST, tmp_path)
    (tmp_path / "test_it.py").write_text("def test_it(golden):\n    golden('a.txt', 'new\\r\\n')\n")
    return tmp_path


def run_pytest(folder: Path, *options: str, ci: str = "") -> tuple[int, str]:
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-c", os.devnull]
    environment = {**os.environ, "CI": ci}
    environment.pop("PYTEST_ADDOPTS", None)
    done = subprocess.run(
        [*command, f"--rootdir={folder}", *options, str(folder)],
        capture_output=True,
        text=True,
        env=environment,
    )
    return done.returncode, done.stdout + done.stderr


def test_golden_equal_text_passes(suite: Path) -> None:
    (suite / "a.txt").write_bytes(b"new\r\n")
    assert run_pytest(suite)[0] == 0


@pytest.mark.parametrize("expected", [b"old\n", b"new\n"])
def test_golden_other_text_fails_with_a_diff(suite: Path, expected: bytes) -> None:
    (suite / "a.txt").write_bytes(expected)
    code, shown = run_pytest(suite)
    assert code == 1
    assert "the text differs from a.txt" in shown


def test_golden_missing_file_fails(suite: Path) -> None:
    code, shown = run_pytest(suite)
    assert code == 1
    assert "a.txt is missing; `make golden` writes it" in shown


def test_golden_update_writes_the_file(suite: Path) -> None:
    assert run_pytest(suite, "--update-golden")[0] == 0
    assert (suite / "a.txt").read_bytes() == b"new\r\n"


def test_golden_update_in_ci_is_refused(suite: Path) -> None:
    code, shown = run_pytest(suite, "--update-golden", ci="true")
    assert code == 4
    assert "rewrites what CI has to compare with" in shown
