"""Fixtures for codes that no input file can cause: the text that `kumeo-opt` prints."""

import io
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

PLUGINS = Path(__file__).parent.parent / "unit" / "tools" / "plugins"


@pytest.fixture
def messages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Run `kumeo-opt` and return its messages; the folder for temporary files is `TMP`."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    def run(*arguments: str, stdin: str = "builtin.module {}") -> str:
        from kumeo.tools.kumeo_opt import run as run_tool

        out, err = io.StringIO(), io.StringIO()
        run_tool(list(arguments), stdin, out, err)
        return err.getvalue().replace(str(tmp_path), "TMP")

    return run


@pytest.fixture
def toy_plugin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Install the package `toy-dialect`."""
    monkeypatch.syspath_prepend(PLUGINS / "good")
    yield
    sys.modules.pop("toy_dialect", None)


@pytest.fixture
def broken_plugins(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Install packages each of which is broken in its own way."""
    monkeypatch.syspath_prepend(PLUGINS / "broken")
    yield
    for name in ("import_error", "wrong_object", "duplicate_names", "late_failure"):
        sys.modules.pop(name, None)
