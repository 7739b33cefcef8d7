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

PROBES = {
    "kumeo-retail": (
        ("-p", "lower-retail"),
        "workflow.subworkflow @S (%price: f64) -> (f64) {\n"
        "  %net = retail.discount %price percent 20.0 : f64\n"
        "  workflow.return %net : f64\n"
        "}\n",
        "data.mul %price",
    ),
}
"""For each package what `kumeo-opt` is told, what it reads and what it prints with the package."""


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


def test_installed_package_gives_kumeo_opt_its_pass_and_dialect(package: Path, site: Path) -> None:
    flags, text, wanted = PROBES[package.name]
    (site.parent / "probe.mlir").write_text(text, encoding="utf-8")
    script = str(Path(sys.executable).parent / "kumeo-opt")
    assert wanted in run_python(script, "probe.mlir", *flags, cwd=site.parent, site=site)


def test_there_is_a_package() -> None:
    assert "kumeo-retail" in PACKAGES
