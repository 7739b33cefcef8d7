"""Names in the user's own Python code: files, imports, places."""

import ast
from collections.abc import Mapping

import pytest

from kumeo.frontend.signatures.python_code import BrokenCode, Code


def code(files: Mapping[str, str]) -> Code:
    return Code(lambda path: files[path].encode() if path in files else None)


def name_of(code: Code, module: str, name: str) -> str | None:
    """Return `file:line` of what a name stands for; `?` when it is not known."""
    start = code.module(module)
    assert start is not None
    found = code.find(start, name)
    if found is None or found.node is None:
        return None if found is None else "?"
    return f"{found.module.path}:{found.module.span(found.node).line}"


@pytest.mark.parametrize("path", ["a/b.py", "a/b/__init__.py"])
def test_module_is_a_file_or_a_folder(path: str) -> None:
    assert name_of(code({path: "def f(): ..."}), "a.b", "f") == f"{path}:1"


def test_package_imports_from_its_own_folder() -> None:
    files = {"a/__init__.py": "from .b import f", "a/b.py": "def f(): ..."}
    assert name_of(code(files), "a", "f") == "a/b.py:1"


def test_module_imports_from_the_folder_above() -> None:
    files = {"a/b/c.py": "from ..d import f", "a/d.py": "\ndef f(): ..."}
    assert name_of(code(files), "a.b.c", "f") == "a/d.py:2"


@pytest.mark.parametrize(
    "text",
    [
        "if True:\n    def f(): ...",
        "try:\n    import x\nexcept ImportError:\n    def f(): ...",
        "with a:\n    f: int = 5",
        "def f(): ...\nf = 5",
    ],
)
def test_definition_below_a_condition_counts(text: str) -> None:
    assert name_of(code({"m.py": text}), "m", "f") not in (None, "?")


@pytest.mark.parametrize("text", ["from os import f", "import f", "from os import *"])
def test_name_from_elsewhere_is_not_known(text: str) -> None:
    assert name_of(code({"m.py": text}), "m", "f") == "?"


def test_name_that_is_only_inside_is_none() -> None:
    assert name_of(code({"m.py": "def g():\n    def f(): ..."}), "m", "f") is None


def test_place_of_a_definition_is_its_name() -> None:
    text = "x = 'ä'; y = 1\nasync def f(ä, b: int): ..."
    module = code({"m.py": text}).module("m")
    assert module is not None
    node = module.names["f"]
    assert isinstance(node, ast.AsyncFunctionDef)
    assert module.span(node).text == "f"
    annotation = node.args.args[1].annotation
    assert annotation is not None
    assert module.span(annotation).text == "int"


def test_fault_has_the_line_of_the_file() -> None:
    with pytest.raises(BrokenCode) as caught:
        code({"m.py": "x = 1\ndef f(:\n    pass\n"}).module("m")
    assert caught.value.place is not None
    assert (caught.value.place.line, caught.value.place.text) == (2, "def f(:")


def test_file_is_read_once() -> None:
    asked: list[str] = []

    def read(path: str) -> bytes | None:
        asked.append(path)
        return b"def f(): ..."

    found = Code(read)
    assert found.module("m") is found.module("m")
    assert asked == ["m.py"]
