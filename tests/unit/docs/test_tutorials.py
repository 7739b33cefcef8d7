"""`docs/tutorials/`: all that a page shows is done, in its order, in a folder of its own.

A block with a title is a file. In a `console` block each line after `$` is a command with its
output below it. `pip install` writes what makes a package known and builds nothing; `lit` is
started as a process; all other commands run here. `--update-golden` writes what the commands print,
except where the text on the page still fits.
"""

import importlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

import pytest

from kumeo.testing import PROGRAMS, run_pipeline
from kumeo.testing.documents import CodeBlock, blocks_of, commands_of, output_fits
from kumeo.testing.lit_inprocess import parse_pipeline
from kumeo.testing.packages import forget, write_dist_info

ROOT = Path(__file__).parents[3]
PAGES = sorted((ROOT / "docs" / "tutorials").glob("*.md"))
EXAMPLES = ROOT / "examples"


def pip(arguments: list[str], stdin: str, stdout: TextIO, stderr: TextIO) -> int:
    package = Path(arguments[-1]).resolve()
    site = Path.cwd() / "site"
    write_dist_info((package / "pyproject.toml").read_text("utf-8"), site)
    sys.path[:0] = [str(package), str(site)]
    importlib.invalidate_caches()
    return 0


def lit(arguments: list[str], stdin: str, stdout: TextIO, stderr: TextIO) -> int:
    command = [sys.executable, "-c", "from lit.main import main; main()", *arguments]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    stdout.write(done.stdout)
    stderr.write(done.stderr)
    return done.returncode


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Add the programs of tutorials, and leave nothing of their packages behind."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setitem(PROGRAMS, "pip", pip)
    monkeypatch.setitem(PROGRAMS, "lit", lit)
    (tmp_path / "examples").symlink_to(EXAMPLES)
    yield
    forget(tmp_path)


def output_of(command: str) -> str:
    pipeline = parse_pipeline(command)
    assert pipeline is not None, command
    done = run_pipeline(pipeline, PROGRAMS)
    text = "".join(f"{line.rstrip()}\n" for line in (done.out + done.err).splitlines())
    return text + (f"# exit code {done.code}\n" if done.code else "")


def save(block: CodeBlock, folder: Path) -> None:
    assert block.title is not None
    file = folder / block.title
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(block.text, encoding="utf-8")
    forget(folder)


@pytest.mark.parametrize("page", [pytest.param(page, id=page.stem) for page in PAGES])
@pytest.mark.usefixtures("programs")
def test_tutorial_does_what_it_says(
    page: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    text = page.read_text(encoding="utf-8")
    wrong: list[str] = []
    for block in blocks_of(text):
        if block.title is not None:
            save(block, tmp_path)
        for command, expected in commands_of(block.text) if block.language == "console" else ():
            actual = output_of(command)
            if not output_fits(expected, actual):
                wrong.append(f"$ {command}\n{actual}")
                text = text.replace(f"$ {command}\n{expected}", f"$ {command}\n{actual}", 1)
    if request.config.getoption("--update-golden"):
        page.write_text(text, encoding="utf-8")
        return
    assert wrong == []


@pytest.mark.parametrize("page", [pytest.param(page, id=page.stem) for page in PAGES])
def test_tutorial_blocks_are_all_run(page: Path) -> None:
    blocks = blocks_of(page.read_text(encoding="utf-8"))
    idle = [b.line for b in blocks if b.title is None and b.language != "console"]
    assert blocks != []
    assert idle == []
