"""Rules of house style that no other tool checks, for every file under version control."""

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FILE_LINES_MAX = 400
FUNCTION_LINES_MAX = 40

FLAT_TABLES: frozenset[str] = frozenset()
"""Functions that are one flat table and so may be long, as `path:name`."""

IMPORT_NAMES = {
    "kumeo-runtime": "kumeo_runtime",
    "protobuf": "google",
    "pyyaml": "yaml",
    "scikit-learn": "sklearn",
}
"""Distributions whose module has another name."""

# Written in pieces, so that this file passes its own test.
MACHINE_PATHS = ["/" + name + "/" for name in ("work", "root", "tmp", "home/[a-z]+")]
REGISTRIES = [
    name.replace(" ", r"\.")
    for name in (
        "pypi org",
        "pythonhosted org",
        "npmjs org",
        "npmjs com",
        "crates io",
        "proxy golang org",
        "repo1 maven org",
        "deb debian org",
    )
]
FORBIDDEN = re.compile("|".join(rf"(?<![\w.]){text}" for text in [*MACHINE_PATHS, *REGISTRIES]))


def tracked(*patterns: str) -> list[Path]:
    command = ["git", "-C", str(ROOT), "ls-files", "-z", "--", *patterns]
    listed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    files = [ROOT / name for name in listed.split("\0") if name]
    return [file for file in files if file.is_file()]


def short(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()


def is_text(file: Path) -> bool:
    return b"\0" not in file.read_bytes()[:4096]


def modules(*patterns: str) -> list[tuple[str, ast.Module, int]]:
    read = [(short(file), file.read_text("utf-8")) for file in tracked(*patterns)]
    return [(name, ast.parse(text), text.count("\n")) for name, text in read]


def functions(tree: ast.AST) -> list[ast.FunctionDef]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]


def test_files_no_machine_path_and_no_registry_host() -> None:
    found = [
        f"{short(file)}:{number}: {line.strip()}"
        for file in tracked()
        if is_text(file)
        for number, line in enumerate(file.read_text("utf-8", "replace").splitlines(), 1)
        if FORBIDDEN.search(line)
    ]
    assert found == []


@pytest.mark.parametrize("text", ["see " + "/" + "tmp/x", "https://" + "pypi" + ".org/simple"])
def test_forbidden_text_is_recognised(text: str) -> None:
    assert FORBIDDEN.search(text)


@pytest.mark.parametrize("text", ["models/tmp/x.onnx", "https://kumeo.example", "homework"])
def test_harmless_text_is_accepted(text: str) -> None:
    assert not FORBIDDEN.search(text)


def test_modules_have_a_docstring() -> None:
    assert [name for name, tree, _ in modules("*.py") if not ast.get_docstring(tree)] == []


def test_long_modules_say_why() -> None:
    """A module above the limit says in its docstring why it is one file."""
    long = [(n, ast.get_docstring(t) or "") for n, t, lines in modules("*.py") if lines > 400]
    assert [name for name, text in long if "one file" not in text.lower()] == []


def test_functions_are_short() -> None:
    found = [
        f"{name}:{function.name} has {size} lines"
        for name, tree, _ in modules("kumeo/*.py", "scripts/*.py", "benchmarks/*.py")
        for function in functions(tree)
        if (size := lines_of(function)) > FUNCTION_LINES_MAX
        if f"{name}:{function.name}" not in FLAT_TABLES
    ]
    assert found == []


def lines_of(function: ast.FunctionDef) -> int:
    """Lines of the body, without the docstring."""
    has_docstring = ast.get_docstring(function) is not None
    body = function.body[1:] if has_docstring else function.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def test_imports_are_declared_dependencies() -> None:
    """The compiler imports what a plain installation or the extra `models` brings."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    declared = project["dependencies"] + project["optional-dependencies"]["models"]
    named = {re.split(r"[^\w-]", text)[0] for text in declared}
    allowed = {IMPORT_NAMES.get(name, name) for name in named} | {"kumeo", *sys.stdlib_module_names}
    found = [
        f"{name}: {module}"
        for name, tree, _ in modules("kumeo/*.py")
        if not name.startswith("kumeo/testing/")
        for module in imported(tree)
        if module.split(".")[0] not in allowed
    ]
    assert found == []


def imported(tree: ast.Module) -> set[str]:
    nodes = list(ast.walk(tree))
    plain = {alias.name for n in nodes if isinstance(n, ast.Import) for alias in n.names}
    return plain | {n.module or "" for n in nodes if isinstance(n, ast.ImportFrom)}


def test_tests_can_fail() -> None:
    """Each test asserts, expects an exception, or calls a helper that does."""
    found: list[str] = []
    for name, tree, _ in modules("tests/*.py"):
        checkers = checking_functions(tree)
        found += [f"{name}:{f}" for f in names_of_tests(tree) if f not in checkers]
    assert found == []


def names_of_tests(tree: ast.Module) -> list[str]:
    return [f.name for f in functions(tree) if f.name.startswith("test_")]


def checking_functions(tree: ast.Module) -> set[str]:
    """Names of the functions that can fail by themselves or through one another."""
    all_functions = functions(tree)
    found = {"golden", "fail", "raises", "check"}
    while True:
        more = {f.name for f in all_functions if f.name not in found and can_fail(f, found)}
        if not more:
            return found
        found |= more


def can_fail(function: ast.FunctionDef, checkers: set[str]) -> bool:
    return any(isinstance(n, ast.Assert) or called(n) in checkers for n in ast.walk(function)) or (
        any((called(n) or "").startswith(("assert_", "check_")) for n in ast.walk(function))
    )


def called(node: ast.AST) -> str | None:
    if not isinstance(node, ast.Call):
        return None
    match node.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("def test_a(): assert True", True),
        ("def test_a():\n with pytest.raises(E): f()", True),
        ("def test_a(): helper()\ndef helper(): assert 1", True),
        ("def test_a(): helper()", False),
    ],
)
def test_checking_functions_cases(text: str, expected: bool) -> None:
    assert ("test_a" in checking_functions(ast.parse(text))) == expected
