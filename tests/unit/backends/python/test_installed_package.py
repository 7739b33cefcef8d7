"""A built package, installed with pip, runs without the compiler."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from kumeo.backends.python import Origin, build_python
from kumeo.tools.files import FolderFiles
from kumeo.tools.sources import compile_file, optimise

ROOT = Path(__file__).parents[4]
NO_COMPILER = "import sys; sys.modules['kumeo'] = None; import runpy; sys.argv[0] = 'x'; "


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder into which pip has installed the package of fraud detection."""
    folder, target = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("installed")
    file = str(ROOT / "examples/fraud_detection.kumeo")
    module = compile_file(file, None).module
    assert module is not None
    optimise(module, "O2", "messaging")
    origin = Origin("fraud_detection.kumeo", "1.2.3")
    files = build_python(module, read_file=FolderFiles.beside(file).read, origin=origin)
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content if isinstance(content, bytes) else content.encode())
    options = ["--no-deps", "--no-build-isolation", "--no-index", "--quiet", "--target"]
    command = [sys.executable, "-m", "pip", "install", *options, str(target), str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return target


def started(installed: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    code = f"{NO_COMPILER}sys.argv[1:] = {list(arguments)}; "
    code += "runpy.run_module('fraud_detection', run_name='__main__')"
    path = os.pathsep.join([str(installed), str(ROOT / "runtime/python")])
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=installed,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_installed_package_help_names_its_services(installed: Path) -> None:
    done = started(installed, "--help")
    assert done.returncode == 0, done.stderr
    assert "FraudDetection" in done.stdout
    assert "source, " in done.stdout


def test_installed_package_lists_its_services(installed: Path) -> None:
    done = started(installed, "--list")
    assert done.stdout.splitlines()[0] == "source"


def test_installed_package_holds_its_models(installed: Path) -> None:
    code = "from fraud_detection.digests import ARTIFACTS; print(*ARTIFACTS, sep='\\n')"
    names = subprocess.run(
        [sys.executable, "-c", code], cwd=installed, capture_output=True, text=True, check=True
    ).stdout.split()
    assert names
    assert all((installed / "fraud_detection/artifacts" / name).is_file() for name in names)


def test_installed_package_unknown_service_is_refused(installed: Path) -> None:
    done = started(installed, "nobody")
    assert done.returncode == 1
    assert "error[unknown-service]" in done.stderr
