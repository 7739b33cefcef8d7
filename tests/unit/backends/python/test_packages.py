"""Packages of the examples: formatted, typed, deterministic, without the compiler."""

import ast
import json
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from kumeo.backends.python import Origin, Unprintable, build_python
from kumeo.tools.files import FolderFiles
from kumeo.tools.sources import compile_file, optimise

ROOT = Path(__file__).parents[4]
EXAMPLES = ("fraud_detection", "order_processing", "sensor_monitoring", "text_triage")
LEVELS = ("O0", "O2")


@cache
def built(path: str, level: str) -> dict[str, str | bytes]:
    """Return the package of a workflow."""
    file = str(ROOT / path)
    compiled = compile_file(file, None)
    assert compiled.module is not None, compiled.diagnostics
    optimise(compiled.module, level, "messaging")
    files = FolderFiles.beside(file)
    return build_python(
        compiled.module,
        read_file=files.read,
        origin=Origin(path, "1.2.3"),
        schemas=compiled.type_names,
    )


def write(files: dict[str, str | bytes], folder: Path) -> None:
    for path, content in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content if isinstance(content, bytes) else content.encode())


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with all examples, one folder each."""
    folder = tmp_path_factory.mktemp("packages")
    for name in EXAMPLES:
        for level in LEVELS:
            write(built(f"examples/{name}.kumeo", level), folder / f"{name}_{level}")
    write(built("benchmarks/five_stages.kumeo", "O2"), folder / "five_stages_O2")
    return folder


def ran(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_packages_need_no_formatter(packages: Path) -> None:
    for folder in sorted(packages.iterdir()):
        done = ran("ruff", "format", "--check", "--diff", ".", folder=folder)
        assert done.returncode == 0, f"{folder.name}\n{done.stdout}"


def test_packages_pass_the_linter(packages: Path) -> None:
    for folder in sorted(packages.iterdir()):
        done = ran("ruff", "check", ".", folder=folder)
        assert done.returncode == 0, f"{folder.name}\n{done.stdout}"


def test_packages_pass_the_strict_type_checker(packages: Path) -> None:
    roots = sorted(folder for folder in packages.iterdir() if folder.name.endswith("_O2"))
    config = {
        "include": [folder.name for folder in roots],
        "extraPaths": [str(ROOT / "runtime/python"), *(folder.name for folder in roots)],
        "typeCheckingMode": "strict",
        "pythonVersion": "3.11",
    }
    (packages / "pyrightconfig.json").write_text(json.dumps(config))
    done = ran(
        "pyright", "-p", "pyrightconfig.json", "--pythonpath", sys.executable, folder=packages
    )
    (packages / "pyrightconfig.json").unlink()
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("name", EXAMPLES)
def test_package_imports_the_runtime_and_itself_only(name: str) -> None:
    allowed = {"kumeo_runtime", "typing", "sys", name}
    for path, text in built(f"examples/{name}.kumeo", "O2").items():
        if path.endswith(".py"):
            assert imported(str(text)) <= allowed, path


def imported(text: str) -> set[str]:
    """Return the top packages that a module imports."""
    nodes = list(ast.walk(ast.parse(text)))
    plain = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    froms = {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}
    return {module.partition(".")[0] for module in plain | froms}


def test_package_printed_twice_is_the_same() -> None:
    first = built("examples/order_processing.kumeo", "O2")
    built.cache_clear()
    assert built("examples/order_processing.kumeo", "O2") == first


def test_every_module_says_where_it_is_from() -> None:
    wanted = "# generated from examples/fraud_detection.kumeo by kumeo 1.2.3; do not edit\n"
    files = built("examples/fraud_detection.kumeo", "O2")
    texts = {path: text for path, text in files.items() if path.endswith("n.py")}
    assert all(str(text).startswith(wanted) for text in texts.values())


def test_service_of_fraud_detection_reads_as_expected(
    golden: Callable[[Path | str, str], None],
) -> None:
    files = built("examples/fraud_detection.kumeo", "O2")
    for service in ("source", "assess", "review"):
        text = files[f"fraud_detection/services/{service}.py"]
        golden(ROOT / f"tests/golden/python/fraud_detection_{service}.py", str(text))


def test_model_file_that_is_missing_is_a_diagnostic() -> None:
    file = str(ROOT / "examples/fraud_detection.kumeo")
    module = compile_file(file, None).module
    assert module is not None
    optimise(module, "O2", "messaging")
    with pytest.raises(Unprintable) as refused:
        build_python(module, read_file=lambda path: None, origin=Origin(file, "1"))
    assert refused.value.diagnostic.code == "missing-artifact"


REVIEW_IN_LOOP = """
schema Order { lines: [string] }
workflow Ask {
  source: NATS("orders", schema: Order)
  target: { out: NATS("out") }
  on_error: target.out
  agents: [
    checked = for line in source.lines {
      look = HumanReview(input: line, decisions: ["yes", "no"], timeout: 1h, on_timeout: "no")
      answer = DataProcessor(fields: { line: line, said: look.decision })
    }
    result = DataProcessor(fields: { lines: checked })
    emit result to target.out
  ]
}
"""


def test_review_inside_of_a_loop_is_refused_with_its_place(tmp_path: Path) -> None:
    file = tmp_path / "ask.kumeo"
    file.write_text(REVIEW_IN_LOOP, encoding="utf-8")
    module = compile_file(str(file), None).module
    assert module is not None
    optimise(module, "O2", "messaging")
    with pytest.raises(Unprintable) as refused:
        build_python(module, read_file=lambda path: None, origin=Origin("ask.kumeo", "1"))
    found = refused.value.diagnostic
    assert (found.code, found.headline) == ("not-printable", "`look` has no form in Python")
    assert found.place is not None
    assert "`for`" in (found.help() or "")


def test_records_that_nothing_reads_are_left_out() -> None:
    text = str(built("benchmarks/five_stages.kumeo", "O2")["five_stages/schemas.py"])
    classes = [line for line in text.splitlines() if line.startswith("class ")]
    assert classes == [
        "class Payment(Record, kw_only=True):",
        "class RoutedResult(Record, kw_only=True):",
    ]
