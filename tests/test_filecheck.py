"""Runs each file of `tests/filecheck` through lit, as a pytest case of its own."""

import os
import sys
from pathlib import Path

import lit.discovery
import lit.LitConfig
import lit.Test
import pytest

FOLDER = Path(__file__).parent / "filecheck"
CONFIG = lit.LitConfig.LitConfig(
    progname="lit",
    path=[Path(sys.executable).parent],
    diagnostic_level="note",
    useValgrind=False,
    valgrindLeakCheck=False,
    valgrindArgs=[],
    noExecute=False,
    debug=True,
    isWindows=os.name == "nt",
    order="lexical",
    params={},
)
TESTS = {
    "/".join(found.path_in_suite): found
    for found in lit.discovery.find_tests_for_inputs(CONFIG, [str(FOLDER)])
}


def test_discovery_every_test_file_is_found() -> None:
    files = [p for kind in ("*.mlir", "*.kumeo") for p in FOLDER.rglob(kind)]
    names = {p.relative_to(FOLDER).as_posix() for p in files if "Inputs" not in p.parts}
    assert set(TESTS) == names


@pytest.mark.parametrize("name", sorted(TESTS))
def test_file(name: str) -> None:
    found = TESTS[name]
    found.setResult(found.config.test_format.execute(found, CONFIG))
    if found.result.code is lit.Test.UNSUPPORTED:
        report = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        report(found.result.output)
    assert not found.isFailure(), found.result.output
