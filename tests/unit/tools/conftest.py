"""Fixtures of the tests of the tools."""

import io
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

PLUGINS = Path(__file__).parent / "plugins"


class Ran(NamedTuple):
    """What `kumeo-opt` did."""

    code: int
    out: str
    err: str


Opt = Callable[..., Ran]


@pytest.fixture
def opt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Opt:
    """Run `kumeo-opt` in an empty folder; files that it makes without being told stay there."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    def run(*arguments: str, stdin: str = "") -> Ran:
        from kumeo.tools.kumeo_opt import run as run_tool

        out, err = io.StringIO(), io.StringIO()
        code = run_tool(list(arguments), stdin, out, err)
        return Ran(code, out.getvalue(), err.getvalue())

    return run


@pytest.fixture
def good_plugin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Install a package with a dialect and passes that work."""
    monkeypatch.syspath_prepend(PLUGINS / "good")
    yield
    forget("toy_dialect")


@pytest.fixture
def broken_plugins(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Install packages each of which is broken in its own way."""
    monkeypatch.syspath_prepend(PLUGINS / "broken")
    yield
    forget("import_error", "wrong_object", "duplicate_names", "late_failure")


def forget(*names: str) -> None:
    for name in names:
        sys.modules.pop(name, None)
