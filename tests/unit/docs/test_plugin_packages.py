"""`examples/plugins/`: each package is installed by pip, then its own tests are run."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[3] / "examples" / "plugins"
PACKAGES = sorted(path.parent.name for path in FOLDER.glob("*/pyproject.toml"))
INSTALL = "pip install --no-deps --no-build-isolation --no-index --disable-pip-version-check"


def run_python(*arguments: str, cwd: Path, site: Path | None = None) -> str:
    """Return what a new process of Python prints, with a folder of packages or without."""
    added = {} if site is None else {"PYTHONPATH": str(site)}
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=cwd,
        env={**os.environ, **added, "NO_COLOR": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


@pytest.fixture(scope="module", params=PACKAGES)
def package(request: pytest.FixtureRequest) -> Path:
    return FOLDER / str(request.param)


@pytest.fixture(scope="module")
def site(package: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder into which pip has installed a package, built from a copy of it."""
    folder = tmp_path_factory.mktemp("installed")
    copy = shutil.copytree(
        package, folder / "source", ignore=shutil.ignore_patterns("__pycache__", "build", "*.egg*")
    )
    run_python("-m", *INSTALL.split(), "--target", str(folder / "site"), str(copy), cwd=folder)
    shutil.rmtree(copy)
    return folder / "site"


def test_installed_package_passes_its_own_tests(package: Path, site: Path) -> None:
    lit = "from lit.main import main; main()"
    printed = run_python("-c", lit, "-v", str(package / "tests"), cwd=site.parent, site=site)
    count = len([p for p in (package / "tests").iterdir() if p.suffix in (".mlir", ".kumeo")])
    assert re.search(rf"Passed: {count}\b", printed)


def test_installed_package_is_listed_by_kumeo_opt(package: Path, site: Path) -> None:
    script = str(Path(sys.executable).parent / "kumeo-opt")
    flags = ("--show-dialects", "--list-passes")
    printed = run_python(script, *flags, cwd=site.parent, site=site)
    assert f"Passes of {package.name}:" in printed
    assert f"Dialects of {package.name}:" in printed


def test_there_is_a_package() -> None:
    assert "kumeo-retail" in PACKAGES
