"""A folder, and `kumeo` as a process in it: everything that it leaves behind can be looked at."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

KUMEO = str(Path(sys.executable).parent / "kumeo")
Kumeo = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def kumeo(folder: Path) -> Kumeo:
    """Run `kumeo` with more environment variables."""

    def run(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
        known = {k: v for k, v in os.environ.items() if not k.startswith("KUMEO_")}
        return subprocess.run(
            [KUMEO, *arguments],
            cwd=folder,
            env={**known, **environ},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return run
