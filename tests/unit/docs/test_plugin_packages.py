"""`examples/plugins/`: each package is made known to the tools, and its own tests are run."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from kumeo.testing.packages import write_dist_info

FOLDER = Path(__file__).parents[3] / "examples" / "plugins"
PACKAGES = sorted(path.parent.name for path in FOLDER.glob("*/pyproject.toml"))


def environment(package: Path, site: Path) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": f"{package}{os.pathsep}{site}", "NO_COLOR": "1"}


@pytest.mark.parametrize("name", PACKAGES)
def test_package_passes_its_own_tests(name: str, tmp_path: Path) -> None:
    package = FOLDER / name
    write_dist_info((package / "pyproject.toml").read_text("utf-8"), tmp_path)
    command = [
        sys.executable,
        "-c",
        "from lit.main import main; main()",
        "-v",
        str(package / "tests"),
    ]
    done = subprocess.run(
        command,
        cwd=tmp_path,
        env=environment(package, tmp_path),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    count = len([p for p in (package / "tests").iterdir() if p.suffix in (".mlir", ".kumeo")])
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(rf"Passed: {count}\b", done.stdout)


def test_there_is_a_package() -> None:
    assert "kumeo-retail" in PACKAGES
