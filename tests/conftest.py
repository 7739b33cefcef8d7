"""Options and fixtures for all tests."""

import difflib
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

IN_CI = os.environ.get("CI", "") not in ("", "0", "false")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden", action="store_true", help="rewrite the expected files of golden tests"
    )


def pytest_configure(config: pytest.Config) -> None:
    if IN_CI and config.getoption("--update-golden"):
        raise pytest.UsageError("--update-golden rewrites what CI has to compare with")


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[Path | str, str], None]:
    """Compare a text with an expected file, or rewrite the file under `--update-golden`.

    A relative path is relative to the folder of the test.
    """
    update = bool(request.config.getoption("--update-golden"))

    def compare(path: Path | str, actual: str) -> None:
        file = request.path.parent / path
        if update:
            write_if_changed(file, actual)
            return
        if not file.exists():
            pytest.fail(f"{file.name} is missing; `make golden` writes it\n\n{actual}")
        expected = file.read_bytes().decode("utf-8")
        assert actual == expected, difference(file.name, expected, actual)

    return compare


def write_if_changed(file: Path, text: str) -> None:
    data = text.encode("utf-8")
    if file.exists() and file.read_bytes() == data:
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)


def difference(name: str, expected: str, actual: str) -> str:
    lines = difflib.unified_diff(
        expected.splitlines(keepends=True),
        actual.splitlines(keepends=True),
        f"{name} (expected)",
        "actual",
    )
    return f"the text differs from {name}; `make golden` rewrites it\n\n{''.join(lines)}"


@pytest.fixture(scope="session")
def mlir_opt() -> str:
    """Path of LLVM's `mlir-opt`. CI installs it; elsewhere its tests say that it is missing."""
    found = shutil.which("mlir-opt") or shutil.which("mlir-opt-16")
    if found is None:
        report_missing("mlir-opt is not installed (Debian: apt-get install mlir-16-tools)")
    return found


def report_missing(reason: str) -> None:
    if IN_CI:
        pytest.fail(reason)
    pytest.skip(reason)
