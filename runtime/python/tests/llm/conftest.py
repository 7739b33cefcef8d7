"""Files of fixtures that `make golden` rewrites."""

from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[Path, str], None]:
    """Compare a text with a file, or rewrite the file under `--update-golden`."""
    update = bool(request.config.getoption("--update-golden", default=False))

    def compare(file: Path, actual: str) -> None:
        if update:
            file.write_text(actual, "utf-8")
        assert file.read_text("utf-8") == actual, f"`make golden` rewrites {file.name}"

    return compare
